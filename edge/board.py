"""What this edge has done, counted in memory that all its processes share.

Each thread that answers has a row of its own, so counting takes no lock; a row outlives the process
that filled it, so counters never go back when one is replaced. Whichever process is asked adds all
rows up.
"""

import mmap
import time
from bisect import bisect_left
from collections.abc import Callable
from itertools import count

ROUTES = ("page", "list", "picture", "health", "other")
STATUSES = (200, 204, 206, 301, 304, 308, 400, 404, 405, 406, 414, 416, 429, 503)
BOUNDS_US = (50, 100, 250, 1_000, 5_000, 25_000, 100_000)  # of the time to make a reply
GAUGES = (
    "pid",
    "starts",
    "generation",
    "published_at",
    "checked_at",
    "flips",
    "faults",
    "tree_generation",
    "beat",
)
WORD = 8  # bytes: signed, 64 bits

_COUNTS, _STATUS_SLOTS = 0, len(STATUSES) + 1  # the last: any other status
_BUCKETS, _BUCKET_SLOTS = len(ROUTES) * _STATUS_SLOTS, len(BOUNDS_US) + 1  # the last: +Inf
_NANOSECONDS = _BUCKETS + len(ROUTES) * _BUCKET_SLOTS
_BYTES = _NANOSECONDS + len(ROUTES)
_WIDTH = _BYTES + len(ROUTES)
_STATUS = {status: slot for slot, status in enumerate(STATUSES)}
_ROUTE = {route: slot for slot, route in enumerate(ROUTES)}

Tally = Callable[[str, int, int, int], None]


class Board:
    """Made before the processes are forked."""

    def __init__(self, processes: int, threads: int) -> None:
        self.processes, self._threads = processes, threads
        words = processes * (len(GAUGES) + threads * _WIDTH)
        self._cells = memoryview(mmap.mmap(-1, words * WORD)).cast("q")

    def tallies(self, process: int) -> Callable[[], Tally]:
        """A maker of tallies for the threads of one process; those above the plan share the last."""
        numbers = count()

        def make() -> Tally:
            thread = min(next(numbers), self._threads - 1)
            return _tally(self._cells, self._row(process, thread))

        return make

    def started(self, process: int, pid: int) -> None:
        starts = self.gauges(process)["starts"]
        self.note(process, dict.fromkeys(GAUGES, 0) | {"pid": pid, "starts": starts + 1})

    def silent_s(self, process: int) -> float:
        """Since it last noted anything, by the clock that `beat` is of."""
        return time.monotonic() - self.gauges(process)["beat"]

    def note(self, process: int, gauges: dict[str, int]) -> None:
        start = self._gauges(process)
        for name, value in (gauges | {"beat": int(time.monotonic())}).items():
            self._cells[start + GAUGES.index(name)] = value

    def gauges(self, process: int) -> dict[str, int]:
        start = self._gauges(process)
        return {name: self._cells[start + slot] for slot, name in enumerate(GAUGES)}

    def totals(self) -> "Totals":
        rows = [
            self._cells[start : start + _WIDTH]
            for start in (
                self._row(process, thread)
                for process in range(self.processes)
                for thread in range(self._threads)
            )
        ]
        return Totals([sum(cells) for cells in zip(*rows, strict=True)])

    def _gauges(self, process: int) -> int:
        return process * len(GAUGES)

    def _row(self, process: int, thread: int) -> int:
        first = self.processes * len(GAUGES)
        return first + (process * self._threads + thread) * _WIDTH


def _tally(cells: memoryview, start: int) -> Tally:
    """Count one reply: its route, status, length in bytes, and the nanoseconds it took."""
    counts, buckets = start + _COUNTS, start + _BUCKETS
    nanoseconds, sizes = start + _NANOSECONDS, start + _BYTES
    other = len(STATUSES)

    def add(route: str, status: int, size: int, taken_ns: int) -> None:
        which = _ROUTE[route]
        cells[counts + which * _STATUS_SLOTS + _STATUS.get(status, other)] += 1
        cells[buckets + which * _BUCKET_SLOTS + bisect_left(BOUNDS_US, taken_ns // 1000)] += 1
        cells[nanoseconds + which] += taken_ns
        cells[sizes + which] += size

    return add


class Totals:
    """The sums over every thread of every process."""

    def __init__(self, cells: list[int]) -> None:
        self._cells = cells

    def replies(self, route: str) -> dict[str, int]:
        """By status; `other` for one that has no column of its own."""
        start = _COUNTS + _ROUTE[route] * _STATUS_SLOTS
        names = [*map(str, STATUSES), "other"]
        return dict(zip(names, self._cells[start : start + _STATUS_SLOTS], strict=True))

    def buckets(self, route: str) -> list[tuple[str, int]]:
        """Cumulative, by upper bound in seconds."""
        start = _BUCKETS + _ROUTE[route] * _BUCKET_SLOTS
        found, total = [], 0
        names = [*(str(bound / 1e6) for bound in BOUNDS_US), "+Inf"]
        for name, number in zip(names, self._cells[start : start + _BUCKET_SLOTS], strict=True):
            total += number
            found.append((name, total))
        return found

    def seconds(self, route: str) -> float:
        return self._cells[_NANOSECONDS + _ROUTE[route]] / 1e9

    def bytes(self, route: str) -> int:
        return self._cells[_BYTES + _ROUTE[route]]
