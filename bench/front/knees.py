"""Where more connections bring no more answers, by server: from the steps of a result."""

from collections.abc import Sequence
from statistics import median

from bench import knee
from bench.edgebench.render import table
from bench.edgebench.results import Knee, Result, Step
from bench.edgebench.winners import names
from bench.front.servers import OURS
from bench.knee import Point

HEAD = (
    *(
        "Server",
        "Greatest rate, answers/s",
        "Knee, connections",
        "answers/s there",
        "p99 ms there",
    ),
    "p99 first above the promise: connections, ms",
)
ONCE = "one burst each without one to warm up, always in this order"


def points(steps: Sequence[Step], server: str) -> list[Point]:
    """A step is the median of its rounds."""
    by_crowd: dict[int, list[Step]] = {}
    for step in steps:
        if step.round.server == server:
            by_crowd.setdefault(step.connections, []).append(step)
    return [
        Point(
            crowd,
            median(one.round.rate for one in found),
            median(one.round.p50_ms for one in found),
            median(one.round.p99_ms for one in found),
        )
        for crowd, found in sorted(by_crowd.items())
    ]


def servers(steps: Sequence[Step]) -> list[str]:
    """Ours first, whoever began."""
    found = dict.fromkeys(step.round.server for step in steps)
    return sorted(found, key=lambda name: (name != OURS, name))


def found(steps: Sequence[Step], promised_ms: float) -> list[Knee]:
    each = ((server, points(steps, server)) for server in servers(steps))
    return [_knee(server, mine, promised_ms) for server, mine in each]


def _knee(server: str, mine: Sequence[Point], promised_ms: float) -> Knee:
    bend, late = knee.knee(mine), knee.late(mine, promised_ms)
    return Knee(
        server=server,
        connections=bend.crowd,
        rate=bend.rate,
        p99_ms=bend.p99_ms,
        greatest_rate=max(one.rate for one in mine),
        late_at=late.crowd if late else None,
        late_p99_ms=late.p99_ms if late else None,
    )


def rendered(result: Result, promised_ms: float) -> str:
    if not result.steps:
        return ""
    crowds = sorted({step.connections for step in result.steps})
    rounds = max(step.round.number for step in result.steps)
    how = f"the median of {rounds} rounds, servers in turn within each" if rounds > 1 else ONCE
    told = (
        f"**Ever more connections** ({names([f'{one}' for one in crowds])}), detail with gzip: {how}. {knee.RULE}; "
        f"the promise is a p99 of {promised_ms:g} ms."
    )
    rows = (
        (
            one.server,
            f"{one.greatest_rate:,.0f}",
            f"{one.connections}",
            f"{one.rate:,.0f}",
            f"{one.p99_ms:.1f}",
            "–" if one.late_at is None else f"{one.late_at}, {one.late_p99_ms:.0f}",
        )
        for one in result.knees or found(result.steps, promised_ms)
    )
    return f"{told}\n\n{table(HEAD, rows)}"
