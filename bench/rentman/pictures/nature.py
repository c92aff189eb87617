"""Sky, trees, hedges, grass and flowers: many small leaves rather than one green shape."""

from collections.abc import Sequence
from math import cos, pi, sin
from random import Random

import msgspec

from bench.rentman.dice import chance
from bench.rentman.pictures.canvas import Canvas, Point, path
from bench.rentman.pictures.colour import (
    AUTUMN,
    LEAVES,
    SPRING,
    Colour,
    colours,
    mix,
    shade,
)
from bench.rentman.pictures.stage import Spot, Stage

LEAFY: Colour = (150, 60, 0)
GRASSY: Colour = (190, 110, 0)
SKIES = (
    colours("5f97c8 9fc4de dbe8ee"),
    colours("6da0c9 b9d3e2 f0ead9"),
    colours("8fa9bd c3ced6 e6e4df"),
    colours("4f7fb5 93b4d0 f2d8b4"),
    colours("6b7fa6 c79f9a f6d3a0"),
)
FLOWERS = colours("e8d9e6 d36a86 f2e6b0 8a6fb0 f4f1ea e39a4c")


class Season(msgspec.Struct, frozen=True):
    leaves: tuple[Colour, ...]
    grass: Colour
    sky: tuple[Colour, ...]
    warmth: float


def season(rng: Random) -> Season:
    leaves = rng.choices((LEAVES, SPRING, AUTUMN), (6, 2, 2))[0]
    sky = rng.choices(range(5), (5, 4, 2, 2, 1))[0]
    warmth = (0.1, 0.4, -0.4, 0.7, 1.2)[sky]
    grass = mix((104, 134, 62), (128, 132, 70), rng.random())
    return Season(leaves, grass, SKIES[sky], warmth)


def sky(stage: Stage, season: Season) -> None:
    canvas = stage.canvas
    wide, low = canvas.width, canvas.height * stage.horizon + 4
    corners = [(0.0, 0.0), (wide, 0.0), (wide, low), (0.0, low)]
    canvas.shape(corners, canvas.gradient(season.sky), None)
    high = canvas.height
    canvas.shape(
        [(0.0, low), (wide, low), (wide, high), (0.0, high)],
        mix(season.grass, season.sky[-1], 0.35),
    )
    strength = [(0.0, 0.0, blue) for blue in (120, 190, 220, 190, 110, 30)]  # thin at the horizon
    canvas.matter.append(f'<path d="{path(corners)}" fill="{canvas.gradient(strength)}"/>')
    canvas.cloudy = True


def foliage(
    canvas: Canvas,
    centre: Point,
    radii: Point,
    rng: Random,
    leaves: Sequence[Colour],
    count: int = 420,
) -> None:
    """A crown of leaves, dark below and light above, as one path for each tone."""
    tones = sorted(leaves, key=sum)
    paths: dict[int, list[str]] = {}
    blobs = [(_within(rng), rng.uniform(0.36, 0.56)) for _blob in range(9)]
    least = min(radii)
    for (x, y), reach in blobs:
        spot = (centre[0] + x * 0.62 * radii[0], centre[1] + y * 0.62 * radii[1])
        canvas.ellipse(
            spot, (reach * 0.86 * radii[0], reach * 0.86 * radii[1]), shade(tones[0], 0.8), LEAFY
        )
    for _leaf in range(count):
        (bx, by), reach = rng.choice(blobs)
        dx, dy = _within(rng)
        x, y = bx * 0.62 + dx * reach * 1.08, by * 0.62 + dy * reach * 1.08
        height = -dy * 0.7 - y * 0.5 - x * 0.2 + rng.gauss(0, 0.22)
        level = min(len(tones) + 1, max(0, int((height + 0.9) / 1.8 * (len(tones) + 2))))
        size = rng.uniform(0.035, 0.07) * least
        paths.setdefault(level, []).append(
            _petal(centre[0] + x * radii[0], centre[1] + y * radii[1], size, rng)
        )
    for level in sorted(paths):
        tone = shade(tones[min(level, len(tones) - 1)], 0.74 + 0.09 * level)
        canvas.outline("".join(paths[level]), tone, LEAFY)


def _within(rng: Random) -> Point:
    angle, reach = rng.uniform(0, 2 * pi), rng.random() ** 0.5
    return (cos(angle) * reach, sin(angle) * reach)


