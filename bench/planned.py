"""The capacity model as a page shows it (docs/capacity.md): units, checks, and what a crowd needs."""

from collections.abc import Sequence

from bench.capacity import (
    BUSY,
    CPU,
    CROWDS,
    EDGES,
    FLIP_EVERY_S,
    HOST_CORES,
    LINK_BITS_S,
    PLANNED,
    STORE_BITS_S,
    Change,
    Check,
    Plan,
    Visit,
    change,
    checks,
    crowds,
    driven,
    line,
    peak,
    plan,
    visit,
)
from bench.edgebench.processes import BenchError
from bench.edgebench.render import table
from bench.edgebench.results import Result
from bench.fanout import report as fanout
from bench.load.records import Run
from bench.load.tally import PAGE

GB = 1e9
UNKNOWN = "not measured, or less than noise"
BELIEVED = 1.25  # a model that is off by more is refuted


def rendered(
    front: Result,
    server: str,
    runs: Sequence[Run],
    edge: Result,
    fed: fanout.Result | None = None,
) -> str:
    steady = next(run for run in runs if run.profile == PLANNED)
    each, flip = visit(steady), change(edge, fed)
    idle = steady.idle_cores.get("caddy", 0.0)
    idle += steady.idle_cores.get("edge", 0.0) * HOST_CORES / EDGES
    found = checks(front, server, runs, edge, fed)
    origin = (
        f"From `steady` of {steady.made_at} (commit {steady.commit}), the front's of {front.made_at} ({front.commit}), "
        f"the edge's of {edge.made_at} ({edge.commit})"
        + (f", one store's of {fed.made_at} ({fed.commit})" if fed else "")
        + f"; {steady.machine.cores} cores of {steady.machine.cpu}."
    )
    assumed = (
        f"**On paper**: {BUSY:.0%} of each core and network, {HOST_CORES} cores, as many edge processes and {LINK_BITS_S / 1e9:g} Gbit/s a host, "
        f"a changed price every {FLIP_EVERY_S:g} s"
    )
    parts = [origin, table(("Unit", "Figure"), [*_visits(each, idle), *_sizes(edge, flip, fed)])]
    parts += [_pictured(front, steady), "**Checked at the points that this machine reaches**"]
    parts += [_checked(found), _verdict(found), _driven(crowds(runs)), assumed]
    return "\n\n".join([*parts, _planned([plan(n, each, flip, idle) for n in CROWDS])])


def _driven(runs: Sequence[Run]) -> str:
    """How far up the plan has been driven, and what a request cost there."""
    cores = runs[-1].machine.cores
    far = max(runs, key=driven)
    share = driven(far) / cores
    beyond = (
        f"that a core costs no more at {BUSY:.0%} is extrapolated"
        if share < BUSY
        else f"that is beyond the {BUSY:.0%} that is planned with"
    )
    told = (
        f"**How far it was driven.** CPU in the plan is that of `{PLANNED}`. `{far.profile}` kept the most of the machine busy, {driven(far):.2f} of "
        f"{cores} cores ({share:.0%}), beside the {far.client_cpu_s / far.seconds:.2f} of Locust; {beyond}."
    )
    head = (
        "Visits",
        f"Caddy and edges busy, of {cores} cores",
        "Locust, cores",
        "Requests of a visitor, per s",
        "CPU per request, us",
        "Pages p50 / p99, ms",
    )
    return f"{told}\n\n{table(head, [_crowd(run) for run in runs])}"


def _crowd(run: Run) -> tuple[str, ...]:
    each, pages = visit(run), run.told.timed[PAGE]
    return (
        f"{run.profile}, {run.made_at[:16].replace('T', ' ')}, {run.commit}",
        f"{driven(run):.2f} ({driven(run) / run.machine.cores:.0%})",
        f"{run.client_cpu_s / run.seconds:.2f}",
        f"{each.requests_s:.2f}",
        f"{each.cpu_us:.0f}",
        f"{pages.p50_ms:.1f} / {pages.p99_ms:.1f}",
    )


