"""What was measured, in a form that can be added up: over seconds, kinds of request, and machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from hdrh.histogram import HdrHistogram

LOWEST_US, HIGHEST_US, DIGITS = 1, 120_000_000, 3
PAGE, PICTURE = "page", "picture"  # totals; and the name of every request for a picture
PERCENTILES = (50.0, 90.0, 99.0, 99.9)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Times in milliseconds, of whole answers."""

    requests: int
    errors: int
    hits: int  # answered without working anything out, as Cache-Status says
    unchanged: int = 0  # answered 304
    bytes: int  # of bodies, as they were sent
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    longest_ms: float


class Second(msgspec.Struct, frozen=True, kw_only=True):
    at: int  # seconds since the load began
    requests: int
    errors: int
    users: int = 0  # who are there; 0: nobody counted
    p50_ms: float
    p99_ms: float


def _histogram() -> HdrHistogram:
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


@dataclass(slots=True)
class Tally:
    """Of one kind of request, or of one second."""

    errors: int = 0
    hits: int = 0
    unchanged: int = 0
    bytes: int = 0
    times: HdrHistogram = field(default_factory=_histogram)

    def add(
        self, took_ms: float, *, size: int, hit: bool, failed: bool, unchanged: bool = False
    ) -> None:
        self.errors += failed
        self.hits += hit
        self.unchanged += unchanged
        self.bytes += size
        self.times.record_value(max(LOWEST_US, min(HIGHEST_US, int(took_ms * 1000))))

    def merge(self, other: "Tally") -> None:
        self.errors += other.errors
        self.hits += other.hits
        self.unchanged += other.unchanged
        self.bytes += other.bytes
        self.times.add(other.times)

    def packed(self) -> dict[str, int | str]:
        """For a Locust worker to send to its master."""
        return {
            "errors": self.errors,
            "hits": self.hits,
            "unchanged": self.unchanged,
            "bytes": self.bytes,
            "times": self.times.encode().decode(),
        }

    def summary(self) -> Summary:
        p50, p90, p99, p999 = (self._ms(at) for at in PERCENTILES)
        return Summary(
            requests=self.times.get_total_count(),
            errors=self.errors,
            hits=self.hits,
            unchanged=self.unchanged,
            bytes=self.bytes,
            p50_ms=p50,
            p90_ms=p90,
            p99_ms=p99,
            p999_ms=p999,
            longest_ms=self.times.get_max_value() / 1000,
        )

    def second(self, at: int, users: int) -> Second:
        found = self.summary()
        return Second(
            at=at,
            requests=found.requests,
            errors=found.errors,
            users=users,
            p50_ms=found.p50_ms,
            p99_ms=found.p99_ms,
        )

    def _ms(self, percentile: float) -> float:
        return float(self.times.get_value_at_percentile(percentile)) / 1000


def unpacked(sent: Mapping[str, int | str]) -> Tally:
    counts = {name: int(sent[name]) for name in ("errors", "hits", "unchanged", "bytes")}
    return Tally(**counts, times=HdrHistogram.decode(str(sent["times"])))
