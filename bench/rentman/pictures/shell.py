"""The empty room: floor, walls, ceiling, windows with a view, doors, and the daylight they let in."""

from collections.abc import Sequence
from random import Random

import msgspec

from bench.rentman.dice import chance
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.colour import LEAVES, WHITE, Colour, Palette, mix, palette, shade
from bench.rentman.pictures.stage import Frame, Spot, Stage

WALL: Colour = (14, 26, 0)
FLOOR: Colour = (46, 70, 0)
ROUND = ((-1, 0), (-0.7, 0.7), (0, 1), (0.7, 0.7), (1, 0), (0.7, -0.7), (0, -1), (-0.7, -0.7))
GLASS: Colour = (0, 0, 0)
LIGHT: Colour = (206, 204, 198)


class Room(msgspec.Struct, frozen=True):
    """Metres; the camera stands near z = 0 and the window wall is at x = 0."""

    wide: float
    deep: float
    high: float
    tone: Palette

    def floor(self, left: float, near: float, right: float, far: float) -> list[Spot]:
        return [(left, 0, near), (right, 0, near), (right, 0, far), (left, 0, far)]

    def left(self, near: float, low: float, far: float, high: float) -> list[Spot]:
        return [(0, low, near), (0, low, far), (0, high, far), (0, high, near)]

    def right(self, near: float, low: float, far: float, high: float) -> list[Spot]:
        wide = self.wide
        return [(wide, low, near), (wide, low, far), (wide, high, far), (wide, high, near)]

    def back(self, left: float, low: float, right: float, high: float) -> list[Spot]:
        deep = self.deep
        return [(left, low, deep), (right, low, deep), (right, high, deep), (left, high, deep)]


def room(rng: Random, wide: float, deep: float) -> Room:
    return Room(
        wide * rng.uniform(0.92, 1.1),
        deep * rng.uniform(0.95, 1.1),
        rng.uniform(2.45, 2.95),
        palette(rng),
    )


def stage_in(
    rng: Random, canvas: Canvas, place: Room, yaw: tuple[float, float] = (-24, -7)
) -> Stage:
    """A camera in the near corner; half of all rooms are seen the other way round."""
    return Stage(
        canvas,
        eye=(place.wide * rng.uniform(0.55, 0.74), rng.uniform(1.25, 1.45), 0.15),
        yaw=rng.uniform(*yaw),
        zoom=rng.uniform(0.54, 0.64),
        horizon=rng.uniform(0.47, 0.52),
        mirror=chance(rng, 0.5),
    )


def build(stage: Stage, place: Room, accent: Colour | None = None) -> None:
    """Walls, ceiling, skirting, cornice and the dark that gathers in corners."""
    tone, canvas = place.tone, stage.canvas
    wide, deep, high = place.wide, place.deep, place.high
    back = accent or tone.wall
    stage.face(place.back(0, 0, wide, high), back, WALL)
    stage.face(place.left(-1, 0, deep, high), shade(tone.wall, 0.84), WALL)
    stage.face(place.right(-1, 0, deep, high), shade(tone.wall, 0.98), WALL)
    ceiling = [(0, high, -1), (wide, high, -1), (wide, high, deep), (0, high, deep)]
    stage.face(ceiling, mix(WHITE, tone.wall, 0.2), (10, 22, 0))
    for low, top, level in ((0, 0.13, 0.95), (high - 0.07, high, 0.97)):
        stage.face(place.back(0, low, wide, top), shade(WHITE, level))
        stage.face(place.left(-1, low, deep, top), shade(WHITE, level * 0.88))
        stage.face(place.right(-1, low, deep, top), shade(WHITE, level))
    _corners(stage, place)
    stage.lit(place.right(0, 0, deep, high), (134, 133, 131), 0.5)
    stage.lit(place.left(-1, 0, deep, high), 100, 0.45)
    stage.lit(ceiling, 122, 0.8)
    canvas.lit_spot(stage.point((wide / 2, high, deep * 0.3)), canvas.width * 0.2, 132, 0.3)


def _corners(stage: Stage, place: Room) -> None:
    wide, deep, high = place.wide, place.deep, place.high
    thick = stage.canvas.width * 0.022
    edges = (
        ((0, 0, deep), (0, high, deep)),
        ((wide, 0, deep), (wide, high, deep)),
        ((0, 0, deep), (wide, 0, deep)),
        ((0, high, deep), (wide, high, deep)),
        ((0, 0, 0.8), (0, 0, deep)),
        ((wide, 0, 0.8), (wide, 0, deep)),
    )
    for start, end in edges:
        stage.canvas.lit_line(stage.point(start), stage.point(end), 70, thick)


