"""What one store sent to its edges, and the table of it."""

from pathlib import Path
from statistics import median

import msgspec

from bench.edgebench.render import table
from bench.edgebench.results import Machine

HEAD = (
    "Edge processes",
    "kB to all of them",
    "kB to each",
    "CPU of the store, ms",
    "of it by each",
    "Until the last serves it, s",
    "at most",
)


class Fed(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one price, as it reaches every edge process.

    Of bytes and CPU, what the store spends on a second without a change is taken out."""

    edges: int
    bytes: int  # from the store to all of them
    store_cpu_s: float  # with what `sync` wrote
    seconds: float  # from the pointer's move until a look found that the last of them serves it
    late_s: float  # ... at most this long after it did


class Result(msgspec.Struct, kw_only=True):
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    listings: int
    fed: list[Fed] = []


def load(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


def rendered(result: Result) -> str:
    machine, each = result.machine, counts(result)
    late = max(one.late_s for one in result.fed)
    intro = (
        f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}, Python {machine.python}. "
        f"{result.listings:,} listings without pictures; one price changes, the medians of {len(result.fed) // len(each)} flips. "
        "One of them writes the files of its host, and is sent what they hold as well. "
        f"Times are those of edges that share the cores with each other and with `sync`; they are up to {late:.2f} s late."
    )
    return f"{intro}\n\n{table(HEAD, [_row(result, edges) for edges in each])}"


def counts(result: Result) -> list[int]:
    return sorted({one.edges for one in result.fed})


def sent(result: Result, edges: int) -> float:
    """Bytes of one flip to so many edges, the median."""
    return median(one.bytes for one in result.fed if one.edges == edges)


def store_s(result: Result, edges: int) -> float:
    """CPU seconds of the store for one flip, the median."""
    return median(one.store_cpu_s for one in result.fed if one.edges == edges)


def times(result: Result, edges: int) -> float:
    """How many times what the first process of a host is sent all of so many are: each adds as much."""
    one, *_, most = counts(result)
    each = (sent(result, most) - sent(result, one)) / (most - one)
    return 1 + (edges - one) * each / sent(result, one)


def store_s_per_byte(result: Result) -> float | None:
    """Of each edge process that comes on top of the fewest: what `sync` costs the store is in both.

    None where more of them cost no more, which is a machine's noise and no price."""
    edges = counts(result)
    few, many = edges[0], edges[-1]
    more_s = store_s(result, many) - store_s(result, few)
    more = sent(result, many) - sent(result, few)
    return more_s / more if more_s > 0 and more > 0 else None


def _row(result: Result, edges: int) -> tuple[str, ...]:
    seconds = [one.seconds for one in result.fed if one.edges == edges]
    kilobytes, spent_ms = sent(result, edges) / 1e3, store_s(result, edges) * 1e3
    return (
        f"{edges}",
        f"{kilobytes:,.0f}",
        f"{kilobytes / edges:,.0f}",
        f"{spent_ms:.1f}",
        f"{spent_ms / edges:.1f}",
        f"{median(seconds):.2f}",
        f"{max(seconds):.2f}",
    )
