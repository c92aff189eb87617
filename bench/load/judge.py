"""A run against its thresholds: what was promised, what came, and whether that will do."""

import math
import statistics
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.goals import Verdict, at_least, at_most
from bench.load.tally import Summary

THRESHOLDS = Path(__file__).with_name("thresholds.toml")


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What each part of the stack holds of its own at one moment (`processes.own_bytes`)."""

    at_s: float
    bytes: dict[str, int]


class All(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    errors: int
    hits: float
    unchanged: float | None = None  # of revisits
    growth: float | None = None  # of memory; `growth` says how it is counted


class Times(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    p99_ms: float
    p50_ms: float | None = None


class FirstPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    complete_ms: float


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    p99_ms: float
    of_peer: dict[str, float]  # by listings; the median of the rounds' ratios


class Cycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    peak_bytes: int
    calls: float
    seconds: dict[str, float]  # by listings


class Trouble(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    published: float  # of changes, the share that came as generations


class Hour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hits: float
    wrong: int


class Failover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    late: float
    published: dict[str, float]  # by listings


class Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cpu_of_stock: float  # the median
    cpu_of_stock_least: float  # the lower end of the interval


class Edge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    flip_p99_ms: dict[str, float]  # by listings


class Pictures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cpu_of_sharp: float
    cpu_of_defaults: float


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    all: All
    page: Times
    picture: Times
    first_page: FirstPage
    query: Query
    cycle: Cycle
    hour: Hour
    failover: Failover
    trouble: Trouble
    front: Front
    edge: Edge
    pictures: Pictures


def thresholds(profile: str = "", path: Path = THRESHOLDS) -> Thresholds:
    """Those of every profile, but for what `instead.PROFILE` says."""
    read = tomllib.loads(path.read_text())
    instead = read.pop("instead")
    for section, limits in instead.get(profile, {}).items():
        read[section] = read.get(section, {}) | limits
    return msgspec.convert(read, Thresholds)


def judge(
    limits: Thresholds, totals: Mapping[str, Summary], settled: Mapping[str, Summary]
) -> list[Verdict]:
    """Both have `page` and `picture`: the whole run's, of which errors count, and the settled part's, of
    which hits and times do; a kind that nobody asked for keeps nothing. Hits are those of pages alone:
    pictures are files, which the Caddyfile calls hits without asking."""
    page, picture = totals["page"], totals["picture"]
    pages = settled["page"]
    share = pages.hits / pages.requests if pages.requests else 0.0
    return [
        at_most("errors", limits.all.errors, page.errors + picture.errors),
        at_least("hits", limits.all.hits, share),
        *_times("page", limits.page, settled["page"]),
        *_times("picture", limits.picture, settled["picture"]),
    ]


def unchanged(limit: float, revisits: Summary | None) -> Verdict:
    """Of those who asked whether a page has changed, the share that was told no."""
    asked = revisits.requests if revisits else 0
    share = revisits.unchanged / asked if revisits and asked else 0.0
    return at_least("revisits unchanged", limit, share)


def growth(memory: Sequence[Memory], part: str, until_s: float) -> float:
    """By which share a part's last quarter of the time holds more than its third one, medians of each.
    Before that, memory is filled with what is meant to stay there. `ValueError` for too few looks."""

    def held(begin: float, end: float) -> float:
        looks = [one.bytes[part] for one in memory if begin <= one.at_s / until_s < end]
        if not any(looks):
            raise ValueError(f"nobody looked at the memory of {part} then")
        return statistics.median(looks)

    return held(0.75, math.inf) / held(0.5, 0.75) - 1


def steady(
    limit: float, memory: Sequence[Memory], parts: Iterable[str], until_s: float
) -> list[Verdict]:
    return [
        at_most(f"growth of {part}'s memory", limit, growth(memory, part, until_s))
        for part in parts
    ]


def _times(kind: str, limits: Times, found: Summary) -> list[Verdict]:
    verdicts = [at_most(f"{kind} p99 ms", limits.p99_ms, found.p99_ms, asked=found.requests)]
    if limits.p50_ms is not None:
        verdicts.append(
            at_most(f"{kind} p50 ms", limits.p50_ms, found.p50_ms, asked=found.requests)
        )
    return verdicts