def _pictured(front: Result, run: Run) -> str:
    """Sizes are those of homes without pictures (`fixture`); visitors are sent some with."""
    details = run.told.kinds.get("detail")
    packed = next(one.body_bytes for one in front.subjects if one.name == "detail, gzip")
    if details is None or not details.requests:
        raise BenchError(f"{run.profile} was measured without details")
    each = details.bytes / details.requests
    return (
        f"**Homes without pictures.** Memory, store and flips are of such, whose details are {packed:,} bytes, packed. "
        f"Those that the visitors of `{run.profile}` were sent have pictures: {each:,.0f} bytes, packed, in the mean, "
        f"{each / packed:.1f} times as much."
    )


def _verdict(found: Sequence[Check]) -> str:
    """Of the model by parts, which cannot be believed when it is off by as much as this."""
    ratios = [one.ratio for one in found if one.what.startswith(CPU)]
    least, most = min(ratios), max(ratios)
    if most <= BELIEVED and least >= 1 / BELIEVED:
        return f"The CPU of the parts holds: measured is {least:.2f} to {most:.2f} of the model."
    return (
        f"**The model of CPU by parts is refuted**: measured is {least:.2f} to {most:.2f} times what it says. "
        "The plan does not use it."
    )


def _visits(each: Visit, idle: float) -> list[tuple[str, str]]:
    return [
        ("Requests of a visitor, per s", f"{each.requests_s:.2f}"),
        ("Bytes to a visitor, per s, without headers", f"{each.bytes_s:,.0f}"),
        ("CPU of Caddy and edge per request, us", f"{each.cpu_us:.0f}"),
        ("CPU of a host with no visitor, cores", f"{idle:.3f}"),
        (f"Visitors per core at {BUSY:.0%}", f"{each.per_core:,.0f}"),
    ]


def _sizes(edge: Result, flip: Change, fed: fanout.Result | None) -> list[tuple[str, str]]:
    memory = peak(edge) or line(edge.sizes, "memory_bytes")
    payload = line(edge.sizes, "payload_bytes")
    most = max(fanout.counts(fed)) if fed else EDGES
    sent = STORE_BITS_S * BUSY / 8 * FLIP_EVERY_S
    slope = f", by what each adds at {fed.listings:,}" if fed else ""
    return [
        ("Memory of an edge process per listing, kB, at its peak", f"{memory.each / 1e3:.1f}"),
        ("Listings per GB of an edge process", f"{(GB - memory.base) / memory.each:,.0f}"),
        ("Store per listing and generation, kB", f"{payload.each / 1e3:.1f}"),
        (
            f"Bytes to the {HOST_CORES} edge processes of a host per flip, kB, at the most listings{slope}",
            f"{flip.bytes / 1e3:,.0f}" if flip.bytes else UNKNOWN,
        ),
        ("CPU of an edge process per flip, s, at the most listings", f"{flip.cpu_s:.2f}"),
        (
            f"Edge processes per store at {BUSY:.0%} of {STORE_BITS_S / 1e9:g} Gbit/s, a flip every {FLIP_EVERY_S:g} s; {most} were tried",
            f"{HOST_CORES * sent / flip.bytes:,.0f}" if flip.bytes else UNKNOWN,
        ),
        (
            f"Edge processes per store at {BUSY:.0%} of its one core{slope}",
            f"{HOST_CORES * BUSY * FLIP_EVERY_S / flip.store_cpu_s:,.0f}"
            if flip.store_cpu_s
            else UNKNOWN,
        ),
    ]


def _checked(found: Sequence[Check]) -> str:
    rows = [
        (
            one.what,
            f"{one.model:,.1f} {one.unit}",
            f"{one.measured:,.1f} {one.unit}",
            f"{one.ratio:.2f}",
        )
        for one in found
    ]
    return table(("Figure", "Model", "Measured", "Measured / model"), rows)


def _planned(plans: Sequence[Plan]) -> str:
    rows = [
        (
            f"{one.visitors:,}",
            f"{one.cores:,.1f}",
            f"{one.hosts:,}",
            f"{one.egress_bits_s / 1e9:,.2f}",
            f"{one.store_bits_s / 1e6:,.1f}",
            f"{one.stores:,}",
        )
        for one in plans
    ]
    head = (
        "Visitors at once",
        "Cores",
        "Hosts",
        "Egress, Gbit/s",
        "Store to edges, Mbit/s",
        "Stores",
    )
    return table(head, rows)
