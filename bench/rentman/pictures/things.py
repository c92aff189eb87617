"""Small things that make a room lived in: plants, lamps, books."""

from math import cos, sin
from random import Random

from bench.rentman.dice import chance
from bench.rentman.pictures.canvas import Point
from bench.rentman.pictures.colour import Colour, mix, shade
from bench.rentman.pictures.furniture import SMOOTH, WOODEN
from bench.rentman.pictures.stage import Frame, Stage


def plant(
    stage: Stage, frame: Frame, rng: Random, high: float, leaves: tuple[Colour, ...]
) -> None:
    stage.shadow(frame, 0.3, 0.3, 80)
    pot = rng.choice(((226, 221, 212), (176, 110, 78), (70, 74, 78)))
    stage.box(frame, (-0.15, 0, -0.15), (0.15, 0.3, 0.15), pot, (40, 40, 0), 0.05)
    centre = frame.at(0, high * 0.6, 0)

    def draw() -> None:
        start, unit = stage.point(frame.at(0, 0.3, 0)), stage.scale(centre)
        for _stem in range(26):
            angle = rng.gauss(0, 0.55)
            reach = (high - 0.3) * rng.uniform(0.45, 1.0) * unit
            tone = shade(rng.choice(leaves), rng.uniform(0.75, 1.3))
            _leaf(stage, start, (sin(angle) * reach * 0.9, -cos(angle) * reach), 0.05 * unit, tone)

    stage.later(centre, draw, 0.3)


def _leaf(stage: Stage, start: Point, way: Point, wide: float, tone: Colour) -> None:
    x, y = start
    tip_x, tip_y = x + way[0], y + way[1]
    out_x, out_y = x + way[0] * 0.35, y + way[1] * 0.8
    data = (
        f"M{x:.1f} {y:.1f}Q{out_x - wide:.1f} {out_y:.1f} {tip_x:.1f} {tip_y:.1f}"
        f"Q{out_x + wide * 1.4:.1f} {out_y + wide:.1f} {x:.1f} {y:.1f}z"
    )
    stage.canvas.outline(data, tone, (70, 30, 0))


def lamp(stage: Stage, frame: Frame, high: float, tone: Colour) -> None:
    """A stem and a lit shade; the light layer glows round it."""
    centre = frame.at(0, high, 0)
    stage.box(frame, (-0.012, 0, -0.012), (0.012, high, 0.012), (60, 56, 50), SMOOTH)
    stage.box(frame, (-0.1, 0, -0.1), (0.1, 0.02, 0.1), (60, 56, 50), SMOOTH, 0.02)

    def draw() -> None:
        unit, (x, y) = stage.scale(centre), stage.point(centre)
        wide, tall = 0.2 * unit, 0.26 * unit
        fill = stage.canvas.gradient([mix(tone, (255, 236, 190), 0.55), (255, 240, 205)])
        shape = [
            (x - wide * 0.7, y - tall),
            (x + wide * 0.7, y - tall),
            (x + wide, y),
            (x - wide, y),
        ]
        stage.canvas.shape(shape, fill, (30, 0, 0), stroke=0.01 * unit)
        stage.canvas.lit_spot((x, y - tall / 2), 0.5 * unit, 180, 0.4)

    stage.later(centre, draw, 0.2)


def pendant(stage: Stage, x: float, z: float, ceiling: float, tone: Colour) -> None:
    drop = Frame(x, z)
    low = ceiling - 0.75
    stage.box(drop, (-0.006, low + 0.2, -0.006), (0.006, ceiling, 0.006), (50, 48, 46), SMOOTH)
    centre = drop.at(0, low, 0)

    def draw() -> None:
        unit, (at, y) = stage.scale(centre), stage.point(centre)
        wide, tall = 0.17 * unit, 0.2 * unit
        data = f"M{at - wide:.1f} {y:.1f}Q{at - wide:.1f} {y - tall:.1f} {at:.1f} {y - tall:.1f}"
        data += f"Q{at + wide:.1f} {y - tall:.1f} {at + wide:.1f} {y:.1f}z"
        stage.canvas.outline(
            data, stage.canvas.gradient([shade(tone, 1.15), shade(tone, 0.7)], False)
        )
        stage.canvas.ellipse((at, y), (wide, wide * 0.14), (255, 244, 214))
        stage.canvas.lit_spot((at, y), 0.34 * unit, 184, 0.4)

    stage.later(centre, draw, 0.2)


def books(stage: Stage, frame: Frame, rng: Random, size: Point, tones: tuple[Colour, ...]) -> None:
    """Open shelves of (wide, high) with spines of every colour."""
    wide, high = size
    stage.shadow(frame, wide, 0.3, 76)
    stage.box(frame, (-wide / 2, 0, -0.14), (wide / 2, high, 0.14), (205, 196, 182), WOODEN)
    centre = frame.at(0, high / 2, -0.14)

    def draw() -> None:
        for shelf in range(int(high / 0.38)):
            low = 0.06 + shelf * 0.38
            spots = [(-wide / 2 + 0.03, low), (wide / 2 - 0.03, low)]
            face = [frame.at(x, y, -0.145) for x, y in spots]
            face += [frame.at(x, y + 0.33, -0.145) for x, y in reversed(spots)]
            stage.face(face, (126, 116, 102))
            _spines(stage, frame, rng, (wide, low), tones)

    stage.later(centre, draw, 0.25)


def _spines(
    stage: Stage, frame: Frame, rng: Random, place: Point, tones: tuple[Colour, ...]
) -> None:
    wide, low = place
    x = -wide / 2 + 0.05
    while x < wide / 2 - 0.1:
        thick, tall = rng.uniform(0.02, 0.05), rng.uniform(0.19, 0.3)
        if chance(rng, 0.86):
            corners = ((x, low), (x + thick, low), (x + thick, low + tall), (x, low + tall))
            tone = shade(rng.choice(tones), rng.uniform(0.75, 1.15))
            stage.face([frame.at(a, b, -0.15) for a, b in corners], tone, (30, 10, 0))
        x += thick + 0.004
