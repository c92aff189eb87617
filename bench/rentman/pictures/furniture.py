"""Furniture out of boxes: each piece is built in its own frame, facing -z, standing at y = 0."""

from bench.rentman.pictures.canvas import Point
from bench.rentman.pictures.colour import WHITE, Colour, mix, shade
from bench.rentman.pictures.stage import Frame, Spot, Stage

CLOTH: Colour = (120, 60, 0)
WOODEN: Colour = (50, 60, 0)
SMOOTH: Colour = (8, 14, 0)
LEG: Colour = (92, 70, 48)


def sofa(stage: Stage, frame: Frame, wide: float, colour: Colour, pop: Colour) -> None:
    stage.shadow(frame, wide, 0.95)
    half: float = wide / 2
    deep = 0.45
    stage.box(frame, (-half, 0.1, -deep), (half, 0.3, deep), shade(colour, 0.9), CLOTH, 0.05)
    stage.box(frame, (-half, 0.2, 0.22), (half, 0.82, deep), colour, CLOTH, 0.09, -0.2)
    for side in (-1, 1):
        low, high = sorted((side * half, side * (half - 0.2)))
        stage.box(frame, (low, 0.15, -deep), (high, 0.6, deep), colour, CLOTH, 0.08, 0.05)
    seats = 3 if wide > 1.9 else 2  # noqa: PLR2004
    each = (wide - 0.44) / seats
    for seat in range(seats):
        left = -half + 0.22 + seat * each
        stage.box(
            frame,
            (left + 0.03, 0.32, -0.42),
            (left + each - 0.03, 0.44, 0.2),
            shade(colour, 1.06),
            CLOTH,
            0.07,
            0.1,
        )
        stage.box(
            frame,
            (left + 0.03, 0.46, 0.1),
            (left + each - 0.03, 0.82, 0.24),
            shade(colour, 1.03),
            CLOTH,
            0.08,
            0.12,
        )
    for lean, tone in ((-0.68, pop), (0.66, mix(pop, WHITE, 0.55))):
        at_x, at_z = _plan(frame, lean * half, 0.0)
        cushion = Frame(at_x, at_z, frame.turn + lean * 22, frame.y)
        stage.box(cushion, (-0.2, 0.47, -0.06), (0.2, 0.83, 0.06), tone, CLOTH, 0.07, 0.3)


def _plan(frame: Frame, x: float, z: float) -> Point:
    spot = frame.at(x, 0, z)
    return (spot[0], spot[2])


def armchair(stage: Stage, frame: Frame, colour: Colour) -> None:
    stage.shadow(frame, 0.8, 0.8)
    stage.box(frame, (-0.38, 0.16, -0.38), (0.38, 0.42, 0.3), colour, CLOTH, 0.08)
    stage.box(frame, (-0.38, 0.2, 0.2), (0.38, 0.9, 0.38), colour, CLOTH, 0.1, -0.1)
    for side in (-0.42, 0.3):
        stage.box(frame, (side, 0.16, -0.36), (side + 0.12, 0.58, 0.36), colour, CLOTH, 0.06, 0.08)
    _legs(stage, frame, 0.36, 0.34, 0.16, LEG)


def _legs(  # noqa: PLR0913, PLR0917 - four numbers and two looks
    stage: Stage,
    frame: Frame,
    x: float,
    z: float,
    high: float,
    colour: Colour,
    thick: float = 0.04,
) -> None:
    for side in (-x, x):
        for end in (-z, z):
            low = (side - thick / 2, 0, end - thick / 2)
            stage.box(frame, low, (side + thick / 2, high, end + thick / 2), colour, WOODEN)


def table(
    stage: Stage, frame: Frame, size: tuple[float, float, float], colour: Colour, leg: Colour = LEG
) -> None:
    """A top of (wide, high, deep) on four legs."""
    wide, high, deep = size
    stage.shadow(frame, wide, deep, 84)
    _legs(stage, frame, wide / 2 - 0.06, deep / 2 - 0.06, high - 0.04, leg, 0.05)
    top = (-wide / 2, high - 0.045, -deep / 2), (wide / 2, high, deep / 2)
    stage.box(frame, *top, colour, WOODEN, 0.012, 0.15)


def chair(stage: Stage, frame: Frame, colour: Colour, high: float = 0.46) -> None:
    stage.shadow(frame, 0.44, 0.44, 90)
    _legs(stage, frame, 0.19, 0.18, high, LEG, 0.035)
    stage.box(frame, (-0.22, high, -0.22), (0.22, high + 0.05, 0.2), colour, WOODEN, 0.03, 0.05)
    stage.box(
        frame, (-0.21, high + 0.12, 0.16), (0.21, high + 0.42, 0.2), colour, WOODEN, 0.04, -0.04
    )


def stool(stage: Stage, frame: Frame, colour: Colour) -> None:
    stage.shadow(frame, 0.36, 0.36, 90)
    _legs(stage, frame, 0.15, 0.15, 0.64, LEG, 0.03)
    stage.box(frame, (-0.19, 0.64, -0.17), (0.19, 0.69, 0.17), colour, WOODEN, 0.04, 0.05)


