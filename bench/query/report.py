"""What a run of the query bench finds, and its table."""

from pathlib import Path
from statistics import median, quantiles

import msgspec

from bench import cli, goals
from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.goals import Verdict, at_most
from bench.load.judge import thresholds

FORMAT = 2
LEAST = 1  # the format before: of each query the least of all rounds, so that tails are missing
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
    round_p99: list[float] = []  # of each round; none in the format before


class Result(msgspec.Struct, kw_only=True):
    format: int = FORMAT
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    kinds: list[Kind] = []
    precomputed_p50: dict[str, float] = {}  # by listings: a published page, asked the same way
    rss_per_payload: dict[str, float] = {}  # by listings, after it all


Rounds = list[list[float]]


def kind(listings: int, name: str, first: Rounds, again: Rounds) -> Kind:
    """Of the times of each round, asked for the first time and again."""
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
    if found.format not in (LEAST, FORMAT):
        raise ValueError(f"{path.name} has format {found.format}, this reads {LEAST} and {FORMAT}")
    return found


def judged(result: Result) -> list[Verdict]:
    """Nothing of a short run, and nothing of least times, which no visitor sees."""
    if result.smoke or result.format == LEAST:
        return []
    limits = thresholds().query.p99_ms
    return [
        at_most(_goal(one.listings), limits[str(one.listings)], one.p99)
        for one in result.kinds
        if one.name == ALL and str(one.listings) in limits
    ]


def _goal(listings: int) -> str:
    return f"p99 ms of first-time queries, {listings:,} listings"


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
    for listings in dict.fromkeys(one.listings for one in result.kinds):
        parts += [_verdict(result, listings), _table(result, listings)]
    return "\n\n".join(parts)


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
    goal = thresholds().query.p99_ms.get(str(listings))
    said = f"**{listings:,} listings**: p99 of queries asked for the first time {whole.p99:.2f} ms"
    if whole.round_p99:
        said += f" ({min(whole.round_p99):.2f} to {max(whole.round_p99):.2f} by round)"
    if goal is not None:
        said += f", the goal of {goal:g}: {goals.word(judged(result), _goal(listings))}"
    page = result.precomputed_p50[str(listings)]
    memory = result.rss_per_payload[str(listings)]
    return (
        f"{said}; asked again p50 {whole.again_p50:.2f} ms, a published page {page:.2f} ms; "
        f"memory {memory:.2f} of the payload."
    )


def _table(result: Result, listings: int) -> str:
    head = ("Kind", "Queries", "p50", "p99", "longest", "again p50", "again p99")
    return table(
        head,
        (
            (
                one.name,
                f"{one.queries}",
                *(f"{figure:.2f}" for figure in (one.p50, one.p99, one.longest)),
                *(f"{figure:.2f}" for figure in (one.again_p50, one.again_p99)),
            )
            for one in result.kinds
            if one.listings == listings
        ),
    )