def boards(stage: Stage, place: Room, rng: Random, wide: float = 0.14) -> None:
    """Floorboards of uneven tone that run away from the camera."""
    wood = place.tone.wood
    stage.face(place.floor(0, -1, place.wide, place.deep), wood, FLOOR)
    x = 0.0
    while x < place.wide:
        near = -rng.uniform(0, 1.6)
        while near < place.deep:
            far = min(place.deep, near + rng.uniform(0.9, 2.2))
            tone = shade(wood, rng.uniform(0.86, 1.12))
            plank = place.floor(x + 0.004, max(-1, near), min(place.wide, x + wide), far - 0.006)
            stage.face(plank, tone, FLOOR)
            near = far
        x += wide
    stage.lit(place.floor(0, place.deep * 0.5, place.wide, place.deep), 120, 0.5)


def tiles(
    stage: Stage, spots: Sequence[Spot], count: tuple[int, int], colour: Colour, joint: Colour
) -> None:
    """A grid of lines across any flat oblong."""
    stage.face(spots, colour, (10, 30, 0))
    a, b, c, d = spots
    marks = [
        _line(stage, _along(a, b, at / count[0]), _along(d, c, at / count[0]))
        for at in range(count[0] + 1)
    ]
    marks += [
        _line(stage, _along(a, d, at / count[1]), _along(b, c, at / count[1]))
        for at in range(count[1] + 1)
    ]
    stage.canvas.lines(marks, joint, stage.canvas.width / 1100, 0.6)


def _along(start: Spot, end: Spot, share: float) -> Spot:
    x, y, z = (a + (b - a) * share for a, b in zip(start, end, strict=True))
    return (x, y, z)


def _line(stage: Stage, start: Spot, end: Spot) -> str:
    found = stage.points([start, _along(start, end, 0.5), end])
    if len(found) < 2:  # noqa: PLR2004 - behind the camera
        return ""
    (x, y), (far_x, far_y) = found[0], found[2] if len(found) > 2 else found[-1]  # noqa: PLR2004
    return f"M{x:.1f} {y:.1f}L{far_x:.1f} {far_y:.1f}"


def window(
    stage: Stage, place: Room, span: tuple[float, float], rng: Random, low: float = 0.75
) -> None:
    """A sash window in the left wall, what is seen through it, and the sun it throws on the floor."""
    near, far = span
    top = place.high - 0.35
    _view(stage, place.left(near, low, far, top), rng)
    frame = shade(WHITE, 0.8)
    for edge in _sash(near, low, far, top):
        stage.face(place.left(*edge), frame)
    sill = [
        (0, low, near - 0.08),
        (0.16, low, near - 0.08),
        (0.16, low, far + 0.08),
        (0, low, far + 0.08),
    ]
    stage.face(sill, WHITE)
    stage.lit(place.left(near, low, far, top), 166, 0.95)
    reach = place.wide * rng.uniform(0.3, 0.5)
    slip = rng.uniform(0.2, 0.7)
    for start, end in (
        (near + 0.08, (near + far) / 2 - 0.05),
        ((near + far) / 2 + 0.05, far - 0.08),
    ):
        patch = [(reach * 0.3, 0, start - slip * 0.3), (reach, 0, start - slip)]
        patch += [(reach, 0, end - slip), (reach * 0.3, 0, end - slip * 0.3)]
        stage.lit(patch, (236, 224, 196), 0.85)
    glow = place.left(near - 0.3, low - 0.3, far + 0.3, top + 0.2)
    stage.lit(glow, 170, 0.3)


def _sash(
    near: float, low: float, far: float, top: float
) -> list[tuple[float, float, float, float]]:
    half, middle = (near + far) / 2, (low + top) / 2
    return [
        (near - 0.09, low - 0.05, near, top + 0.09),
        (far, low - 0.05, far + 0.09, top + 0.09),
        (near - 0.09, top, far + 0.09, top + 0.09),
        (near, middle - 0.03, far, middle + 0.03),
        (half - 0.02, low, half + 0.02, top),
    ]


