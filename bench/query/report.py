"""What a run of the query bench finds, and its table."""

from pathlib import Path
from statistics import quantiles

import msgspec

from bench import cli
from bench.edgebench.render import table
from bench.edgebench.results import Machine

FORMAT = 1
GOAL_MS = {1_000: 5.0, 10_000: 15.0}  # uncached, at the 99th percentile
ALL = "the whole mix"


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of query against an edge of so many listings. Times in milliseconds."""

    listings: int
    name: str
    queries: int
    p50: float
    p99: float
    longest: float
    again_p50: float  # the same queries asked once more
    again_p99: float


class Result(msgspec.Struct, kw_only=True):
    format: int = FORMAT
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    kinds: list[Kind] = []
    precomputed_p50: dict[str, float] = {}  # by listings: a published page, asked the same way
    rss_per_payload: dict[str, float] = {}  # by listings, after it all


def kind(listings: int, name: str, first: list[float], again: list[float]) -> Kind:
    return Kind(
        listings=listings,
        name=name,
        queries=len(first),
        p50=percentile(first, 50),
        p99=percentile(first, 99),
        longest=round(max(first), 3),
        again_p50=percentile(again, 50),
        again_p99=percentile(again, 99),
    )


def percentile(times: list[float], number: int) -> float:
    if len(times) == 1:
        return round(times[0], 3)
    return round(quantiles(times, n=100, method="inclusive")[number - 1], 3)


def load(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


def into(result: Result, page: Path) -> None:
    cli.into(page, "query", rendered(result))


def rendered(result: Result) -> str:
    machine = result.machine
    parts = [
        (
            f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}, "
            f"Python {machine.python}. One client, one connection, loopback, no TLS, gzip. Milliseconds "
            "from the request's first byte to the answer's last; of each query the least of four rounds, each "
            "against a fresh edge, for other work shares the machine."
        )
    ]
    for listings in dict.fromkeys(one.listings for one in result.kinds):
        parts += [_verdict(result, listings), _table(result, listings)]
    return "\n\n".join(parts)


def _verdict(result: Result, listings: int) -> str:
    (whole,) = (one for one in result.kinds if (one.listings, one.name) == (listings, ALL))
    goal = GOAL_MS.get(listings)
    said = f"**{listings:,} listings**: p99 of queries asked for the first time {whole.p99:.2f} ms"
    if goal is not None:
        said += f" (the goal is {goal:g})"
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
