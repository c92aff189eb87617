"""What fronts of houses are made of: brickwork, sash windows, doors with steps."""

from random import Random

import msgspec

from bench.rentman.dice import chance
from bench.rentman.pictures import nature
from bench.rentman.pictures.canvas import Canvas
from bench.rentman.pictures.colour import (
    BLACK,
    WHITE,
    Colour,
    colours,
    mix,
    shade,
)
from bench.rentman.pictures.stage import Frame, Spot, Stage

ROUGH: Colour = (120, 120, 0)
PLASTER: Colour = (36, 60, 0)
ROAD: Colour = (150, 110, 0)
BRICKS = {
    "red": colours("9a5743 8b4a3a a8664c"),
    "yellow": colours("b99a6d a98c62 c2a67c"),
    "stone": colours("b6ab98 a89d8a c4b9a4"),
    "stucco": colours("ded9ce d6d2c8 e0d4c0 c8d0d0"),
    "render": colours("c7d5d6 e3c9b4 d8dcc4 e8dfd0 b9c7d4 ecd9a6"),
    "modern": colours("8c8f92 a4604a c9c4ba 5f646a"),
}
PLAIN_WALLS = {"stucco", "render"}
ROOFS = colours("4d4f54 5a4a44 6a5348 44484e")


class Front(msgspec.Struct, frozen=True):
    """One flat wall in the plane z = `z`; x and y are metres along and up it."""

    z: float

    def oblong(
        self, left: float, low: float, right: float, high: float, out: float = 0.0
    ) -> list[Spot]:
        z = self.z - out
        return [(left, low, z), (right, low, z), (right, high, z), (left, high, z)]


def street(canvas: Canvas, rng: Random, yaw: tuple[float, float], far: float) -> Stage:
    return Stage(
        canvas,
        eye=(rng.uniform(-1.5, 0.5), 1.7, -far),
        yaw=rng.uniform(*yaw),
        zoom=rng.uniform(0.6, 0.7),
        horizon=rng.uniform(0.7, 0.76),
        mirror=chance(rng, 0.5),
        sun=(-0.5, 0.6, -0.62),
    )


def bricks(
    stage: Stage, front: Front, box: tuple[float, float, float, float], tone: Colour, rng: Random
) -> None:
    """Courses, joints and a scatter of odd bricks."""
    left, low, right, high = box
    mortar = mix(tone, (214, 206, 194), 0.5)
    course, brick = 0.11, 0.32
    for level in (0.84, 0.92, 1.1, 1.18):
        data = [_quad(stage, front, rng, (left, low, right, high), course) for _odd in range(70)]
        stage.canvas.outline("".join(data), shade(tone, level), ROUGH)
    rows = int((high - low) / course)
    marks = []
    for row in range(rows + 1):
        y = low + row * course
        marks.append(stroke(stage, (left, y, front.z), (right, y, front.z)))
        x = left + (row % 2) * brick / 2
        while x < right and row < rows:
            marks.append(stroke(stage, (x, y, front.z), (x, y + course, front.z)))
            x += brick
    stage.canvas.lines(marks, mortar, stage.canvas.width / 1300, 0.42)


def _quad(
    stage: Stage, front: Front, rng: Random, box: tuple[float, float, float, float], course: float
) -> str:
    left, low, right, high = box
    row = rng.randrange(max(1, int((high - low) / course)))
    x = left + rng.randrange(max(1, int((right - left) / 0.32 - 1))) * 0.32 + (row % 2) * 0.16
    y = low + row * course
    spots = [stage.point(spot) for spot in front.oblong(x, y, min(x + 0.32, right), y + course)]
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in spots) + "z"


def stroke(stage: Stage, start: Spot, end: Spot) -> str:
    (x, y), (far_x, far_y) = stage.point(start), stage.point(end)
    return f"M{x:.1f} {y:.1f}L{far_x:.1f} {far_y:.1f}"


def sash(
    stage: Stage,
    front: Front,
    box: tuple[float, float, float, float],
    rng: Random,
    frame: Colour = WHITE,
) -> None:
    """A window: reveal, glass with sky in it, bars, a sill and perhaps a blind."""
    left, low, right, high = box
    stage.face(
        front.oblong(left - 0.09, low - 0.06, right + 0.09, high + 0.12), shade(frame, 0.97)
    )
    stage.face(
        front.oblong(left - 0.16, low - 0.14, right + 0.16, low - 0.04, 0.06), shade(frame, 0.9)
    )
    glass = stage.canvas.gradient([rng.choice(nature.SKIES)[1], (118, 134, 146), (52, 60, 68)])
    stage.face(front.oblong(left, low, right, high), glass, (0, 30, 40))
    if chance(rng, 0.5):
        drop = rng.uniform(0.25, 0.6) * (high - low)
        stage.face(
            front.oblong(left, high - drop, right, high),
            mix(WHITE, (160, 160, 150), 0.25),
            None,
            0.8,
        )
    middle, half = (left + right) / 2, (low + high) / 2
    for bar in (
        (left, half - 0.035, right, half + 0.035),
        (middle - 0.02, low, middle + 0.02, high),
    ):
        stage.face(front.oblong(*bar), frame)
    stage.lit(front.oblong(left - 0.09, high - 0.1, right + 0.09, high + 0.1), 84, 0.5)


def house_door(
    stage: Stage, front: Front, left: float, colour: Colour, rng: Random, low: float = 0.35
) -> None:
    right, high = left + 0.92, low + 2.1
    stage.face(front.oblong(left - 0.22, low - 0.3, right + 0.22, high + 0.75), WHITE)
    stage.face(front.oblong(left - 0.08, low, right + 0.08, high + 0.55), shade(BLACK, 1.4))
    stage.face(front.oblong(left, low, right, high), colour, (10, 30, 0))
    fan = stage.canvas.gradient([(190, 205, 214), (96, 108, 116)])
    stage.face(front.oblong(left, high + 0.07, right, high + 0.5), fan, (0, 20, 0))
    for x in (left + 0.12, left + 0.52):
        stage.face(front.oblong(x, low + 0.2, x + 0.28, low + 0.85), shade(colour, 0.78))
        glass = shade(colour, 0.85) if chance(rng, 0.5) else (96, 110, 118)
        stage.face(front.oblong(x, low + 1.0, x + 0.28, low + 1.85), glass)
    size = 0.045 * stage.scale((right, 1, front.z))
    stage.canvas.ellipse(
        stage.point((right - 0.1, low + 1, front.z - 0.05)), (size, size), (206, 178, 110)
    )
    for step in range(2):
        stair = Frame((left + right) / 2, front.z - 0.3 - 0.3 * (1 - step))
        stage.box(stair, (-0.75, 0, -0.18), (0.75, 0.17 * (step + 1), 0.3), (176, 170, 160), ROUGH)
    stage.lit(front.oblong(left - 0.1, high - 0.1, right + 0.1, high + 0.7), 96, 0.5)
