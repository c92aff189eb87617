"""Pairs of one round each: by how much one server is dearer than another, and whether the rounds can tell.

Both of a pair met the same minute, so their ratio is what is compared. Rounds differ by other work on
the machine; an interval says how far their mean may be from the truth. It is Student's, of logarithms,
for half as dear is as far from alike as twice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Literal

CONFIDENCE = 0.95
STUDENT = (  # of both sides 95 %, by degrees of freedom from one; tables of the distribution have more
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
Word = Literal["cheaper", "alike", "dearer"]
RULE = (
    "Cheaper or dearer are those whose 95 % interval of the mean paired ratio (Student's, of logarithms) is "
    "all on one side of 1; the rounds cannot tell the others apart."
)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ratios of paired rounds."""

    ratios: tuple[float, ...]

    @classmethod
    def of(cls, ratios: Sequence[float]) -> "Pairs":
        if not ratios or min(ratios) <= 0:
            raise ValueError(f"no ratios: {list(ratios)}")
        return cls(tuple(ratios))

    @property
    def median(self) -> float:
        return median(self.ratios)

    @property
    def interval(self) -> tuple[float, float]:
        """Within which the mean ratio lies; a single pair says nothing."""
        logs = [math.log(ratio) for ratio in self.ratios]
        if len(logs) == 1:
            return 0.0, math.inf
        freedom = min(len(logs) - 1, len(STUDENT))
        reach = STUDENT[freedom - 1] * stdev(logs) / math.sqrt(len(logs))
        return math.exp(fmean(logs) - reach), math.exp(fmean(logs) + reach)

    @property
    def word(self) -> Word:
        least, most = self.interval
        if most < 1:
            return "cheaper"
        return "dearer" if least > 1 else "alike"

    @property
    def no_dearer(self) -> int:
        return sum(ratio <= 1 for ratio in self.ratios)
