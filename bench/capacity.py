"""The capacity model: what was measured here, extended on paper, and checked where this machine reaches.

Pure: results in, figures out. `docs/capacity.md` says what the figures mean.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.edgebench.processes import BenchError
from bench.edgebench.render import MIB
from bench.edgebench.results import Result, Size
from bench.fanout import report as fanout
from bench.load.records import Run
from bench.load.tally import Summary

BUSY = 0.6  # the share of a core and of a network that is planned with; above it queues grow
HOST_CORES = 8
EDGES = 2  # of the demo, where the crowd is measured
LINK_BITS_S = 10e9  # of one host's network
STORE_BITS_S = 1e9  # that a store may spend on edges
FLIP_EVERY_S = 60.0
CROWDS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
GREETED = "detail, gzip, new connection"
FILED = 0.63  # of a visitor's lists: those with no price and no second page (load/behaviour.py)
COST_OF = {  # a visitor's kinds of request, as shares of what the front was measured with
    "featured": {"featured": 1.0},
    "all homes": {"detail, gzip": 1.0},
    "detail": {"detail, gzip": 1.0},
    "revisit": {"revalidation": 1.0},
    "list": {"list asked most, gzip": FILED, "list query, gzip": 1 - FILED},
    "suggest": {"list query, gzip": 1.0},
    "picture": {"picture": 1.0},
}
CPU = "CPU per request"
PLANNED = "steady"  # the crowd that the plan is drawn from


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor who looks at pages, averaged over a run."""

    requests_s: float
    bytes_s: float  # of bodies
    cpu_us: float  # of Caddy and the edge, per request, beside what they cost with no visitor

    @property
    def per_core(self) -> float:
        """Visitors that one core serves at the planned share."""
        return BUSY / (self.requests_s * self.cpu_us / 1e6)


@dataclass(frozen=True, slots=True)
class Line:
    """y = base + each × x, where x counts listings, or edge processes."""

    base: float
    each: float

    @classmethod
    def through(cls, here: tuple[float, float], there: tuple[float, float]) -> "Line":
        each = (there[1] - here[1]) / (there[0] - here[0])
        return cls(here[1] - each * here[0], each)

    def at(self, x: float) -> float:
        return self.base + self.each * x


@dataclass(frozen=True, slots=True)
class Check:
    """A figure of the model beside the same one measured."""

    what: str
    model: float
    measured: float
    unit: str

    @property
    def ratio(self) -> float:
        return self.measured / self.model


