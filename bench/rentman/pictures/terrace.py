"""A row of houses along a pavement, in brick, stone or colour-washed render."""

from random import Random

from bench.rentman.dice import chance
from bench.rentman.pictures import nature
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.colour import DOORS, WHITE, Colour, mix, shade
from bench.rentman.pictures.masonry import (
    BRICKS,
    PLAIN_WALLS,
    PLASTER,
    ROAD,
    ROOFS,
    ROUGH,
    Front,
    bricks,
    house_door,
    sash,
    street,
    stroke,
)
from bench.rentman.pictures.stage import Frame, Spot, Stage


def terrace(canvas: Canvas, rng: Random, look: str) -> float:
    stage, season = street(canvas, rng, (10, 24), 11.5), nature.season(rng)
    nature.sky(stage, season)
    front, wide, storeys = Front(0.0), 5.2, rng.choice((2, 2, 3))
    base = rng.choice(BRICKS.get(look, BRICKS["red"]))
    high = storeys * 3.0 + 0.8
    for unit in range(5, -3, -1):
        tone = rng.choice(BRICKS[look]) if look in PLAIN_WALLS else base
        _house(stage, front, unit * wide - 2.6, (wide, high, storeys), tone, look, rng)
    _pavement(stage, rng)
    stage.finish()
    for spot in ((9.5, 0, -3.4), (-6.5, 0, -3.2)):
        if chance(rng, 0.7):
            nature.tree(stage, spot, rng.uniform(5, 7), rng, season.leaves)
    if chance(rng, 0.6):
        nature.overhang(stage, rng, season.leaves)
    _sunlit(stage, front, high)
    return season.warmth


def _house(  # noqa: PLR0913, PLR0917 - what one house differs in
    stage: Stage,
    front: Front,
    left: float,
    size: tuple[float, float, int],
    tone: Colour,
    look: str,
    rng: Random,
) -> None:
    wide, high, storeys = size
    right = left + wide
    stage.face(front.oblong(left, 0, right, high), tone, PLASTER)
    if look not in PLAIN_WALLS and stage.lens((left, 1, 0))[2] > 2:  # noqa: PLR2004
        bricks(stage, front, (left, 0.4, right, high), tone, rng)
    ledge = mix(tone, WHITE, 0.7)
    stage.face(front.oblong(left, high - 0.4, right, high, 0.12), ledge)
    stage.face(front.oblong(left, 3.15, right, 3.3, 0.05), ledge)
    stage.lit(front.oblong(left, high - 0.75, right, high - 0.35), 74, 0.6)
    _roof(stage, front, left, right, high)
    house_door(stage, front, left + 0.5, rng.choice(DOORS), rng)
    _bay(stage, front, left + 2.3, rng, ledge)
    for floor in range(1, storeys):
        for x in (left + 0.55, left + 2.95):
            low = floor * 3.0 + 0.95
            sash(stage, front, (x, low, x + 1.05, low + 1.65), rng)
            stage.face(front.oblong(x - 0.15, low + 1.72, x + 1.2, low + 1.95, 0.04), ledge)
    pipe = front.oblong(right - 0.06, 0, right + 0.05, high, 0.06)
    stage.face(pipe, (40, 42, 44))


def _roof(stage: Stage, front: Front, left: float, right: float, high: float) -> None:
    slate = [
        (left, high, front.z),
        (right, high, front.z),
        (right, high + 1.6, front.z + 3),
        (left, high + 1.6, front.z + 3),
    ]
    stage.face(slate, ROOFS[0], ROUGH)
    chimney = Frame(right, front.z + 2.4)
    stage.box(chimney, (-0.6, high + 0.6, -0.4), (0.6, high + 2.6, 0.4), (128, 88, 70), ROUGH)
    for pot in (-0.35, 0.0, 0.35):
        stage.box(
            chimney,
            (pot - 0.1, high + 2.6, -0.1),
            (pot + 0.1, high + 3.0, 0.1),
            (176, 110, 82),
            nudge=0.2,
        )


def _bay(stage: Stage, front: Front, left: float, rng: Random, tone: Colour) -> None:
    """Three-sided, one storey: a white case with glass on each side."""
    right, out = left + 2.3, Front(front.z - 0.75)
    stage.face(
        [
            (left, 0, front.z),
            (left + 0.5, 0, out.z),
            (left + 0.5, 2.9, out.z),
            (left, 2.9, front.z),
        ],
        shade(tone, 0.8),
    )
    stage.face(
        [
            (right, 0, front.z),
            (right - 0.5, 0, out.z),
            (right - 0.5, 2.9, out.z),
            (right, 2.9, front.z),
        ],
        shade(tone, 0.9),
    )
    stage.face(out.oblong(left + 0.5, 0, right - 0.5, 2.9), tone)
    glass = stage.canvas.gradient([(176, 196, 210), (70, 80, 88)])
    for near, far in ((left, left + 0.5), (right, right - 0.5)):
        spots = [(near, 1.0, front.z), (far, 1.0, out.z), (far, 2.6, out.z), (near, 2.6, front.z)]
        stage.face(spots, glass, (0, 20, 0), soft=0.0)
    sash(stage, out, (left + 0.62, 1.0, right - 0.62, 2.6), rng)
    roof = [
        (left - 0.1, 2.9, front.z),
        (left + 0.45, 2.9, out.z - 0.1),
        (right - 0.45, 2.9, out.z - 0.1),
        (right + 0.1, 2.9, front.z),
    ]
    stage.face(
        [*roof[:1], (left + 0.6, 3.3, front.z), (right - 0.6, 3.3, front.z), *roof[:0:-1]],
        ROOFS[3],
        ROUGH,
    )
    stage.lit(front.oblong(right - 0.1, 0, right + 0.5, 2.9), 84, 0.5)


def _pavement(stage: Stage, rng: Random) -> None:
    def ground(near: float, far: float, high: float = 0.0) -> list[Spot]:
        return [(-40, high, near), (60, high, near), (60, high, far), (-40, high, far)]

    stage.face(ground(-30, -4.4), (92, 93, 96), ROAD)
    stage.face(ground(-4.4, -4.2, 0.02), (168, 164, 156))
    stage.face(ground(-4.2, -1.3), (172, 167, 158), ROAD)
    stage.face(ground(-1.3, 0), (150, 143, 132), ROAD)
    joints = [stroke(stage, (x * 0.9 - 12, 0, -1.3), (x * 0.9 - 12, 0, -4.2)) for x in range(40)]
    stage.canvas.lines(joints, (120, 116, 110), 1.3, 0.6)
    for x in range(-11, 32):
        post = Frame(x * 0.7, -1.3)
        if x % 7 not in {2, 3}:
            stage.box(post, (-0.02, 0.12, -0.02), (0.02, 0.95, 0.02), (28, 30, 32))
            stage.box(post, (-0.35, 0.84, -0.015), (0.35, 0.88, 0.015), (28, 30, 32))
            stage.box(post, (-0.35, 0, -0.12), (0.35, 0.16, 0.12), (160, 152, 140), ROUGH)
    stage.lit(ground(-1.3, 0), 84, 0.6)
    stage.lit(ground(-30, -9 + rng.uniform(-1, 1)), 104, 0.6)


def _sunlit(stage: Stage, front: Front, high: float) -> None:
    """The low sun reaches the upper storeys; the street stays in shade."""
    stage.lit(front.oblong(-20, 2.5, 40, high), (152, 146, 134), 0.5)
    stage.lit(front.oblong(-20, 0, 40, 1.0), 100, 0.5)
