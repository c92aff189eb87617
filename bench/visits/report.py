"""What the same visitors found at each server, and its table."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec

from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.front.servers import OURS
from bench.pairs import RULE, Pairs

HEAD = (
    *("Server", "Pages p50 ms, least / median / most", "p99", "Pictures p99 ms"),
    *("CPU of its own, us per request", "and of the edges", "both, by ours of the same round"),
)


class Visit(msgspec.Struct, kw_only=True):
    """One round at one server. Times are those after all have come; CPU is of all of it."""

    server: str
    number: int
    requests: int
    page_p50_ms: float
    page_p99_ms: float
    picture_p99_ms: float
    cpu_s: float
    edge_cpu_s: float
    client_cpu_s: float

    @property
    def cpu_us(self) -> float:
        return (self.cpu_s + self.edge_cpu_s) / self.requests * 1e6


class Result(msgspec.Struct, kw_only=True):
    format: int = 1
    made_at: str
    commit: str
    machine: Machine
    visitors: int
    seconds: int  # that are timed
    smoke: bool = False
    listings: int = 0
    versions: dict[str, str] = {}
    absent: dict[str, str] = {}  # server -> why
    visits: list[Visit] = []


def load(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


def rendered(result: Result) -> str:
    rounds = max((one.number for one in result.visits), default=0)
    versions = "; ".join(f"{name}: {version}" for name, version in result.versions.items())
    heading = (
        f"{result.made_at}, commit {result.commit}; {result.machine.cores} cores of {result.machine.cpu}, Python "
        f"{result.machine.python}. {result.listings} listings with pictures, {result.visitors} visitors, "
        f"{result.seconds} s once all had come, {rounds} rounds with the servers in turn; no error in any. Versions: {versions}."
        + (" A short run." if result.smoke else "")
    )
    names = dict.fromkeys(one.server for one in result.visits)
    lost = [f"Absent: {name} ({why})." for name, why in result.absent.items()]
    rows = table(HEAD, (_row(result, name) for name in names))
    return "\n\n".join([heading, *lost, _verdict(result, list(names)), rows])


def _verdict(result: Result, names: list[str]) -> str:
    """Who wins, said plainly, as far as the rounds can tell."""
    told = []
    for name in names:
        found = Pairs.of(_shares(result, name))
        if name != OURS:
            told.append(f"{name} is {found.word} ({found.median:.2f})")
    return f"**CPU per request, by that of {OURS}**: {'; '.join(told)}. {RULE}" if told else ""


def _shares(result: Result, name: str) -> list[float]:
    """Of ours in the same round."""
    ours = {one.number: one.cpu_us for one in result.visits if one.server == OURS}
    return [one.cpu_us / ours[one.number] for one in result.visits if one.server == name]


def _row(result: Result, name: str) -> list[str]:
    mine = [one for one in result.visits if one.server == name]
    shares = _shares(result, name)
    return [
        name,
        _spread(mine, lambda one: one.page_p50_ms, 2),
        _spread(mine, lambda one: one.page_p99_ms, 1),
        _spread(mine, lambda one: one.picture_p99_ms, 1),
        _spread(mine, lambda one: one.cpu_s / one.requests * 1e6, 0),
        _spread(mine, lambda one: one.edge_cpu_s / one.requests * 1e6, 0),
        f"{min(shares):.2f} / {median(shares):.2f} / {max(shares):.2f}",
    ]


def _spread(visits: list[Visit], figure: Callable[[Visit], float], digits: int) -> str:
    found = sorted(map(figure, visits))
    return " / ".join(f"{one:.{digits}f}" for one in (found[0], median(found), found[-1]))
