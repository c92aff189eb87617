"""Buildings that stand alone: a house with a lawn before it, a block of flats with balconies."""

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
from bench.rentman.pictures.stage import Frame, Stage


def cottage(canvas: Canvas, rng: Random, look: str) -> float:
    stage, season = street(canvas, rng, (-6, 10), 13.5), nature.season(rng)
    nature.sky(stage, season)
    for x in range(-22, 26, 3):
        nature.tree(stage, (x, 0, 9 + rng.uniform(-2, 4)), rng.uniform(5, 8), rng, season.leaves)
    name = "red" if look == "modern" else look
    tone, front = rng.choice(BRICKS[name]), Front(0.0)
    lawn = [(-30.0, 0.0, -14.0), (30.0, 0.0, -14.0), (30.0, 0.0, 2.0), (-30.0, 0.0, 2.0)]
    nature.lawn(stage, lawn, rng, season.grass)
    _gabled(stage, front, (tone, name), rng)
    path = [(-0.7, 0.01, -14.0), (1.0, 0.01, -14.0), (0.75, 0.01, 0.0), (-0.45, 0.01, 0.0)]
    stage.face(path, (188, 180, 166), ROAD)
    stage.finish()
    for start, end in (((-6.5, 0, -0.5), (-1.2, 0, -0.5)), ((1.5, 0, -0.5), (6.5, 0, -0.5))):
        nature.bed_of_flowers(stage, start, end, rng, season.leaves)
    for side in (-8.0, 8.0):
        nature.hedge(stage, (side, 0, 0), (side * 0.62, 0, -9), 1.1, rng, season.leaves)
    return season.warmth + 0.2


def _gabled(stage: Stage, front: Front, wall: tuple[Colour, str], rng: Random) -> None:
    tone, look = wall
    half, high, deep = 5.6, 5.4, 6.0
    for side in (-half, half):
        end = [
            (side, 0, front.z),
            (side, 0, deep),
            (side, high, deep),
            (side, high + 2.4, deep / 2),
            (side, high, front.z),
        ]
        if (side > 0) == (stage.eye[0] > side):
            stage.face(end, shade(tone, 0.72), ROUGH)
    stage.face(front.oblong(-half, 0, half, high), tone, PLASTER)
    if look not in PLAIN_WALLS:
        bricks(stage, front, (-half, 0, half, high), tone, rng)
    roof = rng.choice(ROOFS)
    slope = [
        (-half - 0.3, high - 0.1, -0.4),
        (half + 0.3, high - 0.1, -0.4),
        (half + 0.1, high + 2.6, 3),
        (-half - 0.1, high + 2.6, 3),
    ]
    stage.face(slope, roof, ROUGH)
    rows = [
        stroke(
            stage,
            (-half - 0.2, high + row * 0.25, -0.4 + row * 0.31),
            (half + 0.2, high + row * 0.25, -0.4 + row * 0.31),
        )
        for row in range(11)
    ]
    stage.canvas.lines(rows, shade(roof, 0.75), 1.6, 0.7)
    for x in (-half + 0.8, half - 0.8):
        stage.box(
            Frame(x, 3.2),
            (-0.45, high + 1.6, -0.4),
            (0.45, high + 4.0, 0.4),
            shade(tone, 0.85),
            ROUGH,
        )
    stage.face(front.oblong(-half - 0.3, high - 0.22, half + 0.3, high - 0.05, 0.42), WHITE)
    stage.lit(front.oblong(-half, high - 0.9, half, high - 0.2), 70, 0.6)
    house_door(stage, front, -0.46, rng.choice(DOORS), rng, 0.25)
    _porch(stage, front)
    for x in (-4.3, 2.3):
        sash(stage, front, (x, 0.95, x + 2.0, 2.4), rng)
    for x in (-4.1, -0.8, 2.5):
        sash(stage, front, (x, 3.55, x + 1.6, 4.85), rng)
    stage.lit(front.oblong(-half, 0.6, half, high - 1), (146, 143, 134), 0.5)


def _porch(stage: Stage, front: Front) -> None:
    top = Front(front.z - 0.9)
    stage.face([(-0.95, 2.95, top.z), (0.95, 2.95, top.z), (0, 3.6, top.z)], WHITE)
    stage.face(
        [(-1.0, 2.9, top.z), (0, 3.62, top.z), (0, 3.62, 0), (-1.0, 2.9, 0)], (92, 82, 76), ROUGH
    )
    stage.face(
        [(1.0, 2.9, top.z), (0, 3.62, top.z), (0, 3.62, 0), (1.0, 2.9, 0)], (78, 70, 66), ROUGH
    )
    for x in (-0.85, 0.85):
        stage.box(Frame(x, top.z), (-0.06, 0, -0.06), (0.06, 2.95, 0.06), WHITE)


