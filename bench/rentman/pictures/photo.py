"""From a drawing to a photograph: surfaces get grain, light falls on them, a lens and a sensor add theirs.

The picture is composed at a moderate size, enlarged, grained at full size and saved as a camera
would: turned sideways if it was held so, with EXIF that says how, where and by whom.
"""

from functools import cache
from random import Random

import numpy as np
import pyvips

from bench.rentman.dice import chance
from bench.rentman.pictures.canvas import NEUTRAL, PLAIN, Canvas
from bench.rentman.pictures.exif import stamp

COMPOSED = 1440  # pixels on the long side while composing
TILE = 1024
SMALL = 5  # matter and light are drawn this much smaller
QUALITY = 88
EXPOSURE = 0.95
THICK = 0.9  # no cloud hides the sky altogether
SATURATION = 0.9


@cache
def _noise(kind: str) -> pyvips.Image:
    """Tiles that repeat without a seam: the spectrum of noise is shaped and turned back."""
    rng = np.random.default_rng(sum(kind.encode()))
    low, high, power = {"fine": (60, 420, 0.35), "blotch": (4, 60, 1.0), "cloud": (1, 200, 1.55)}[
        kind
    ]
    axis = np.fft.fftfreq(TILE, 1 / TILE)
    radius = np.hypot(axis[:, None], axis[None, :] * (2.2 if kind == "cloud" else 1))
    shape = np.where((radius >= low) & (radius <= high), 1 / np.maximum(radius, 1) ** power, 0)
    field = np.fft.ifft2(np.fft.fft2(rng.normal(size=(TILE, TILE))) * shape).real
    field = (field / field.std()).astype("float32")
    return pyvips.Image.new_from_array(field)  # keeps the array alive; a copy would not


@cache
def _grain() -> pyvips.Image:
    rng = np.random.default_rng(5)
    rough = rng.normal(0, 1, (TILE, TILE)).astype("float32")
    soft = (
        rough + np.roll(rough, 1, 0) + np.roll(rough, 1, 1) + np.roll(rough, (1, 1), (0, 1))
    ) / 2
    return pyvips.Image.new_from_array(soft * 3.4 + rough * 1.6).rint().cast("char").copy_memory()


def _covering(tile: pyvips.Image, width: int, height: int, rng: Random) -> pyvips.Image:
    left, top = rng.randrange(TILE), rng.randrange(TILE)
    many = tile.replicate(width // TILE + 2, height // TILE + 2)
    return many.crop(left, top, width, height)


def develop(canvas: Canvas, rng: Random, warmth: float, owner: str) -> bytes:
    """The finished JPEG."""
    shot = _composed(canvas, rng, warmth)
    long_side = rng.choice((2000, 2000, 2200, 2400, 2400, 2800))
    if chance(rng, 0.04):
        long_side = 4000
    scale = long_side / max(shot.width, shot.height)
    large = shot.resize(scale, kernel="linear")
    grain = _covering(_grain(), large.width, large.height, rng)
    upright = (large + grain).cast("uchar").copy_memory()
    return stamp(upright, rng, owner, QUALITY)


def _composed(canvas: Canvas, rng: Random, warmth: float) -> pyvips.Image:
    wide = round(COMPOSED * canvas.width / max(canvas.width, canvas.height))
    base = _render(canvas.document(canvas.paint, wide, (200, 200, 200)))
    wide, high = base.width, base.height
    light = _light(canvas, wide // SMALL, warmth)
    matter = _fit(
        _render(canvas.document(canvas.matter, wide // SMALL, PLAIN)), wide, high
    ).copy_memory()
    fine = _covering(_noise("fine"), wide, high, rng) * (0.11 / 255)
    blotch = _covering(_noise("blotch"), wide, high, rng) * (0.07 / 255)
    rough = matter[0] * fine + matter[1] * blotch
    shot = (base * (_fit(light, wide, high) + rough)).cast("uchar").copy_memory()
    shot = _clouded(shot, matter, rng, canvas)
    return _graded(_glowing(shot), warmth).copy_memory()


def _render(document: bytes) -> pyvips.Image:
    return pyvips.Image.svgload_buffer(document).flatten().copy_memory()


def _fit(image: pyvips.Image, wide: int, high: int) -> pyvips.Image:
    return image.resize(wide / image.width, vscale=high / image.height, kernel="linear")


def _light(canvas: Canvas, wide: int, warmth: float) -> pyvips.Image:
    grey = (NEUTRAL, NEUTRAL, NEUTRAL)
    drawn = _render(canvas.document(canvas.light, wide, grey))
    soft = drawn.gaussblur(wide / 90) * 0.5 + drawn.gaussblur(wide / 26) * 0.5
    tint = [1 + 0.03 * warmth, 1.0, 1 - 0.045 * warmth]
    return soft * [EXPOSURE * part / NEUTRAL for part in tint] * _vignette(soft.width, soft.height)


def _vignette(wide: int, high: int) -> pyvips.Image:
    spot = pyvips.Image.xyz(wide, high)
    across, down = (spot[0] - wide / 2) / wide, (spot[1] - high / 2) / high
    return (across * across + down * down) * -0.42 + 1.04


def _clouded(
    shot: pyvips.Image, matter: pyvips.Image, rng: Random, canvas: Canvas
) -> pyvips.Image:
    if not canvas.cloudy:
        return shot
    wide, high = shot.width // 4, shot.height // 4
    cloud = _covering(_noise("cloud"), wide, high, rng) * 0.55 + rng.uniform(-0.15, 0.35)
    share = ((cloud > 0).ifthenelse(cloud, 0) * 0.8).gaussblur(1)
    share = (share > THICK).ifthenelse(THICK, share) * _fit(matter[2], wide, high) * (1 / 255)
    veil = _fit(share.copy_memory(), shot.width, shot.height)
    return (shot + veil * (shot * -1 + 252)).cast("uchar").copy_memory()


def _glowing(shot: pyvips.Image) -> pyvips.Image:
    """Bright windows spill a little into the lens."""
    small = shot.shrink(8, 8).cast("float")
    bright = small - 196
    spill = ((bright > 0).ifthenelse(bright, 0) * 0.55).gaussblur(5)
    return (shot + _fit(spill, shot.width, shot.height)).cast("uchar")


def _graded(shot: pyvips.Image, warmth: float) -> pyvips.Image:
    ramp = np.linspace(0, 1, 256)
    curve = ramp + 0.024 * np.sin((ramp - 0.5) * 2 * np.pi) + 0.012 * (1 - ramp)
    red, blue = 1 + 0.012 * warmth, 1 - 0.018 * warmth
    table = np.stack([curve * red, curve, curve * blue], axis=-1)[None] * 255
    lut = pyvips.Image.new_from_array(
        np.clip(table, 0, 255).astype("uint8"), interpretation="srgb"
    )
    grey = [[0.30, 0.59, 0.11]] * 3
    muted = [
        [SATURATION * (at == to) + (1 - SATURATION) * share for to, share in enumerate(row)]
        for at, row in enumerate(grey)
    ]
    return shot.maplut(lut).recomb(muted).cast("uchar")
