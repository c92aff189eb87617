"""From a result to the tables of bench/pictures.md, between the markers."""

from pathlib import Path
from statistics import median

from bench import cli
from bench.edgebench.render import table
from bench.goals import Verdict, at_most, word
from bench.load.judge import thresholds
from bench.pictures.results import Result, Round
from bench.pictures.stages import CHAINED, DEFAULTS, OURS, PROGRESSIVE_MAX, SHARP

MIB, KB = 2**20, 1000


def into(result: Result, page: Path) -> None:
    cli.into(page, "picture", rendered(result))


def rendered(result: Result) -> str:
    parts = [_heading(result), _cpu(result), _verdict(result), _look(result), _memory(result)]
    return "\n\n".join(part for part in [*parts, _growth(result)] if part)


def _heading(result: Result) -> str:
    machine = result.machine
    loads = [one.load for one in result.rounds]
    sizes = ", ".join(f"{p.name} {p.width} × {p.height} ({p.licence})" for p in result.photos)
    versions = "; ".join(f"{name}: {what}" for name, what in result.versions.items())
    return (
        f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}, "
        f"Linux {machine.kernel}, Python {machine.python}; load {min(loads):.1f} to "
        f"{max(loads):.1f}.\n\nVersions: {versions}.\n\nPhotos: {sizes}."
    )


def _cpu(result: Result) -> str:
    rows = []
    for maker in dict.fromkeys(one.maker for one in result.rounds):
        found = [one for one in result.rounds if one.maker == maker]
        spent = sorted(one.cpu_s for one in found)
        first = [one for one in found if one.number == 0]
        weights = [sum(one.file_bytes[kind] for one in first) for kind in ("avif", "webp", "jpg")]
        rows.append(
            [
                maker,
                f"{median(spent):.2f}",
                f"{spent[0]:.2f} to {spent[-1]:.2f}",
                *(f"{weight / len(first) / KB:,.0f}" for weight in weights),
                str(len(found)),
            ]
        )
    head = (
        "Maker",
        "CPU s per photo, median",
        "spread",
        "AVIF kB",
        "WebP kB",
        "JPEG kB",
        "Rounds",
    )
    return "**The full set of one photo: three formats at four widths**\n\n" + table(head, rows)


def ratios(result: Result, maker: str) -> list[float]:
    """Ours by theirs, for each photo: medians of its rounds."""
    found = []
    for photo in result.photos:
        ours = _spent(result.rounds, OURS, photo.name)
        theirs = _spent(result.rounds, maker, photo.name)
        if ours and theirs:
            found.append(median(ours) / median(theirs))
    return found


def _spent(rounds: list[Round], maker: str, photo: str) -> list[float]:
    return [one.cpu_s for one in rounds if (one.maker, one.photo) == (maker, photo)]


def _verdict(result: Result) -> str:
    lines = []
    for maker in (SHARP, CHAINED, DEFAULTS):
        if found := ratios(result, maker):
            limit = _limits().get(maker)
            asked = f"; limit {limit:.3g}: {word(judged(result), _cpu_by(maker))}" if limit else ""
            lines.append(
                f"* CPU of ours by that of {maker}: {median(found):.3f} in the median photo "
                f"({min(found):.3f} to {max(found):.3f}){asked}."
            )
    return "\n".join(lines)


def judged(result: Result) -> list[Verdict]:
    """The median photo's; nothing of a short run."""
    if result.smoke:
        return []
    return [
        at_most(_cpu_by(maker), limit, median(found))
        for maker, limit in _limits().items()
        if (found := ratios(result, maker))
    ]


def _limits() -> dict[str, float]:
    asked = thresholds().pictures
    return {SHARP: asked.cpu_of_sharp, DEFAULTS: asked.cpu_of_defaults}


def _cpu_by(maker: str) -> str:
    return f"CPU by that of {maker}"


def _look(result: Result) -> str:
    if not result.scores:
        return ""
    rows = []
    for kind in ("avif", "webp", "jpg"):
        for width in sorted({score.width for score in result.scores}):
            row = [kind, str(width)]
            for maker in (OURS, DEFAULTS):
                found = [
                    s
                    for s in result.scores
                    if (s.maker, s.format, s.width) == (maker, kind, width)
                    and _is_shared(result, s.photo, kind, width)
                ]
                row.append(f"{median(s.score for s in found):.1f}" if found else "–")
                row.append(
                    f"{sum(s.file_bytes for s in found) / len(found) / KB:.1f}" if found else "–"
                )
            rows.append(row)
    quality = ", ".join(f"{kind} {value}" for kind, value in result.equal_quality.items())
    head = ("Format", "Width", "Ours, SSIMULACRA2", "kB", "sharp's defaults, SSIMULACRA2", "kB")
    return (
        f"**The look, where both have the file** (sharp's settings are its defaults but for the "
        f"quality that looks the same: {quality})\n\n{table(head, rows)}"
    )


def _is_shared(result: Result, photo: str, kind: str, width: int) -> bool:
    """Ours leaves out a format that does not pay, so some photos lack it."""
    makers = {
        s.maker for s in result.scores if (s.photo, s.format, s.width) == (photo, kind, width)
    }
    return {OURS, DEFAULTS} <= makers


def _memory(result: Result) -> str:
    rows = [
        [
            f"{peak.megapixels} MP, {'progressive' if peak.progressive else 'baseline'}",
            peak.maker,
            f"{peak.peak_rss_bytes / MIB:.0f}",
            f"{peak.cpu_s:.2f}",
        ]
        for peak in result.peaks
    ]
    head = ("JPEG", "Maker", "Peak RSS, MiB", "CPU s")
    refused = f"Ours refuses a progressive file above {PROGRESSIVE_MAX} MP by its header."
    return f"**Memory of one fresh process, full set**\n\n{table(head, rows)}\n\n{refused}"


def _growth(result: Result) -> str:
    found = result.growth
    tail = [one.rss_bytes / MIB for one in found[len(found) // 4 :]]
    handles = {one.descriptors for one in found}
    return (
        f"**Growth**: one worker, {found[-1].pictures:,} pictures, never replaced: "
        f"{found[0].rss_bytes / MIB:.0f} MiB after {found[0].pictures:,}, "
        f"{found[-1].rss_bytes / MIB:.0f} MiB at the end; {min(tail):.0f} to {max(tail):.0f} MiB "
        f"over the last three quarters; open files: {', '.join(map(str, sorted(handles)))}."
        if found
        else ""
    )
