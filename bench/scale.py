"""What grows with the number of listings, and whether it grows as they do: from results to a table."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bench.capacity import flip_bytes
from bench.cycle.report import Pass
from bench.edgebench import winners
from bench.edgebench.render import table
from bench.edgebench.results import Flip, Result, Size
from bench.edgebench.stages import ANY, EDGE
from bench.query.report import ALL, Kind

Point = tuple[int, float]  # of listings
SLACK = (
    0.1  # of the exponent: ten times the listings are 8 to 12.6 times as much, and still linear
)
RULE = (
    f"How many times more for ten times the listings, between two sizes: {10 ** (1 - SLACK):.1f} to {10 ** (1 + SLACK):.1f} is "
    "linear, less is sub-linear, more is super-linear"
)
PASSES = {"first": "first pass", "again": "pass with nothing new"}


@dataclass(frozen=True, slots=True)
class Curve:
    """Medians, by listings."""

    name: str
    unit: str
    points: Sequence[Point]

    def steps(self) -> list["Step"]:
        return [Step(*one) for one in pairwise(self.points)]


@dataclass(frozen=True, slots=True)
class Step:
    """From one size to the next."""

    here: Point
    there: Point

    @property
    def exponent(self) -> float:
        """1 where it grows as the listings do."""
        (few, less), (many, more) = self.here, self.there
        return math.log(more / less) / math.log(many / few)

    @property
    def word(self) -> str:
        if abs(self.exponent - 1) <= SLACK:
            return "linear"
        return "sub-linear" if self.exponent < 1 else "super-linear"


def curves(edge: Result, kinds: Iterable[Kind], passes: Iterable[Pass]) -> list[Curve]:
    """Those that have more than one point."""
    whole = [one for one in kinds if one.name == ALL]
    found = [
        *_passes(passes),
        Curve("edge, flip", "s", _calm(edge, lambda one: one.seconds)),
        Curve("edge, CPU of a flip", "s", _calm(edge, lambda one: one.cpu_s or 0.0)),
        Curve("edge, bytes of a flip", "kB", _scaled(flip_bytes(edge), 1e-3)),
        *_sizes(edge.sizes),
        Curve("edge, CPU of a look-up", "us", _lookups(edge)),
        Curve("first-time query, p50", "ms", sorted((one.listings, one.p50) for one in whole)),
        Curve("first-time query, p99", "ms", sorted((one.listings, one.p99) for one in whole)),
    ]
    return [one for one in found if len(one.points) > 1 and all(y > 0 for _, y in one.points)]


def rendered(found: Sequence[Curve]) -> str:
    """A column for each size, and one for each step between two."""
    sizes = sorted({listings for curve in found for listings, _ in curve.points})
    spans = list(pairwise(sizes))
    head = (
        "What grows",
        *(f"{size:,}" for size in sizes),
        *(f"{few:,} to {many:,}, a tenfold" for few, many in spans),
    )
    rows = [
        [
            f"{curve.name}, {curve.unit}",
            *(_figure(dict(curve.points).get(size)) for size in sizes),
            *(_grown(curve, span) for span in spans),
        ]
        for curve in found
    ]
    return f"{RULE}. Medians.\n\n{table(head, rows)}"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def _grown(curve: Curve, span: tuple[int, int]) -> str:
    for step in curve.steps():
        if (step.here[0], step.there[0]) == span:
            return f"× {10**step.exponent:.1f}, {step.word}"
    return "–"


def _passes(passes: Iterable[Pass]) -> list[Curve]:
    """Of `sync`: into an empty store, and with nothing new."""
    every = list(passes)
    return [
        Curve(
            f"sync, {what}",
            "s",
            _medians((one.listings, one.seconds) for one in every if one.kind == kind),
        )
        for kind, what in PASSES.items()
    ]


def _sizes(sizes: Sequence[Size]) -> list[Curve]:
    def of(figure: Callable[[Size], float]) -> list[Point]:
        return sorted((size.listings, figure(size)) for size in sizes)

    return [
        Curve("edge, memory at rest", "MiB", of(lambda one: one.memory_bytes / 2**20)),
        Curve("edge, cold start", "s", of(lambda one: median(one.cold_start_s))),
        Curve("snapshot", "MiB", of(lambda one: one.payload_bytes / 2**20)),
    ]


def _calm(edge: Result, figure: Callable[[Flip], float]) -> list[Point]:
    """Of flips without load."""
    return _medians((one.listings, figure(one)) for one in edge.flips if one.cpu_s is not None)


def _lookups(edge: Result) -> list[Point]:
    return _medians((one.listings, one.cpu_us) for one in winners.of(edge, EDGE, ANY))


def _scaled(figures: Mapping[int, float], by: float) -> list[Point]:
    return [(listings, figure * by) for listings, figure in sorted(figures.items())]


def _medians(found: Iterable[Point]) -> list[Point]:
    by_size: dict[int, list[float]] = {}
    for listings, figure in found:
        by_size.setdefault(listings, []).append(figure)
    return [(listings, median(figures)) for listings, figures in sorted(by_size.items())]
