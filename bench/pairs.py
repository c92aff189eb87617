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

from scipy.stats import t as student

CONFIDENCE = 0.95
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
        both_sides = (1 + CONFIDENCE) / 2
        reach = float(student.ppf(both_sides, len(logs) - 1)) * stdev(logs) / math.sqrt(len(logs))
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