def rug(stage: Stage, frame: Frame, size: Point, colour: Colour, line: Colour) -> None:
    wide, deep = size[0] / 2, size[1] / 2

    def oblong(by: float) -> list[Spot]:
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return [frame.at(x * (wide - by), 0.005, z * (deep - by)) for x, z in corners]

    stage.face(oblong(0), colour, (170, 60, 0), soft=0.015)
    for by, tone in ((0.14, line), (0.19, colour), (0.32, line), (0.335, colour)):
        stage.face(oblong(by), tone, (170, 60, 0))


def bed(
    stage: Stage, frame: Frame, wide: float, linen: Colour, throw: Colour, head: Colour
) -> None:
    half = wide / 2
    stage.shadow(frame, wide, 2.1)
    stage.box(frame, (-half - 0.06, 0.1, 0.98), (half + 0.06, 1.15, 1.07), head, CLOTH, 0.05, -0.4)
    stage.box(frame, (-half, 0.08, -1), (half, 0.3, 1), shade(head, 0.85), WOODEN, 0.02)
    stage.box(frame, (-half, 0.3, -1), (half, 0.5, 1), (238, 236, 232), CLOTH, 0.05, 0.1)
    duvet = (-half - 0.05, 0.28, -1.04), (half + 0.05, 0.58, 0.5)
    stage.box(frame, *duvet, linen, CLOTH, 0.09, 0.25)
    folded = (-half - 0.06, 0.32, -1.05), (half + 0.06, 0.6, -0.35)
    stage.box(frame, *folded, throw, CLOTH, 0.08, 0.35)
    _creases(stage, frame, half, linen)
    for row, (tone, high) in enumerate((((244, 243, 240), 0.42), (shade(linen, 0.94), 0.34))):
        z = 0.82 - row * 0.2
        for side in (-1, 1):
            left, right = sorted((side * 0.06, side * (half - 0.06)))
            low, top = (left, 0.54, z - 0.07), (right, 0.56 + high, z + 0.07)
            stage.box(frame, low, top, tone, CLOTH, 0.09, 0.3 + row * 0.2)
    stage.box(frame, (-0.25, 0.55, 0.42), (0.25, 0.84, 0.52), throw, CLOTH, 0.09, 0.8)


def _creases(stage: Stage, frame: Frame, half: float, linen: Colour) -> None:
    """A few folds keep the duvet from looking like a plank."""
    for at in range(6):
        x = -half + half * 2 * (at + 0.5) / 6
        spots = [
            frame.at(x - 0.03, 0.66, -0.33),
            frame.at(x + 0.05, 0.66, 0.1),
            frame.at(x, 0.66, 0.45),
        ]
        middle = frame.at(x, 0.6, -0.2)

        def draw(found: list[Spot] = spots, middle: Spot = middle) -> None:
            data = [stage.point(spot) for spot in found]
            words = f"M{data[0][0]:.1f} {data[0][1]:.1f}Q{data[1][0]:.1f} {data[1][1]:.1f} "
            words += f"{data[2][0]:.1f} {data[2][1]:.1f}"
            stage.canvas.lines([words], shade(linen, 0.86), 0.012 * stage.scale(middle), 0.5)

        stage.later(middle, draw, 0.45)


def cupboard(
    stage: Stage, frame: Frame, size: tuple[float, float, float], colour: Colour, doors: int
) -> None:
    """Fronts with thin shadow gaps, on the -z face."""
    wide, high, deep = size
    base = frame.y
    if base == 0:
        stage.shadow(frame, wide, deep, 76)
    stage.box(frame, (-wide / 2, 0, -deep / 2), (wide / 2, high, deep / 2), colour, SMOOTH)
    centre = frame.at(0, high / 2, -deep / 2)

    def fronts() -> None:
        each = wide / doors
        for door in range(doors):
            left, right = -wide / 2 + door * each + 0.012, -wide / 2 + (door + 1) * each - 0.012
            _panel(stage, frame, (left, 0.02, right, high - 0.02), -deep / 2, colour)

    if _faces_us(stage, frame):
        stage.later(centre, fronts, 0.28)


def _faces_us(stage: Stage, frame: Frame) -> bool:
    here, front = frame.at(0, 0, 0), frame.at(0, 0, -1)
    towards = (stage.eye[0] - here[0]) * (front[0] - here[0])
    return towards + (stage.eye[2] - here[2]) * (front[2] - here[2]) > 0


def _panel(
    stage: Stage, frame: Frame, edge: tuple[float, float, float, float], z: float, colour: Colour
) -> None:
    left, low, right, high = edge

    def oblong(by: float) -> list[Spot]:
        corners = ((left + by, low + by), (right - by, low + by), (right - by, high - by))
        return [frame.at(x, y, z - 0.005) for x, y in (*corners, (left + by, high - by))]

    stage.face(oblong(-0.01), shade(colour, 0.62), SMOOTH)
    stage.face(oblong(0), shade(colour, 1.02), SMOOTH)
    stage.face(oblong(0.055), shade(colour, 0.9), SMOOTH)
    stage.face(oblong(0.063), shade(colour, 0.985), SMOOTH)
    grip = [
        frame.at(x, y, z - 0.03)
        for x, y in ((right - 0.03, high - 0.2), (right - 0.03, high - 0.07))
    ]
    ends = [stage.point(spot) for spot in grip]
    stage.canvas.lines(
        [f"M{ends[0][0]:.1f} {ends[0][1]:.1f}L{ends[1][0]:.1f} {ends[1][1]:.1f}"],
        (150, 128, 88),
        0.014 * stage.scale(grip[0]),
    )
