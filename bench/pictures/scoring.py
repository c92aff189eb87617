"""How alike a file is to its photo, by SSIMULACRA2, and the quality at which sharp's look as ours."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean

from ssimulacra2 import compute_ssimulacra2

from bench.pictures import makers, photos
from bench.pictures.results import Score

FORMATS = ("avif", "webp", "jpg")
SHARP_NAMES = {"avif": "avif", "webp": "webp", "jpg": "jpeg"}
CALIBRATED_AT = 800  # pixels of width
CALIBRATED_BY = 6  # photos; the others then show whether it holds
START = {"avif": 56, "webp": 76, "jpg": 72}
STEPS = 4
_POINTS_A_STEP = 0.8  # of SSIMULACRA2 for one of quality, about
_NEAR = 0.4


class Judge:
    """References are made once for each photo and size: makers may differ by a row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def score(self, file: Path, photo: Path) -> float:
        with tempfile.NamedTemporaryFile(suffix=".png", dir=self._folder) as shown:
            size = photos.as_png(file, Path(shown.name))
            reference = self._folder / f"{photo.stem}-{size[0]}-{size[1]}.png"
            if not reference.exists():
                photos.reference(photo, size, reference)
            return float(compute_ssimulacra2(str(reference), shown.name))

    def scores(self, maker: str, name: str, photo: Path, folder: Path, width: int) -> list[Score]:
        """Of the formats that are there: ours leaves out what does not pay."""
        found = []
        for kind in FORMATS:
            file = folder / f"{width}.{kind}"
            if file.exists():
                score = self.score(file, photo)
                size = file.stat().st_size
                found.append(
                    Score(
                        maker=maker,
                        photo=name,
                        format=kind,
                        width=width,
                        score=round(score, 2),
                        file_bytes=size,
                    )
                )
        return found


def calibrated(
    judge: Judge, chosen: Mapping[str, Path], wanted: Mapping[str, Mapping[str, float]]
) -> dict[str, int]:
    """The quality at which sharp's default settings reach, in the mean, the scores of our files.

    `wanted`: our scores by format and photo, at `CALIBRATED_AT`.
    """
    return {
        kind: _search(START[kind], _shortfall(judge, chosen, kind, wanted[kind]))
        for kind in FORMATS
        if wanted.get(kind)
    }


def _search(start: int, shortfall: Callable[[int], float]) -> int:
    """A few steps along a line that is nearly straight; the best of what was tried."""
    tried: dict[int, float] = {}
    quality = start
    for _ in range(STEPS):
        tried[quality] = shortfall(quality)
        step = round(tried[quality] / _POINTS_A_STEP)
        if abs(tried[quality]) < _NEAR or step == 0 or quality + step in tried:
            break
        quality += step
    return min(tried, key=lambda one: abs(tried[one]))


def _shortfall(
    judge: Judge, chosen: Mapping[str, Path], kind: str, wanted: Mapping[str, float]
) -> Callable[[int], float]:
    def of(quality: int) -> float:
        """How many points sharp's files are below ours, in the mean."""
        formats: makers.Options = {SHARP_NAMES[kind]: {"quality": quality}}
        with makers.sharp(formats, widths=(CALIBRATED_AT,)) as sharp:
            return mean(
                ours - _score(sharp, judge, chosen[name], kind)
                for name, ours in list(wanted.items())[:CALIBRATED_BY]
            )

    return of


def _score(sharp: makers.Sharp, judge: Judge, photo: Path, kind: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        sharp.make(photo, Path(folder))
        return judge.score(Path(folder) / f"{CALIBRATED_AT}.{kind}", photo)
