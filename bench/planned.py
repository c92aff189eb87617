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
    STORE_BITS_S,
    Change,
    Check,
    Line,
    Plan,
    Visit,
    change,
    checks,
    driven,
    line,
    peak,
    plan,
    visit,
)
from bench.edgebench.processes import BenchError
from bench.edgebench.render import table
from bench.edgebench.results import Result
from bench.load.records import Run

GB = 1e9
BELIEVED = 1.25  # a model that is off by more is refuted


def rendered(front: Result, server: str, runs: Sequence[Run], edge: Result) -> str:
    steady = next(run for run in runs if run.profile == "steady")
    each = visit(steady)
    memory, payload = line(edge.sizes, "memory_bytes"), line(edge.sizes, "payload_bytes")
    flip = change(edge)
    origin = (
        f"From `steady` of {steady.made_at} (commit {steady.commit}), the front's and the edge's results; "
        f"{steady.machine.cores} cores of {steady.machine.cpu}. Sizes: {edge.made_at}, {edge.machine.cpu}."
    )
    busy, cores = driven(steady), steady.machine.cores
    point = (
        f"**One point.** CPU in the plan is that of `steady` alone, which kept {busy:.2f} of {cores} cores busy "
        f"({busy / cores:.0%}). That a core still costs the same at {BUSY:.0%} is extrapolated: no run has driven these visits so far."
    )
    assumed = (
        f"**On paper**: {BUSY:.0%} of each core and network, {HOST_CORES} cores, as many edge processes and {LINK_BITS_S / 1e9:g} Gbit/s a host, "
        f"a changed price every {FLIP_EVERY_S:g} s"
    )
    idle = steady.idle_cores.get("caddy", 0.0)
    idle += steady.idle_cores.get("edge", 0.0) * HOST_CORES / EDGES
    units = _units(each, peak(edge) or memory, payload, flip, idle)
    found = checks(front, server, runs, edge)
    parts = [origin, units, _pictured(front, steady)]
    parts += ["**Checked at the points that this machine reaches**", _checked(found)]
    parts += [_verdict(found), point, assumed]
    return "\n\n".join([*parts, _planned([plan(n, each, flip, idle) for n in CROWDS])])


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


def _units(each: Visit, memory: Line, payload: Line, flip: Change, idle: float) -> str:
    edges = STORE_BITS_S * BUSY / 8 * FLIP_EVERY_S / flip.bytes if flip.bytes else 0.0
    rows = [
        ("Requests of a visitor, per s", f"{each.requests_s:.2f}"),
        ("Bytes to a visitor, per s", f"{each.bytes_s:,.0f}"),
        ("CPU of Caddy and edge per request, us", f"{each.cpu_us:.0f}"),
        ("CPU of a host with no visitor, cores", f"{idle:.3f}"),
        (f"Visitors per core at {BUSY:.0%}", f"{each.per_core:,.0f}"),
        ("Memory of an edge process per listing, kB, at its peak", f"{memory.each / 1e3:.1f}"),
        ("Listings per GB of an edge process", f"{(GB - memory.base) / memory.each:,.0f}"),
        ("Store per listing and generation, kB", f"{payload.each / 1e3:.1f}"),
        (
            "Bytes to each edge process per flip, kB, at the most listings",
            f"{flip.bytes / 1e3:,.0f}" if flip.bytes else "not measured",
        ),
        ("CPU of an edge process per flip, s, at the most listings", f"{flip.cpu_s:.2f}"),
        (
            f"Edge processes per store at {BUSY:.0%} of {STORE_BITS_S / 1e9:g} Gbit/s, a flip every {FLIP_EVERY_S:g} s, unchecked beyond {EDGES}",
            f"{edges:,.0f}" if flip.bytes else "not measured",
        ),
    ]
    return table(("Unit", "Figure"), rows)


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
