"""Looking out: from a balcony over the town, and down a garden."""

from collections.abc import Sequence
from random import Random

from bench.rentman.pictures import furniture as put
from bench.rentman.pictures import nature, things
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.colour import WHITE, Colour, colours, mix, palette, shade
from bench.rentman.pictures.masonry import (
    BRICKS,
    ROAD,
    ROOFS,
    ROUGH,
    Front,
    sash,
    street,
    stroke,
)
from bench.rentman.pictures.nature import Season
from bench.rentman.pictures.stage import Frame, Spot, Stage


def balcony(canvas: Canvas, rng: Random, _look: str) -> float:
    stage, season = street(canvas, rng, (-12, 12), 3.2), nature.season(rng)
    stage.eye, stage.horizon = (0.0, 1.6, -3.2), 0.52
    nature.sky(stage, season)
    _skyline(stage, rng, season)
    tone = palette(rng)
    deck = [(-4.0, 0.0, -4.0), (4.0, 0.0, -4.0), (4.0, 0.0, 0.6), (-4.0, 0.0, 0.6)]
    stage.face(deck, tone.wood, ROUGH)
    planks = [stroke(stage, (x * 0.16 - 4, 0, -2.9), (x * 0.16 - 4, 0, 0.6)) for x in range(50)]
    stage.canvas.lines(planks, shade(tone.wood, 0.6), 2.2, 0.8)
    rail = [(-4.0, 0.05, 0.6), (4.0, 0.05, 0.6), (4.0, 1.05, 0.6), (-4.0, 1.05, 0.6)]
    stage.face(rail, (206, 222, 228), None, 0.28)
    for x in (-3.0, -1.5, 0.0, 1.5, 3.0):
        stage.box(Frame(x, 0.6), (-0.025, 0, -0.025), (0.025, 1.05, 0.025), (70, 74, 78))
    stage.box(Frame(0, 0.6), (-4, 1.05, -0.04), (4, 1.1, 0.04), (76, 80, 84), nudge=0.3)
    put.table(stage, Frame(0.2, -0.5), (0.7, 0.72, 0.7), tone.stone, (70, 72, 74))
    for x, turn in ((-0.75, -80), (1.15, 80)):
        put.chair(stage, Frame(x, -0.5, turn), tone.pop)
    for x in (-2.2, 2.1, 2.6):
        things.plant(stage, Frame(x, 0.15), rng, rng.uniform(0.8, 1.5), season.leaves)
    stage.finish()
    stage.lit(
        [(-1.5, 0, -2.6), (2.5, 0, -2.6), (1.5, 0, 0.4), (-2.2, 0, 0.4)], (176, 168, 150), 0.5
    )
    return season.warmth


def _skyline(stage: Stage, rng: Random, season: Season) -> None:
    wide, level = stage.canvas.width, stage.canvas.height * stage.horizon
    haze = season.sky[-1]
    for row, depth in enumerate((0.72, 0.5, 0.22)):
        x = -40.0
        while x < wide:
            across, high = rng.uniform(40, 130), rng.uniform(20, 150) * (1 - row * 0.28)
            tone = mix(rng.choice(((132, 102, 86), (120, 124, 130), (168, 156, 138))), haze, depth)
            corners = [
                (x, level - high),
                (x + across, level - high),
                (x + across, level + 240),
                (x, level + 240),
            ]
            stage.canvas.shape(corners, tone, (60, 60, 0))
            _panes(stage.canvas, (x, level - high, across, high + 60), shade(tone, 0.78), rng)
            x += across * rng.uniform(0.8, 1.1)
    for _tree in range(14):
        centre = (rng.uniform(0, wide), level + rng.uniform(40, 120))
        nature.foliage(stage.canvas, centre, (90, 60), rng, season.leaves, 130)


def _panes(
    canvas: Canvas, box: tuple[float, float, float, float], tone: Colour, rng: Random
) -> None:
    x, y, wide, high = box
    step = rng.choice((13, 16, 20))
    data = [
        f"M{x + 6 + column * step:.0f} {y + 8 + row * step * 1.4:.0f}h{step * 0.45:.1f}v{step * 0.7:.1f}h-{step * 0.45:.1f}z"
        for column in range(int((wide - 10) / step))
        for row in range(int(high / (step * 1.4)))
    ]
    if data:
        canvas.outline("".join(data), tone, None, 0.8)


