"""Where more of a crowd brings no more answers: the least crowd that reaches nine tenths of the greatest rate."""

from collections.abc import Sequence
from dataclasses import dataclass

SHARE = 0.9
RULE = f"The knee is the least that reaches {SHARE:.0%} of the greatest rate"


@dataclass(frozen=True, slots=True)
class Point:
    """`crowd`: of connections, or of visitors."""

    crowd: int
    rate: float
    p50_ms: float
    p99_ms: float


def knee(points: Sequence[Point]) -> Point:
    greatest = max(point.rate for point in points)
    enough = (point for point in points if point.rate >= SHARE * greatest)
    return min(enough, key=lambda point: point.crowd)


def late(points: Sequence[Point], promised_ms: float) -> Point | None:
    """The least crowd whose p99 is later than promised."""
    slow = (point for point in points if point.p99_ms > promised_ms)
    return min(slow, key=lambda point: point.crowd, default=None)
