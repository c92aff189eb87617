"""What a flip may do to those who ask an edge meanwhile, and what it does."""

from pathlib import Path

from bench.edgebench import results
from bench.edgebench.results import FlipLoad, Result
from bench.edgebench.winners import names
from bench.goals import NOT_JUDGED, Verdict, at_most, word
from bench.load.judge import thresholds

HOW = (
    "These times are those of an edge at its limit: 32 connections that always have a request waiting, straight to its one "
    "process and without Caddy, while `sync`, the simulated Rentman, Valkey and wrk share its cores; of all bursts of four "
    "seconds the worst counts."
)


def judged(path: Path) -> list[Verdict]:
    return flips(results.load(path))


def flips(result: Result) -> list[Verdict]:
    """Nothing of a short run."""
    if result.smoke:
        return []
    limits = thresholds().edge.flip_p99_ms
    return [
        at_most(_goal(one), limits[str(one.listings)], one.p99_ms)
        for one in result.flip_loads
        if str(one.listings) in limits
    ]


def told(result: Result) -> str:
    """How the p99 of flips is measured, where it is later than visitors are promised, and its limits."""
    if not result.flip_loads:
        return ""
    promised = thresholds().page.p99_ms
    late = [one for one in result.flip_loads if one.p99_ms > promised]
    kept = [one for one in result.flip_loads if one.p99_ms <= promised]
    said = [HOW]
    if late:
        said.append(
            f"Asked like that while one price changes, **the {promised:g} ms that visitors are promised do not hold** at "
            f"{names([_at(one) for one in late])}."
        )
    if kept:
        said.append(f"They hold at {names([_at(one) for one in kept])}.")
    return " ".join([*said, _held(result)])


def _held(result: Result) -> str:
    verdicts, limits = flips(result), thresholds().edge.flip_p99_ms
    each = (
        f"{limits[str(one.listings)]:g} ms at {one.listings:,}: {word(verdicts, _goal(one))}"
        for one in result.flip_loads
        if str(one.listings) in limits
    )
    return f"The limits of this p99: {'; '.join(each) or NOT_JUDGED}."


def _at(one: FlipLoad) -> str:
    return f"{one.listings:,} listings ({one.p99_ms:.1f} ms)"


def _goal(one: FlipLoad) -> str:
    return f"p99 ms while an edge flips, {one.listings:,} listings"
