"""From a result to the tables of bench/README.md, between the markers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from bench import cli
from bench.edgebench import limits, results, winners
from bench.edgebench.results import Result, Round
from bench.edgebench.stages import ANY, DETAIL, EDGE, SAME, summary

MIB, KB = 2**20, 1000
WHOLE = "one process without Caddy and TLS"
HEAD = ("Server", "CPU us, median", "least to most", "Requests/s", "p50 ms", "p99 ms")


def into(result: Result, page: Path) -> None:
    cli.into(page, "edge", rendered(result))


def rendered(result: Result) -> str:
    parts = [
        heading(result),
        lookups(result),
        winners.verdict(result, EDGE, WHOLE),
        *_scale(result),
    ]
    return "\n\n".join(part for part in parts if part)


def _scale(result: Result) -> list[str]:
    """From an earlier result, and saying so, where this one has none."""
    sized = result if result.sizes else results.sized(cli.RESULTS)
    if sized is None:
        return []
    told = f"Sizes and flips: {sized.made_at}, commit {sized.commit}, {sized.machine.cpu}."
    parts = [_sizes(sized), _beside(sized), _flips(sized), limits.told(sized)]
    return ["" if sized is result else told, *parts]


def heading(result: Result) -> str:
    machine = result.machine
    versions = "; ".join(f"{name}: {what}" for name, what in result.versions.items())
    cpu = f"{machine.cores} shared cores of {machine.cpu}, {machine.memory_mb // 1024} GiB"
    system = f"Linux {machine.kernel}, Python {machine.python}"
    said = [
        f"{result.made_at}, commit {result.commit}; {cpu}, {system}.",
        *(f"{name}: {what}." for name, what in result.method.items()),
        f"Versions: {versions}.",
    ]
    if result.absent:
        lost = "; ".join(f"{name} ({why})" for name, why in result.absent.items())
        said.append(f"Absent: {lost}.")
    return "\n\n".join(said)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def lookups(result: Result) -> str:
    """CPU first: the one figure that other work on the machine hardly moves."""
    parts = []
    for subject in result.subjects:
        size = f"{subject.body_bytes:,} bytes of body" if subject.body_bytes else "no body"
        rows = []
        for server in winners.servers(result):
            found = winners.of(result, server, subject.name)
            if found:
                rows.append([server, *_figures(found)])
        rows.sort(key=lambda row: float(row[1]))
        how = f"{subject.method}.\n\n" if subject.method else ""
        parts.append(f"**{subject.name}** ({subject.status}, {size})\n\n{how}{table(HEAD, rows)}")
    memory = [[name, f"{size / MIB:.0f}"] for name, size in result.memory_bytes.items()]
    parts.append("**Memory after it all**\n\n" + table(("Server", "Memory MiB"), memory))
    return "\n\n".join(parts)


def _figures(rounds: Sequence[Round]) -> list[str]:
    least, middle, rate, p50, p99 = summary(rounds)
    most = max(item.cpu_us for item in rounds)
    spread = f"{least:.1f} to {most:.1f}"
    return [f"{middle:.1f}", spread, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]


def _sizes(result: Result) -> str:
    if not result.sizes:
        return ""
    rows = []
    smallest = min(size.listings for size in result.sizes)
    base = next(size.memory_bytes for size in result.sizes if size.listings == smallest)
    for size in result.sizes:
        grown = size.memory_bytes - base
        more = size.listings - smallest
        found = [r for r in winners.of(result, EDGE, ANY) if r.listings == size.listings]
        rows.append(
            [
                f"{size.listings:,}",
                f"{size.payload_bytes / MIB:.1f}",
                f"{size.memory_bytes / MIB:.0f}",
                f"{grown / more * KB / MIB:.1f}" if more else "–",
                f"{size.memory_bytes / size.payload_bytes:.2f}",
                f"{median(size.cold_start_s):.2f}",
                f"{median(size.next_start_s):.2f}",
                f"{median(size.back_s):.2f}",
                f"{min(r.cpu_us for r in found):.1f}" if found else "–",
                f"{median(r.cpu_us for r in found):.1f}" if found else "–",
            ]
        )
    head = (
        "Listings",
        "Payload MiB",
        "Memory MiB",
        f"MiB per 1,000 above {smallest}",
        "Memory / payload",
        "Cold start s",
        "Next start s",
        "Back after a kill, s",
        "CPU us per detail, least",
        "median",
    )
    return "**The edge by number of listings**\n\n" + table(head, rows)


def _beside(result: Result) -> str:
    """Why a detail costs one figure among the peers and another here."""
    there, here = winners.of(result, EDGE, DETAIL), winners.of(result, EDGE, SAME)
    fewest = min((one.listings for one in here), default=0)
    spread = [one for one in winners.of(result, EDGE, ANY) if one.listings == fewest]
    if not (there and here and spread):
        return (
            "These look-ups and those beside the peers were minutes apart, in which the machine is not as fast: "
            "compare within one table."
        )
    alone, beside, over = (median(one.cpu_us for one in found) for found in (there, here, spread))
    return (
        f"The detail that the peers serve too costs {alone:.1f} us among them and {beside:.1f} us in the rounds of this table, "
        f"in which details of all {fewest} listings cost {over:.1f} us: the requests are alike (identity, 32 connections), the "
        "minutes are not. Compare within one table."
    )


def _flips(result: Result) -> str:
    rows = []
    for found in result.flip_loads:
        mine = [flip for flip in result.flips if flip.listings == found.listings]
        calm = [flip for flip in mine if flip.cpu_s is not None]
        busy = [flip.seconds for flip in mine if flip.cpu_s is None]
        rows.append(
            [
                f"{found.listings:,}",
                f"{median(flip.seconds for flip in calm):.2f}",
                f"{median(flip.cpu_s or 0 for flip in calm):.2f}",
                f"{median(flip.edge_bytes for flip in calm) / KB:,.0f}",
                f"{median(busy):.2f}",
                f"{found.requests:,}",
                f"{found.faults}",
                f"{found.p99_ms:.1f} / {found.still_p99_ms:.1f}",
                f"{found.longest_ms:.0f} / {found.still_longest_ms:.0f}",
                f"{found.peak_rss_bytes / MIB:.0f}",
            ]
        )
    head = (
        "Listings",
        "Flip s, idle",
        "Edge CPU s per flip",
        "kB to each edge",
        "Flip s, under load",
        "Requests checked",
        "Not 2xx or not whole",
        "p99 ms, flipping / still",
        "Longest ms, flipping / still",
        "Peak RSS MiB",
    )
    return "**Flips: one price changes, all else stays**\n\n" + table(head, rows) if rows else ""