def garden(canvas: Canvas, rng: Random, look: str) -> float:
    stage, season = street(canvas, rng, (-10, 10), 5.5), nature.season(rng)
    stage.eye, stage.horizon = (rng.uniform(-0.8, 0.8), 1.65, -5.5), 0.45
    nature.sky(stage, season)
    _neighbours(stage, rng, look)
    for x in (-7, -3.5, 0.5, 4, 7.5):
        nature.tree(
            stage, (x, 0, 8.6 + rng.uniform(-0.5, 1)), rng.uniform(3.6, 5.6), rng, season.leaves
        )
    lawn = [(-4.2, 0.0, -6.0), (4.2, 0.0, -6.0), (4.2, 0.0, 8.0), (-4.2, 0.0, 8.0)]
    nature.lawn(stage, lawn, rng, season.grass)
    _fences(stage, rng)
    patio = [(-4.2, 0.01, -6.0), (4.2, 0.01, -6.0), (4.2, 0.01, -2.4), (-4.2, 0.01, -2.4)]
    stage.face(patio, (190, 182, 168), ROAD)
    joints = [
        stroke(stage, (x * 0.6 - 4.2, 0.01, -5.2), (x * 0.6 - 4.2, 0.01, -2.4)) for x in range(15)
    ]
    joints += [
        stroke(stage, (-4.2, 0.01, -2.4 - row * 0.6), (4.2, 0.01, -2.4 - row * 0.6))
        for row in range(4)
    ]
    stage.canvas.lines(joints, (138, 132, 122), 2.0, 0.6)
    for side in (-3.8, 3.8):
        nature.bed_of_flowers(stage, (side, 0, 7), (side, 0, -1.6), rng, season.leaves)
    stage.lit([(-4.2, 0, 1), (0.5, 0, 1), (2.0, 0, 6), (-4.2, 0, 6)], 92, 0.55)
    tone = palette(rng)
    spot = rng.choice((-1.5, 1.5))
    put.table(stage, Frame(spot, -2.9), (1.3, 0.72, 0.8), tone.wood)
    for x, z, turn in ((-0.4, 0.6, 0), (0.4, 0.6, 0), (-0.4, -0.6, 180), (0.4, -0.6, 180)):
        put.chair(stage, Frame(spot + x, -2.9 + z, turn), mix(tone.wood, WHITE, 0.2))
    things.plant(stage, Frame(-spot * 1.6, -2.8), rng, 1.1, season.leaves)
    stage.finish()
    return season.warmth + 0.2


def _neighbours(stage: Stage, rng: Random, look: str) -> None:
    tone = BRICKS.get(look, BRICKS["red"])[0]
    for x in (-16, -5, 6):
        front = Front(18 + rng.uniform(-1, 1))
        stage.face(front.oblong(x, 0, x + 9, 6), tone, ROUGH)
        roof = [
            (x - 0.3, 6, front.z),
            (x + 9.3, 6, front.z),
            (x + 8.4, 8.6, front.z + 3),
            (x + 0.6, 8.6, front.z + 3),
        ]
        stage.face(roof, ROOFS[1], ROUGH)
        for left in (x + 1.2, x + 5.6):
            sash(stage, front, (left, 3.6, left + 1.6, 5.0), rng)


def _fences(stage: Stage, rng: Random) -> None:
    wood = rng.choice(colours("8f7554 7a6a58 a08a6a 6f7468"))
    for side in (-4.2, 4.2):
        for panel in range(70):
            z = 8 - panel * 0.2
            spots: Sequence[Spot] = [
                (side, 0, z),
                (side, 0, z - 0.19),
                (side, 1.75, z - 0.19),
                (side, 1.75, z),
            ]
            stage.face(spots, shade(wood, rng.uniform(0.82, 1.05)), ROUGH)
    for board in range(42):
        x = -4.2 + board * 0.2
        stage.face(
            [(x, 0, 8), (x + 0.19, 0, 8), (x + 0.19, 1.75, 8), (x, 1.75, 8)],
            shade(wood, rng.uniform(0.9, 1.1)),
            ROUGH,
        )