@dataclass(frozen=True, slots=True)
class Plan:
    """What a crowd needs. `cores`: of visitors, of flips and of standing by. `store_bits_s`, `store_cores`:
    for all edges, at one change a minute."""

    visitors: int
    cores: float
    hosts: int
    egress_bits_s: float
    store_bits_s: float
    store_cores: float = 0.0

    @property
    def stores(self) -> int:
        """Each with a network of its own, and with one core, for it has one thread."""
        wanted = max(self.store_bits_s / STORE_BITS_S, self.store_cores) / BUSY
        return max(1, -int(-wanted // 1))


def visit(run: Run) -> Visit:
    totals = run.told.totals.values()
    requests = sum(one.requests for one in totals)
    seconds = there(run) * run.seconds
    spent = served(run.cpu_s) - idle_s(run)
    return Visit(
        requests / seconds, sum(one.bytes for one in totals) / seconds, spent / requests * 1e6
    )


def served(by_part: Mapping[str, float]) -> float:
    """Of what stands between visitors and the snapshot."""
    return by_part.get("caddy", 0.0) + by_part.get("edge", 0.0)


def idle_s(run: Run) -> float:
    """CPU seconds that Caddy and the edges would have spent in the run's time without a visitor."""
    return served(run.idle_cores) * run.seconds


def costs(front: Result, server: str) -> dict[str, float]:
    """CPU us per request, by subject: the median of its rounds."""
    return {
        subject.name: median(found)
        for subject in front.subjects
        if (
            found := [
                one.cpu_us
                for one in front.rounds
                if (one.server, one.subject) == (server, subject.name)
            ]
        )
    }


def predicted_us(
    kinds: Mapping[str, Summary], cost: Mapping[str, float], greetings: float
) -> float:
    """CPU us per request of a mix, each kind at its own cost, and those of greetings beside."""
    known = {name: one.requests for name, one in kinds.items() if name in COST_OF}
    work = sum(requests * _cost(cost, COST_OF[name]) for name, requests in known.items())
    greeted = greetings * max(0.0, cost[GREETED] - cost["detail, gzip"])
    return (work + greeted) / sum(known.values())


def _cost(cost: Mapping[str, float], shares: Mapping[str, float]) -> float:
    missing = shares.keys() - cost.keys()
    if missing:
        raise BenchError(f"the front was measured without {missing}: `python -m bench.front run`")
    return sum(cost[name] * share for name, share in shares.items())


def line(sizes: Sequence[Size], field: str) -> Line:
    """Through the two smaller sizes: the third is for checking."""
    few, more = sorted(sizes, key=lambda size: size.listings)[:2]
    return Line.through((few.listings, getattr(few, field)), (more.listings, getattr(more, field)))


@dataclass(frozen=True, slots=True)
class Change:
    """One flip at the most listings. `bytes` and `store_cpu_s`: for all edge processes of a host; `cpu_s`: of
    each of them."""

    bytes: float
    cpu_s: float
    store_cpu_s: float = 0.0


def plan(visitors: int, each: Visit, flip: Change, idle_cores: float = 0.0) -> Plan:
    """`idle_cores`: of a host. An edge process stands on each core, and reads for itself."""
    host = HOST_CORES - idle_cores / BUSY - HOST_CORES * flip.cpu_s / FLIP_EVERY_S / BUSY
    egress = visitors * each.bytes_s * 8
    wanted = max(visitors / each.per_core / host, egress / (LINK_BITS_S * BUSY))
    hosts = max(1, -int(-wanted // 1))
    cores = visitors / each.per_core + hosts * (HOST_CORES - host)
    flipped_s = hosts / FLIP_EVERY_S
    store = flipped_s * flip.bytes * 8
    return Plan(visitors, cores, hosts, egress, store, flipped_s * flip.store_cpu_s)


def checks(
    front: Result,
    server: str,
    runs: Sequence[Run],
    edge: Result,
    fed: fanout.Result | None = None,
) -> list[Check]:
    cost = costs(front, server)
    found = [
        Check(
            f"{CPU} of {run.profile}",
            predicted_us(run.told.kinds, cost, run.told.arrivals or run.visitors),
            visit(run).cpu_us,
            "us",
        )
        for run in runs
        if run.profile not in ("knee", "smoke")
    ]
    found += _crowds(runs)
    most = max(edge.sizes, key=lambda size: size.listings)
    for field, what in (("memory_bytes", "Memory of an edge"), ("payload_bytes", "Snapshot")):
        told = line(edge.sizes, field).at(most.listings) / MIB
        measured = getattr(most, field) / MIB
        found.append(Check(f"{what} at {most.listings:,} listings", told, measured, "MiB"))
    return [*found, *_flips(edge), *(_fed(fed) if fed else ())]


def crowds(runs: Sequence[Run]) -> list[Run]:
    """Visitors who do the same, the fewest first."""
    found = (run for run in runs if run.profile.partition("-")[0] == PLANNED)
    return sorted(found, key=lambda run: run.visitors)


def _crowds(runs: Sequence[Run]) -> list[Check]:
    """What the plan says of as many visitors as were there."""
    each = {run.profile: visit(run) for run in crowds(runs)}
    if PLANNED not in each:
        return []
    told = each[PLANNED].requests_s * each[PLANNED].cpu_us / 1e3
    return [
        Check(
            f"CPU of {run.profile}, {there(run):,.0f} visitors in the mean",
            told * there(run),
            (served(run.cpu_s) - idle_s(run)) / run.seconds * 1e3,
            "ms a second",
        )
        for run in crowds(runs)
        if run.profile != PLANNED
    ]


def there(run: Run) -> float:
    """How many visitors there were, in the mean."""
    return (run.told.visitor_seconds or run.visitor_seconds) / run.seconds


def _fed(fed: fanout.Result) -> list[Check]:
    """The most edge processes, by the line that fewer of them make."""
    *fewer, most = fanout.counts(fed)
    if len(fewer) < 2:  # noqa: PLR2004 - they make the line
        return []

    def check(what: str, told: Callable[[fanout.Result, int], float], unit: str) -> Check:
        here, there = ((float(n), told(fed, n) * 1e3) for n in (fewer[0], fewer[-1]))
        model = Line.through(here, there).at(most)
        return Check(f"{what} a flip to {most} edge processes", model, told(fed, most) * 1e3, unit)

    return [
        check("Bytes of", lambda *of: fanout.sent(*of) / 1e6, "kB"),
        check("CPU of the store for", fanout.store_s, "ms"),
    ]


def peak(edge: Result) -> Line | None:
    """Of an edge process's memory in a flip under load; None where no two sizes were measured."""
    points = sorted((one.listings, float(one.peak_rss_bytes)) for one in edge.flip_loads)
    return Line.through(points[0], points[-1]) if len(points) > 1 else None


def driven(run: Run) -> float:
    """The cores that Caddy and the edges were busy with: how far up the plan's point was measured."""
    return served(run.cpu_s) / run.seconds


def flip_bytes(edge: Result) -> dict[int, float]:
    """To one edge when one price changes, by number of listings."""
    found: dict[int, list[int]] = {}
    for flip in edge.flips:
        if flip.edge_bytes:
            found.setdefault(flip.listings, []).append(flip.edge_bytes)
    return {listings: median(sizes) for listings, sizes in sorted(found.items())}


def _flips(edge: Result) -> list[Check]:
    points = list(flip_bytes(edge).items())
    if len(points) < 3:  # noqa: PLR2004 - two make the line, the third is to check it
        return []
    told = Line.through(points[0], points[1]).at(points[2][0])
    return [
        Check(f"A flip's bytes at {points[2][0]:,} listings", told / 1e3, points[2][1] / 1e3, "kB")
    ]


def change(edge: Result, fed: fanout.Result | None = None) -> Change:
    """Of the most listings. What more processes add was measured with fewer listings (`fed`); without, it is
    taken to be as much as for the first, who is sent what the host's files hold as well."""
    most = max((one.listings for one in edge.flips), default=0)
    spent = [one.cpu_s for one in edge.flips if one.listings == most and one.cpu_s is not None]
    sent = max(flip_bytes(edge).values(), default=0.0)
    sent *= fanout.times(fed, HOST_CORES) if fed else HOST_CORES
    each_s = fanout.store_s_per_byte(fed) if fed else None
    return Change(sent, median(spent) if spent else 0.0, sent * (each_s or 0.0))