def block(canvas: Canvas, rng: Random, look: str) -> float:
    stage, season = street(canvas, rng, (16, 30), 17), nature.season(rng)
    nature.sky(stage, season)
    tone = rng.choice(BRICKS["modern" if look not in {"red", "yellow"} else look])
    stage.face([(-60, 0, -40), (80, 0, -40), (80, 0, 10), (-60, 0, 10)], (158, 156, 150), ROAD)
    strip = [(-40.0, 0.02, -3.0), (60.0, 0.02, -3.0), (60.0, 0.02, -0.6), (-40.0, 0.02, -0.6)]
    stage.face(strip, season.grass, nature.GRASSY)
    storeys, bays = rng.randint(5, 7), 5
    other = mix(tone, WHITE, 0.55)
    end = [
        (-7.0, 0, 0),
        (-7.0, 0, 14),
        (-7.0, storeys * 3.0 + 0.8, 14),
        (-7.0, storeys * 3.0 + 0.8, 0),
    ]
    stage.face(end, shade(tone, 0.66), ROUGH)
    front = Front(0.0)
    stage.face(front.oblong(-7, 0, bays * 5.0 - 7, storeys * 3.0 + 0.8), tone, ROUGH)
    bricks(stage, front, (-7, 0, bays * 5.0 - 7, 9.0), tone, rng)
    for floor in range(storeys):
        for bay in range(bays - 1, -1, -1):
            _flat(stage, front, (bay * 5.0 - 7, floor * 3.0 + 0.3), (tone, other), rng)
    stage.finish()
    stage.lit(front.oblong(-7, 3, 18, storeys * 3.0), (148, 146, 140), 0.5)
    for x in (-9, -3.5, 4.5, 11):
        if chance(rng, 0.65):
            nature.tree(stage, (x, 0, -3.5), rng.uniform(3, 5), rng, season.leaves)
    nature.hedge(stage, (-9, 0, -2.2), (12, 0, -2.2), 0.5, rng, season.leaves)
    return season.warmth


def _flat(
    stage: Stage,
    front: Front,
    spot: tuple[float, float],
    tones: tuple[Colour, Colour],
    rng: Random,
) -> None:
    """One bay of one storey: glass doors behind a balcony, and a tall window beside."""
    left, low = spot
    tone, other = tones
    stage.face(front.oblong(left + 2.9, low, left + 4.8, low + 2.6), other)
    lit = (250, 224, 170) if chance(rng, 0.12) else (70, 84, 96)
    glass = stage.canvas.gradient([(150, 178, 198), mix(lit, (90, 108, 122), 0.4), lit])
    stage.face(front.oblong(left + 0.3, low, left + 2.7, low + 2.4), (48, 52, 56))
    for x in (0.36, 1.17, 1.96):
        stage.face(
            front.oblong(left + x, low + 0.06, left + x + 0.74, low + 2.34), glass, (0, 30, 30)
        )
    stage.face(front.oblong(left + 3.3, low + 0.3, left + 4.4, low + 2.3), (48, 52, 56))
    stage.face(front.oblong(left + 3.36, low + 0.36, left + 4.34, low + 2.24), glass, (0, 30, 30))
    if low > 1:
        slab = Frame(left + 1.5, front.z - 0.7)
        stage.box(slab, (-1.35, -0.12, -0.7), (1.35, 0.04, 0.7), shade(tone, 1.05), ROUGH)
        rail = [
            (left + 0.15, low + 0.04, -1.4),
            (left + 2.85, low + 0.04, -1.4),
            (left + 2.85, low + 1.05, -1.4),
            (left + 0.15, low + 1.05, -1.4),
        ]
        stage.later(
            (left + 1.5, low + 0.5, -1.4),
            lambda: stage.face(rail, (196, 214, 222), None, 0.55),
            0.6,
        )
        stage.box(slab, (-1.35, 1.05, -0.72), (1.35, 1.1, -0.66), (58, 62, 66), nudge=0.8)
        stage.lit(front.oblong(left + 0.2, low + 1.7, left + 2.8, low + 2.6), 78, 0.55)