def _view(stage: Stage, spots: Sequence[Spot], rng: Random) -> None:
    """Pale, because the exposure is for the room."""
    sky = stage.canvas.gradient(
        [(178, 208, 236), (222, 234, 240), (196, 212, 176), (150, 172, 120)]
    )
    stage.face(spots, sky, GLASS)
    low, far, high = spots[0][1], spots[1][2], spots[2][1]
    near = spots[0][2]
    for _blob in range(120):
        size = rng.uniform(0.02, 0.07)
        z = rng.uniform(near + size * 1.6, far - size * 1.6)
        y = max(low + size * 1.6, min(high - size * 2, rng.gauss(low + (high - low) * 0.24, 0.15)))
        square = [(0.0, y + dy * size, z + dz * size) for dy, dz in ROUND]
        tone = mix(rng.choice(LEAVES), (232, 238, 222), rng.uniform(0.35, 0.6))
        stage.face(square, tone, GLASS, 0.75, soft=size)


def curtains(stage: Stage, place: Room, span: tuple[float, float], colour: Colour) -> None:
    near, far = span
    for start, end in ((near - 0.5, near - 0.02), (far + 0.02, far + 0.5)):
        folds = 9
        each = (end - start) / folds
        for fold in range(folds):
            z = start + fold * each
            spots = [(0.07, 0.02, z), (0.07, 0.02, z + each), (0.07, place.high - 0.16, z + each)]
            tone = shade(colour, 1.05 if fold % 2 else 0.84)
            stage.face([*spots, (0.07, place.high - 0.16, z)], tone, (90, 40, 0))
    rail = place.left(near - 0.6, place.high - 0.17, far + 0.6, place.high - 0.14)
    stage.face([(0.08, y, z) for _x, y, z in rail], (74, 66, 58))


def picture(
    stage: Stage, place: Room, box: tuple[float, float, float, float], rng: Random
) -> None:
    """A framed print on the back wall: an abstract, or hills."""
    left, low, right, high = box
    stage.lit(place.back(left - 0.02, low - 0.07, right + 0.04, high), 92, 0.5)
    stage.face(
        place.back(left, low, right, high),
        rng.choice(((52, 46, 42), (196, 164, 118), (238, 236, 230))),
    )
    stage.face(place.back(left + 0.03, low + 0.03, right - 0.03, high - 0.03), (244, 242, 236))
    edge = 0.11 * (right - left) + 0.03
    inner = (left + edge, low + edge, right - edge, high - edge)
    tones = rng.sample((place.tone.pop, place.tone.fabric, place.tone.accent, (226, 205, 176)), 4)
    stage.face(place.back(*inner), mix(tones[0], WHITE, 0.5), (60, 40, 0))
    step = (inner[3] - inner[1]) / 4
    for layer in range(3):
        top = inner[1] + step * (3 - layer)
        crest = rng.uniform(-0.5, 0.5) * step
        spots = [(inner[0], inner[1], place.deep), (inner[2], inner[1], place.deep)]
        spots += [
            (inner[2], top + crest, place.deep),
            ((inner[0] + inner[2]) / 2, top - crest, place.deep),
        ]
        stage.face([*spots, (inner[0], top, place.deep)], tones[layer + 1], (60, 40, 0))


def door(stage: Stage, place: Room, left: float, colour: Colour) -> None:
    """A panelled door in the back wall, with its frame."""
    right, top = left + 0.8, 2.02
    stage.face(place.back(left - 0.09, 0, right + 0.09, top + 0.09), WHITE)
    stage.face(place.back(left - 0.01, 0, right + 0.01, top + 0.01), (120, 116, 110))
    stage.face(place.back(left, 0, right, top), colour, (14, 30, 0))
    for low, high in ((0.18, 0.88), (1.02, 1.88)):
        for start in (left + 0.1, left + 0.44):
            stage.face(place.back(start, low, start + 0.26, high), shade(colour, 0.86))
            stage.face(
                place.back(start + 0.015, low, start + 0.26, high - 0.015), shade(colour, 0.97)
            )
    knob = stage.point((right - 0.07, 0.98, place.deep - 0.05))
    size = 0.03 * stage.scale((right, 1, place.deep))
    stage.canvas.ellipse(knob, (size, size), (186, 160, 104))


def downlights(stage: Stage, place: Room) -> None:
    for z in (place.deep * 0.45, place.deep * 0.75):
        for x in (place.wide * 0.28, place.wide * 0.72):
            spot = (x, place.high - 0.01, z)
            size = 0.05 * stage.scale(spot)
            stage.canvas.ellipse(stage.point(spot), (size, size * 0.4), (255, 250, 236))
            stage.canvas.lit_spot(stage.point(spot), size * 2.5, 180, 0.35)


def at(x: float, z: float, turn: float = 0.0, y: float = 0.0) -> Frame:
    return Frame(x, z, turn, y)
