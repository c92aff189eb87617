"""What the cache bench finds, and its tables."""

from pathlib import Path

import msgspec

from bench import cli, goals
from bench.cache.hour import Hour
from bench.cache.tiers import Tier
from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.goals import Verdict, at_least, at_most
from bench.load.judge import thresholds

TITLES = (
    *("Subject", "Answered by", "Body, bytes", "Requests/s", "CPU us, median", "CPU us, least"),
    *("p99 ms", "Memory MB"),
)
HITS, WRONG = "share of the hour from a cache", "wrong answers of the hour"


class Result(msgspec.Struct, kw_only=True):
    machine: Machine
    smoke: bool = False  # little and quick: its figures are no figures
    made_at: str = ""
    commit: str = ""
    tiers: list[Tier] = []
    hour: Hour | None = None
    done: list[str] = []


def load(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


def judged(result: Result) -> list[Verdict]:
    """The hour, where there is one; nothing of a short run. A wrong answer is no miss, so it counts
    by itself."""
    if result.smoke or result.hour is None:
        return []
    limits = thresholds().hour
    return [
        at_least(HITS, limits.hits, result.hour.share),
        at_most(WRONG, limits.wrong, result.hour.wrong),
    ]


def into(result: Result, page: Path) -> None:
    cli.into(page, "cache", rendered(result))


def rendered(result: Result) -> str:
    found = result.machine
    parts = [
        f"{result.made_at}, commit {result.commit}; {found.cores} shared cores of {found.cpu}."
        + (" A short run." if result.smoke else "")
    ]
    tiers = table(TITLES, [_row(tier) for tier in result.tiers])
    parts.append(tiers if result.tiers else "Tiers: not measured in this run.")
    hour = _told(result.hour, judged(result)) if result.hour else "The hour: not in this run."
    return "\n\n".join([*parts, hour])


def _row(tier: Tier) -> tuple[str, ...]:
    return (
        *(tier.subject, tier.name, f"{tier.body_bytes:,}", f"{tier.rate:,.0f}"),
        *(f"{tier.cpu_us:.0f}", f"{tier.cpu_us_least:.0f}", f"{tier.p99_ms:.1f}"),
        f"{tier.memory_mb:.0f}",
    )


def _told(hour: Hour, verdicts: list[Verdict]) -> str:
    limits = thresholds().hour
    counts = ", ".join(f"`{said}` {count:,}" for said, count in sorted(hour.logged.items()))
    logged = (
        f"Caddy's log, which has no files: {counts}. "
        if min(hour.logged.values(), default=-1) >= 0
        else ""
    )  # rolled meanwhile
    return (
        f"Of {hour.pages:,} pages in an hour with {hour.publishes} publishes, {hour.tree:,} were answered "
        f"from the tree, {hour.edge:,} from an edge's memory, and {hour.worked:,} were worked out: "
        f"**{hour.share:.3%}** from a cache, the goal of {limits.hits:.1%}: {goals.word(verdicts, HITS)}. "
        f"{hour.questions} different questions were asked; {hour.wrong} answers were wrong, "
        f"the goal of {limits.wrong}: {goals.word(verdicts, WRONG)}. {logged}Of its worst second, all at once, "
        f"p99 was {hour.p99_ms:.0f} ms."
    )
