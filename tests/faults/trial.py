"""One fault: visitors come, it is injected, held and healed; then what they saw is judged."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.reliability.__main__ import LINES
from bench.reliability.matrix import MATRIX
from tests.conftest import eventually
from tests.faults.site import News, Site
from tests.faults.visitors import Log, crowd

BEFORE_S, AFTER_S = 0.4, 0.3  # of an ordinary day, around the fault
RECOVERS_S = 20.0  # on the worst of machines; what it took is in the line
MIXED_S = 3.0  # edges may be that far apart: one poll, and the longest wait after a fault


@dataclass
class Trial:
    site: Site
    key: str
    log: Log
    held_s: float = 0.0
    recovery_s: float = 0.0
    refuses: bool = False  # whether some answers need an edge that is not there
    errors: int = 0  # that are to be expected, at most
    mixed_s: float = MIXED_S
    news: list[News] = field(default_factory=list)
    more: dict[str, float] = field(default_factory=dict)
    healed_at: float = 0.0

    def hold(self, seconds: float, *, news: bool = True) -> None:
        """Let the fault last, while something changes at the source."""
        began = time.monotonic()
        if news:
            self.news.append(self.site.news())
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        self.held_s += time.monotonic() - began

    def healed(self) -> None:
        self.healed_at = time.monotonic()

    def recovered(self, within_s: float = RECOVERS_S) -> None:
        """Whatever changed meanwhile is on every page."""
        began = self.healed_at or time.monotonic()
        news = self.news or [self.site.news()]
        for one in news:
            eventually(one.arrived, within_s)
        self.recovery_s = time.monotonic() - began

    def line(self, lost: int) -> dict[str, object]:
        log = self.log
        figures = {
            "held_s": self.held_s,
            "requests": log.requests,
            "errors": log.errors,
            "refused": log.refused,
            "worst_ms": log.worst_s * 1000,
            "max_age_s": log.oldest_s,
            "mixed_s": log.mixed_s,
            "recovery_s": self.recovery_s,
            "lost": lost,
        } | self.more
        return {"fault": self.key} | {name: round(value, 2) for name, value in figures.items()}


@contextmanager
def trial(site: Site, key: str) -> Iterator[Trial]:
    """`key`: which fault of the matrix. The site is whole again when the block ends, or fails."""
    assert key in MATRIX, key
    site.proven = False
    with crowd(site.port, site.homes) as log:
        time.sleep(BEFORE_S)
        made = Trial(site, key, log)
        yield made
        time.sleep(AFTER_S)
    lost = len(set(site.homes) - site.ids()) + sum(not news.arrived() for news in made.news)
    keep(made.line(lost))
    judge(made, lost)
    site.proven = True


def keep(line: dict[str, object]) -> None:
    LINES.parent.mkdir(exist_ok=True)
    with LINES.open("a") as lines:
        lines.write(json.dumps(line) + "\n")


def judge(made: Trial, lost: int) -> None:
    log = made.log
    assert log.broken == [], log.broken[:5]
    assert log.errors <= made.errors, log.faults[:5]
    assert log.refused == 0 or made.refuses
    assert log.mixed_s <= made.mixed_s, log.mixed
    assert lost == 0
    assert log.requests > 20
