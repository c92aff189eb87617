"""What is measured: CPU beside sharp at equal settings and at an equal look, memory, growth."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.edgebench.processes import cpu_s, peak_rss_bytes, rss_bytes
from bench.pictures import makers, photos, scoring
from bench.pictures.makers import Maker
from bench.pictures.results import Growth, Peak, Result, Round, Score
from bench.pictures.scoring import CALIBRATED_AT, Judge

OURS = "ours"
SHARP, CHAINED, DEFAULTS = "sharp", "sharp, chained", "sharp, defaults"
SCORED_WIDTHS = (400, CALIBRATED_AT)
SAMPLES = 20
PROGRESSIVE_MAX = 50  # megapixels that our worker takes of such a file
Start = Callable[[], AbstractContextManager[Maker]]


@dataclass(frozen=True, slots=True)
class Effort:
    photos: int
    rounds: int
    megapixels: tuple[int, ...]
    pictures: int  # for growth
    beside_sharp: bool


FULL = Effort(10, 3, (24, 100), 2000, beside_sharp=True)
SMOKE = Effort(1, 1, (1,), 20, beside_sharp=False)


@contextmanager
def _chosen(effort: Effort) -> Iterator[Mapping[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        yield photos.chosen(effort.photos) if effort.beside_sharp else photos.drawn(Path(folder))


def cpu(result: Result, effort: Effort) -> None:
    """In turn within each round, so that what else the machine does meets all alike."""
    with _chosen(effort) as chosen, ExitStack() as stack:
        result.photos = [photos.described(name, file) for name, file in chosen.items()]
        running: dict[str, Maker] = {OURS: stack.enter_context(makers.ours())}
        if effort.beside_sharp:
            running[SHARP] = stack.enter_context(makers.sharp(makers.SAME))
            running[CHAINED] = stack.enter_context(makers.sharp(makers.SAME, chain=True))
        warm(running, next(iter(chosen.values())))
        for number in range(effort.rounds):
            for name, photo in chosen.items():
                for label, maker in running.items():
                    result.rounds.append(_round(label, maker, name, photo, number))


def look(result: Result, effort: Effort) -> None:
    """sharp's defaults, but for the quality that makes its files look as ours do."""
    if not effort.beside_sharp:
        return
    with _chosen(effort) as chosen, tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        judge = Judge(Path(scratch))
        ours = stack.enter_context(makers.ours())
        for name, photo in chosen.items():
            result.scores += _scores(judge, OURS, ours, name, photo)
        quality = scoring.calibrated(judge, chosen, _wanted(result))
        result.equal_quality = quality
        formats = {scoring.SHARP_NAMES[kind]: {"quality": q} for kind, q in quality.items()}
        sharp = stack.enter_context(makers.sharp(formats))
        warm({DEFAULTS: sharp}, next(iter(chosen.values())))
        for name, photo in chosen.items():  # once: each takes as long as a dozen of ours
            result.rounds.append(_round(DEFAULTS, sharp, name, photo, 0))
        for name, photo in chosen.items():
            result.scores += _scores(judge, DEFAULTS, sharp, name, photo)


def memory(result: Result, effort: Effort) -> None:
    with _chosen(effort) as chosen, tempfile.TemporaryDirectory() as scratch:
        source = next(iter(chosen.values()))
        for megapixels in effort.megapixels:
            for progressive in (False, True):
                large = photos.enlarged(source, megapixels, Path(scratch), progressive=progressive)
                for label, start in _starters(effort).items():
                    if label == OURS and progressive and megapixels > PROGRESSIVE_MAX:
                        continue  # refused by its header
                    peak = _peak(label, start, large, megapixels, progressive=progressive)
                    result.peaks.append(peak)


def growth(result: Result, effort: Effort) -> None:
    """One worker, never replaced; small pictures, so that many fit into a few minutes."""
    with (
        _chosen(effort) as chosen,
        tempfile.TemporaryDirectory() as scratch,
        makers.ours("fast") as maker,
    ):
        small = photos.enlarged(
            next(iter(chosen.values())), 0.15, Path(scratch), progressive=False
        )
        for count in range(1, effort.pictures + 1):
            _made(maker, small)
            if count % (effort.pictures // SAMPLES) == 0:
                pid = maker.process.pid
                result.growth.append(
                    Growth(
                        pictures=count,
                        rss_bytes=rss_bytes([pid]),
                        descriptors=len([*Path(f"/proc/{pid}/fd").iterdir()]),
                    )
                )


def warm(running: Mapping[str, Maker], photo: Path) -> None:
    for maker in running.values():
        _made(maker, photo)


def _starters(effort: Effort) -> dict[str, Start]:
    found: dict[str, Start] = {OURS: makers.ours}
    if effort.beside_sharp:
        found[SHARP] = lambda: makers.sharp(makers.SAME)
    return found


def _round(label: str, maker: Maker, name: str, photo: Path, number: int) -> Round:
    before = cpu_s([maker.process.pid])
    weights = _made(maker, photo)
    return Round(
        maker=label,
        photo=name,
        number=number,
        cpu_s=round(cpu_s([maker.process.pid]) - before, 2),
        load=round(os.getloadavg()[0], 2),
        file_bytes=weights,
    )


def _made(maker: Maker, photo: Path) -> dict[str, int]:
    """Bytes for each format, all widths together."""
    with tempfile.TemporaryDirectory() as folder:
        maker.make(photo, Path(folder))
        return {
            kind: sum(file.stat().st_size for file in Path(folder).glob(f"*.{kind}"))
            for kind in scoring.FORMATS
        }


def _scores(judge: Judge, label: str, maker: Maker, name: str, photo: Path) -> list[Score]:
    with tempfile.TemporaryDirectory() as folder:
        maker.make(photo, Path(folder))
        return [
            score
            for width in SCORED_WIDTHS
            for score in judge.scores(label, name, photo, Path(folder), width)
        ]


def _wanted(result: Result) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for score in result.scores:
        if score.maker == OURS and score.width == CALIBRATED_AT:
            found.setdefault(score.format, {})[score.photo] = score.score
    return found


def _peak(label: str, start: Start, photo: Path, megapixels: int, *, progressive: bool) -> Peak:
    with start() as maker:
        pid = maker.process.pid
        idle, before = rss_bytes([pid]), cpu_s([pid])
        _made(maker, photo)
        return Peak(
            maker=label,
            megapixels=megapixels,
            progressive=progressive,
            cpu_s=round(cpu_s([pid]) - before, 2),
            idle_rss_bytes=idle,
            peak_rss_bytes=peak_rss_bytes([pid]),
        )