def _petal(x: float, y: float, size: float, rng: Random) -> str:
    turn = rng.uniform(0, pi)
    a, b = cos(turn) * size * 1.5, sin(turn) * size * 1.5
    return (
        f"M{x - a:.1f} {y - b:.1f}L{x - b * 0.6:.1f} {y + a * 0.6:.1f}"
        f"L{x + a:.1f} {y + b:.1f}L{x + b * 0.6:.1f} {y - a * 0.6:.1f}z"
    )


def tree(stage: Stage, spot: Spot, high: float, rng: Random, leaves: Sequence[Colour]) -> None:
    foot, unit = stage.point(spot), stage.scale(spot)
    trunk = 0.14 * unit
    top = foot[1] - high * 0.55 * unit
    lean = rng.uniform(-0.2, 0.2) * unit
    bark = mix((74, 62, 50), (112, 104, 92), rng.random())
    stage.canvas.shape(
        [
            (foot[0] - trunk, foot[1]),
            (foot[0] + trunk, foot[1]),
            (foot[0] + lean + trunk * 0.4, top),
            (foot[0] + lean - trunk * 0.4, top),
        ],
        stage.canvas.gradient([shade(bark, 1.2), shade(bark, 0.6)], False),
        (120, 60, 0),
    )
    centre = (foot[0] + lean, foot[1] - high * 0.68 * unit)
    reach = high * 0.34 * unit  # far trees get by with fewer leaves
    foliage(stage.canvas, centre, (reach, reach), rng, leaves, int(min(620, 3.4 * reach + 60)))


def hedge(
    stage: Stage, start: Spot, end: Spot, high: float, rng: Random, leaves: Sequence[Colour]
) -> None:
    steps = 14
    for step in range(steps + 1):
        share = step / steps
        spot = (
            start[0] + (end[0] - start[0]) * share,
            start[1],
            start[2] + (end[2] - start[2]) * share,
        )
        if stage.lens(spot)[2] < 0.6:  # noqa: PLR2004 - beside or behind the camera
            continue
        unit, (x, y) = stage.scale(spot), stage.point(spot)
        centre = (x, y - high * 0.5 * unit)
        foliage(stage.canvas, centre, (high * 0.75 * unit, high * 0.62 * unit), rng, leaves, 64)


def lawn(stage: Stage, spots: Sequence[Spot], rng: Random, grass: Colour) -> None:
    stage.face(spots, grass, GRASSY)
    stage.face(spots, stage.canvas.gradient([shade(grass, 1.16), shade(grass, 0.78)]), GRASSY, 0.7)
    x = [spot[0] for spot in spots]
    z = [spot[2] for spot in spots]
    strokes: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for _blade in range(500):
        spot = (rng.uniform(min(x), max(x)), 0.0, rng.uniform(min(z), max(z)))
        if stage.lens(spot)[2] < 0.5:  # noqa: PLR2004
            continue
        unit, (px, py) = stage.scale(spot), stage.point(spot)
        tall = 0.05 * unit
        strokes[rng.randrange(3)].append(
            f"M{px:.1f} {py:.1f}l{rng.uniform(-3, 3):.1f} {-tall:.1f}"
        )
    for level, data in strokes.items():
        stage.canvas.lines(data, shade(grass, (0.72, 1.15, 1.35)[level]), 1.6, 0.55)


def bed_of_flowers(
    stage: Stage, start: Spot, end: Spot, rng: Random, leaves: Sequence[Colour]
) -> None:
    hedge(stage, start, end, 0.45, rng, leaves)
    tones = rng.sample(FLOWERS, 3)
    dots: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for _flower in range(130):
        share = rng.random()
        spot = (
            start[0] + (end[0] - start[0]) * share + rng.uniform(-0.25, 0.25),
            rng.uniform(0.2, 0.62),
            start[2] + (end[2] - start[2]) * share,
        )
        if stage.lens(spot)[2] > 0.6:  # noqa: PLR2004
            x, y = stage.point(spot)
            dots[rng.randrange(3)].append(_petal(x, y, 0.03 * stage.scale(spot), rng))
    for level, data in dots.items():
        stage.canvas.outline("".join(data), tones[level], LEAFY) if data else None


def overhang(stage: Stage, rng: Random, leaves: Sequence[Colour]) -> None:
    """A branch that hangs into a top corner, close to the camera."""
    wide = stage.canvas.width
    corner = wide if chance(rng, 0.5) else 0
    for _bunch in range(4):
        centre = (corner + rng.uniform(-0.12, 0.12) * wide, rng.uniform(-0.02, 0.12) * wide)
        foliage(stage.canvas, centre, (0.1 * wide, 0.07 * wide), rng, leaves, 170)
