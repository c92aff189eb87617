"""From the results of all profiles to the tables of the README."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench import cli
from bench.edgebench.render import MIB, table
from bench.goals import Verdict
from bench.load import knee
from bench.load.profiles import ALL
from bench.load.records import Pages, Run, load_pages, load_run
from bench.load.tally import PAGE, PICTURE

HEAD = (
    *(
        "Profile",
        "Measured",
        "Commit",
        "Visitors",
        "Seconds",
        "Requests",
        "Errors",
        "Ready answers",
    ),
    *(
        "Pages p50 ms",
        "p99",
        "p99.9",
        "Pictures p99 ms",
        "A settled second, p50 / p99 ms",
        "Limits",
    ),
)
LONG_S = 1800
SHARED = 2  # runs of this format count what is a file's as well
PARTS = ("caddy", "edge", "sync", "store", "rentman")


def into(folder: Path, page: Path) -> None:
    cli.into(page, "load", rendered(runs(folder), pages(folder), tries(folder)))


def runs(folder: Path) -> list[Run]:
    """The newest result of each profile, in the order of the profiles."""
    newest = (cli.newest(f"load-{name}", folder) for name in ALL)
    return [load_run(path) for path in newest if path is not None]


def pages(folder: Path) -> Pages | None:
    path = cli.newest("load-first-page", folder)
    return load_pages(path) if path else None


def tries(folder: Path) -> list[Run]:
    """Every run that is kept, the oldest first."""
    return [load_run(path) for name in ALL for path in cli.dated(f"load-{name}", folder)]


def rendered(found: Sequence[Run], first: Pages | None, every: Sequence[Run] = ()) -> str:
    if not found:
        raise ValueError("no result yet: `python -m bench.load run steady`")
    machine = found[0].machine
    heading = (
        f"{machine.cores} cores of {machine.cpu}, which Locust "
        f"shares with the whole demo; {found[0].listings} listings with pictures; HTTP/1.1 with TLS. Profiles are "
        "shortened where their seconds say so. Ready answers are those that nobody had to work out, "
        "of the whole run; their limit is for what comes when all have come. Percentiles "
        f"{_counted(found)}; the settled second is the middle one of those after the arrivals, pictures included."
    )
    parts = [heading, table(HEAD, map(_row, found)), _unkept(found), _tries(every), _cost(found)]
    parts += [_held(run) for run in found if run.seconds >= LONG_S and run.memory]
    parts += [
        told for run in found if run.profile == knee.PROFILE and (told := knee.rendered(run))
    ]
    return "\n\n".join([*parts, _first(first)] if first else parts)


def _row(run: Run) -> list[str]:
    page, picture = run.told.totals[PAGE], run.told.totals[PICTURE]
    timed, shown = run.told.timed[PAGE], run.told.timed[PICTURE]
    requests = page.requests + picture.requests
    seconds = f"{run.seconds}"
    if run.seconds != run.whole_seconds:
        seconds += f" of {run.whole_seconds}"
    return [
        run.profile,
        run.made_at[:16].replace("T", " "),
        run.commit,
        f"{run.visitors:,}",
        seconds,
        f"{requests:,}",
        f"{page.errors + picture.errors}",
        f"{(page.hits + picture.hits) / requests:.2%}" if requests else "–",
        *(f"{value:.1f}" for value in (timed.p50_ms, timed.p99_ms, timed.p999_ms)),
        f"{shown.p99_ms:.1f}",
        _settled(run),
        _kept(run.verdicts),
    ]


def _counted(found: Sequence[Run]) -> str:
    later = [run.profile for run in found if run.told.settled and ALL[run.profile].settled_s]
    if not later:
        return "include arrivals, each with a TLS greeting and a first page"
    return f"of {', '.join(later)} begin when all have come; the others include arrivals, each with a TLS greeting"


def _settled(run: Run) -> str:
    """The middle second of those in which all visitors were there."""
    begins = ALL[run.profile].within(run.seconds).settled_s
    found = [one for one in run.told.seconds if one.at >= begins and one.requests]
    if not found:
        return "–"
    p50, p99 = (median(getattr(one, name) for one in found) for name in ("p50_ms", "p99_ms"))
    return f"{p50:.1f} / {p99:.1f}"


def _kept(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "not judged"
    missed = sum(not one.kept for one in verdicts)
    return f"{missed} missed" if missed else "kept"


def _unkept(found: Sequence[Run]) -> str:
    """Said plainly, with the figure."""
    lines = [
        f"* {run.profile}: {one.what} {one.found:.4g}, the limit is {one.limit:g}."
        for run in found
        for one in run.verdicts
        if not one.kept
    ]
    return (
        "Limits that were missed:\n\n" + "\n".join(lines)
        if lines
        else "Visitors kept every limit."
    )


def _tries(every: Sequence[Run]) -> str:
    """So that nobody takes the last of several for the only one. Whole ones, that is."""
    every = [run for run in every if run.seconds == run.whole_seconds]
    lines = []
    for name in dict.fromkeys(run.profile for run in every):
        mine = [run for run in every if run.profile == name]
        judged = [run for run in mine if run.verdicts]
        kept = sum(all(one.kept for one in run.verdicts) for run in judged)
        p50, p99 = (
            [getattr(run.told.timed[PAGE], ms) for run in mine] for ms in ("p50_ms", "p99_ms")
        )
        lines.append(
            [name, f"{len(mine)}", f"{kept}" if judged else "–"]
            + [f"{min(ms):.1f} / {median(ms):.1f} / {max(ms):.1f}" for ms in (p50, p99)]
        )
    head = ("Profile", "Runs", "All limits kept", "Pages p50 ms, least / median / most", "p99")
    told = "**Every run that is kept** (`results/`), of whichever commit"
    return f"{told}\n\n{table(head, lines)}" if lines else ""


def _cost(found: Sequence[Run]) -> str:
    rows = []
    for run in found:
        requests = sum(total.requests for total in run.told.totals.values())
        spent = [f"{run.cpu_s.get(part, 0.0):.1f}" for part in PARTS]
        served = sum(run.cpu_s.get(part, 0.0) for part in ("caddy", "edge"))
        each = f"{served / requests * 1e6:.0f}" if requests else "–"
        theirs = f"{run.client_cpu_s / run.seconds:.0%}" if run.client_cpu_s else "–"
        rows.append([run.profile, *spent, each, theirs, f"{run.memory_bytes / MIB:.0f}"])
    head = (
        *("Profile", *(f"{part}, CPU s" for part in PARTS), "Caddy and edge, us per request"),
        "Locust, of one core",
    )
    return "**What it cost the stack**\n\n" + table((*head, "Memory MiB"), rows)


def _held(run: Run) -> str:
    """Whether it leaks."""
    last = len(run.memory) - 1
    looks = [run.memory[round(last * quarter / 4)].bytes for quarter in range(5)]
    rows = [[part, *(f"{look.get(part, 0) / MIB:.1f}" for look in looks)] for part in PARTS]
    head = ("Part", "at the start", *(f"after {run.seconds * n // 240} min" for n in range(1, 5)))
    shared = "" if run.format > SHARED else ", with their share of programs and libraries"
    return f"**Memory over {run.profile}, MiB**{shared}\n\n" + table(head, rows)


def _first(first: Pages) -> str:
    (verdict,) = first.verdicts
    word = "kept" if verdict.kept else "missed"
    late = sum(one > verdict.limit for one in first.complete_ms)
    return (
        f"**A first visit** in {first.browser}, empty cache, {first.pictures} pictures on a screen of 1280 × 1024, "
        f"{len(first.complete_ms)} visits one after the other, nobody else there: document {median(first.document_ms):.0f} ms, "
        f"first data {median(first.data_ms):.0f} ms, all of it {median(first.complete_ms):.0f} ms in the median "
        f"({min(first.complete_ms):.0f} to {max(first.complete_ms):.0f}, {late} of them later than the limit); the limit of {verdict.limit:g} ms is {word}."
    )
