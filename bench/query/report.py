"""What a run of the query bench finds, and its table."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

import msgspec

from bench import cli, goals
from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.goals import Verdict, at_most
from bench.load.judge import thresholds

FORMAT = 3
ALONE = 2  # the format before: without a peer
LEAST = 1  # the one before that: of each query the least of all rounds, so that tails are missing
ALL = "the whole mix"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of query against an edge of so many listings. Times in milliseconds; percentiles are
    the medians of those of each round."""

    listings: int
    name: str
    queries: int
    p50: float
    p99: float
    longest: float  # of all rounds
    again_p50: float  # the same queries asked once more
    again_p99: float
    round_p99: list[float] = []  # of each round; none of least times
    peer_p50: float = 0.0  # the same queries put to the peer; none in the formats before
    peer_p99: float = 0.0


class Result(msgspec.Struct, kw_only=True):
    format: int = FORMAT
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    kinds: list[Kind] = []
    precomputed_p50: dict[str, float] = {}  # by listings: a published page, asked the same way
    rss_per_payload: dict[str, float] = {}  # by listings, after it all
    peer: str = ""  # its versions
    of_peer: dict[str, list[float]] = {}  # by listings: each round's p99 by that of the peer
    found: dict[str, dict[str, tuple[int, int]]] = {}  # by listings and kind of words: by each


Rounds = list[list[float]]


def kind(listings: int, name: str, first: Rounds, again: Rounds, peer: Rounds) -> Kind:
    """Of the times of each round: asked for the first time, again, and of the peer."""
    return Kind(
        listings=listings,
        name=name,
        queries=len(first[0]),
        p50=middle(first, 50),
        p99=middle(first, 99),
        longest=round(max(map(max, first)), 3),
        again_p50=middle(again, 50),
        again_p99=middle(again, 99),
        round_p99=[percentile(times, 99) for times in first],
        peer_p50=middle(peer, 50),
        peer_p99=middle(peer, 99),
    )


def middle(rounds: Rounds, number: int) -> float:
    """The median of each round's percentile: a tail stays one, and one bad round is not the result."""
    return round(median(percentile(times, number) for times in rounds), 3)


def percentile(times: list[float], number: int) -> float:
    if len(times) == 1:
        return round(times[0], 3)
    return round(quantiles(times, n=100, method="inclusive")[number - 1], 3)


def load(path: Path) -> Result:
    found = msgspec.json.decode(path.read_bytes(), type=Result)
    if not LEAST <= found.format <= FORMAT:
        raise ValueError(f"{path.name} has format {found.format}, this reads {LEAST} to {FORMAT}")
    return found


def judged(result: Result) -> list[Verdict]:
    """Nothing of a short run, and nothing of least times, which no visitor sees."""
    if result.smoke or result.format == LEAST:
        return []
    limits = thresholds().query
    whole = [one for one in result.kinds if one.name == ALL]
    return [
        *(at_most(_goal(one.listings), limits.p99_ms, one.p99) for one in whole),
        *(
            at_most(_pace(int(listings)), limits.of_peer[listings], median(ratios))
            for listings, ratios in result.of_peer.items()
        ),
    ]


def _goal(listings: int) -> str:
    return f"p99 ms of first-time queries, {listings:,} listings"


def _pace(listings: int) -> str:
    return f"p99 of first-time queries by the peer's, {listings:,} listings"


def into(result: Result, page: Path) -> None:
    cli.into(page, "query", rendered(result))


def rendered(result: Result) -> str:
    machine = result.machine
    parts = [
        (
            f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}, "
            f"Python {machine.python}. One client, one connection, loopback, no TLS, gzip. Milliseconds "
            f"from the request's first byte to the answer's last. {_counted(result)}"
        )
    ]
    if result.peer:
        parts.append(_peer(result))
    for listings in dict.fromkeys(one.listings for one in result.kinds):
        parts += [_verdict(result, listings), _table(result, listings)]
        if result.peer:
            parts.append(_quicker(result, listings))
    return "\n\n".join(parts)


def _peer(result: Result) -> str:
    return (
        f"The peer: `peers/sqlite_search.py`, FastAPI over SQLite with FTS5 in memory ({result.peer}). It is asked "
        "the same by the same client, in turns with the edge, and is warm since before the first round. "
        "Without words both find the same homes in the same order with the same counts, which is checked before; "
        "with words the peer does less."
    )


def _counted(result: Result) -> str:
    if result.format == LEAST:
        return (
            "Of each query the least of four rounds counts, each against a fresh edge: tails are missing, "
            "so the goal is not judged."
        )
    rounds = max((len(one.round_p99) for one in result.kinds), default=0)
    return (
        f"Each percentile is the median of those of each round (rounds: {rounds}, each against a fresh edge), "
        "for other work shares the machine; longest is the longest of all rounds."
    )


def _verdict(result: Result, listings: int) -> str:
    (whole,) = (one for one in result.kinds if (one.listings, one.name) == (listings, ALL))
    said = f"**{listings:,} listings**: p99 of queries asked for the first time {whole.p99:.2f} ms"
    if whole.round_p99:
        said += f" ({min(whole.round_p99):.2f} to {max(whole.round_p99):.2f} by round)"
    verdicts, limits = judged(result), thresholds().query
    said += f", the goal of {limits.p99_ms:g}: {goals.word(verdicts, _goal(listings))}"
    if ratios := result.of_peer.get(str(listings)):
        said += f"; {median(ratios):.2f} of the peer's ({min(ratios):.2f} to {max(ratios):.2f} by round), "
        said += f"the goal of {limits.of_peer[str(listings)]:g}: {goals.word(verdicts, _pace(listings))}"
    page = result.precomputed_p50[str(listings)]
    memory = result.rss_per_payload[str(listings)]
    return (
        f"{said}; asked again p50 {whole.again_p50:.2f} ms, a published page {page:.2f} ms; "
        f"memory {memory:.2f} of the payload."
    )


def _quicker(result: Result, listings: int) -> str:
    """Where the peer is the better of the two, and what it found less of."""
    kinds = [one for one in result.kinds if one.listings == listings and one.name != ALL]
    at_p50 = _names(kinds, [one for one in kinds if one.peer_p50 < one.p50])
    at_p99 = _names(kinds, [one for one in kinds if one.peer_p99 < one.p99])
    found = [
        f"{name} {ours:,} and {theirs:,}"
        for name, (ours, theirs) in result.found.get(str(listings), {}).items()
    ]
    return (
        f"The peer is quicker at p50 in: {at_p50}. At p99 in: {at_p99}. "
        f"Found by the edge and by the peer: {'; '.join(found) or 'not counted'}."
    )


def _names(kinds: Sequence[Kind], some: Sequence[Kind]) -> str:
    if len(some) == len(kinds):
        return "every kind"
    return "; ".join(one.name for one in some) or "no kind"


def _table(result: Result, listings: int) -> str:
    head = ["Kind", "Queries", "p50", "p99", "longest", "again p50", "again p99"]
    if result.peer:
        head += ["peer p50", "peer p99"]
    return table(
        head,
        (
            (one.name, f"{one.queries}", *(f"{figure:.2f}" for figure in _figures(one)))[
                : len(head)
            ]
            for one in result.kinds
            if one.listings == listings
        ),
    )


def _figures(one: Kind) -> tuple[float, ...]:
    asked = (one.p50, one.p99, one.longest, one.again_p50, one.again_p99)
    return (*asked, one.peer_p50, one.peer_p99)
