"""A room or a street in metres, seen through a lens: x to the right, y up, z away from the camera.

Verticals stay vertical, as an architectural photographer keeps them. Flat things are drawn at once;
boxes wait until `finish`, which paints them from far to near.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians, sin

from bench.rentman.pictures.canvas import PLAIN, Canvas, Point
from bench.rentman.pictures.colour import Colour, shade

Spot = tuple[float, float, float]
NEAR = 0.12
SUN: Spot = (-0.62, 0.68, -0.39)


@dataclass(slots=True)
class Frame:
    """Where a piece of furniture stands and which way it faces; degrees, clockwise from above."""

    x: float
    z: float
    turn: float = 0.0
    y: float = 0.0

    def at(self, x: float, y: float, z: float) -> Spot:
        angle = radians(self.turn)
        across, deep = x * cos(angle) + z * sin(angle), -x * sin(angle) + z * cos(angle)
        return (self.x + across, self.y + y, self.z + deep)


@dataclass(slots=True)
class Stage:
    canvas: Canvas
    eye: Spot
    yaw: float
    zoom: float = 0.6
    horizon: float = 0.5
    mirror: bool = False
    sun: Spot = SUN
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def lens(self, spot: Spot) -> Spot:
        x, y, z = spot[0] - self.eye[0], spot[1] - self.eye[1], spot[2] - self.eye[2]
        angle = radians(self.yaw)
        return (x * cos(angle) - z * sin(angle), y, x * sin(angle) + z * cos(angle))

    def focal(self) -> float:
        return self.zoom * max(self.canvas.width, self.canvas.height * 1.2)

    def screen(self, seen: Spot) -> Point:
        focal, wide = self.focal(), self.canvas.width
        x = wide / 2 + focal * seen[0] / seen[2]
        y = self.canvas.height * self.horizon - focal * seen[1] / seen[2]
        return (wide - x if self.mirror else x, y)

    def point(self, spot: Spot) -> Point:
        seen = self.lens(spot)
        return self.screen((seen[0], seen[1], max(NEAR, seen[2])))

    def scale(self, spot: Spot) -> float:
        """Pixels per metre there."""
        return self.focal() / max(NEAR, self.lens(spot)[2])

    def points(self, spots: Sequence[Spot]) -> list[Point]:
        """The polygon as it is seen, cut off where it passes the camera."""
        seen = [self.lens(spot) for spot in spots]
        kept: list[Spot] = []
        for here, after in zip(seen, [*seen[1:], seen[0]], strict=True):
            if here[2] >= NEAR:
                kept.append(here)
            if (here[2] >= NEAR) != (after[2] >= NEAR):
                kept.append(_cut(here, after))
        return [self.screen(spot) for spot in kept]

    def face(
        self,
        spots: Sequence[Spot],
        fill: Colour | str,
        matter: Colour | None = PLAIN,
        opacity: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """Draw a polygon now; `soft` rounds its corners, in metres."""
        stroke = soft * self.scale(_middle(spots)) if soft else 0.0
        self.canvas.shape(self.points(spots), fill, matter, opacity, stroke)

    def lit(self, spots: Sequence[Spot], level: float | Colour, opacity: float = 1.0) -> None:
        self.canvas.lit(self.points(spots), level, opacity)

    def shadow(self, frame: Frame, wide: float, deep: float, level: float = 62) -> None:
        """The soft dark under something that stands on the floor."""
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        spots = [frame.at(x * (wide / 2 + 0.06), 0, z * (deep / 2 + 0.06)) for x, z in corners]
        self.lit(spots, level, 0.75)

    def box(  # noqa: PLR0913, PLR0917 - a box is that many things
        self,
        frame: Frame,
        low: Spot,
        high: Spot,
        colour: Colour,
        matter: Colour = PLAIN,
        soft: float = 0.0,
        nudge: float = 0.0,
    ) -> None:
        """A box in its frame's own axes; `nudge` brings it forward in the order of painting."""
        centre = frame.at(*((a + b) / 2 for a, b in zip(low, high, strict=True)))
        self.later(centre, lambda: self._faces(frame, low, high, colour, matter, soft), nudge)

    def later(self, centre: Spot, draw: Callable[[], None], nudge: float = 0.0) -> None:
        seen = self.lens(centre)
        self.waiting.append((hypot(*seen) - nudge, draw))

    def finish(self) -> None:
        for _depth, draw in sorted(self.waiting, key=lambda item: -item[0]):
            draw()
        self.waiting.clear()

    def _faces(
        self, frame: Frame, low: Spot, high: Spot, colour: Colour, matter: Colour, soft: float
    ) -> None:
        for normal, corners in _sides(low, high):
            spots = [frame.at(*corner) for corner in corners]
            outward = _turned(frame, normal)
            middle = _middle(spots)
            towards = sum(n * (e - m) for n, e, m in zip(outward, self.eye, middle, strict=True))
            if towards > 0:
                self.face(spots, shade(colour, self._shine(outward)), matter, soft=soft)

    def _shine(self, normal: Spot) -> float:
        lamp = sum(a * b for a, b in zip(normal, self.sun, strict=True))
        return 0.72 + 0.34 * max(0.0, lamp) + 0.06 * normal[1]


def _cut(here: Spot, after: Spot) -> Spot:
    share = (NEAR - here[2]) / (after[2] - here[2])
    return (
        here[0] + (after[0] - here[0]) * share,
        here[1] + (after[1] - here[1]) * share,
        NEAR,
    )


def _middle(spots: Sequence[Spot]) -> Spot:
    count = len(spots)
    x, y, z = (sum(axis) / count for axis in zip(*spots, strict=True))
    return (x, y, z)


def _turned(frame: Frame, normal: Spot) -> Spot:
    there, here = frame.at(*normal), frame.at(0, 0, 0)
    return (there[0] - here[0], there[1] - here[1], there[2] - here[2])


def _sides(low: Spot, high: Spot) -> tuple[tuple[Spot, tuple[Spot, ...]], ...]:
    (a, b, c), (d, e, f) = low, high
    return (
        ((0, -1, 0), ((a, b, c), (d, b, c), (d, b, f), (a, b, f))),
        ((0, 0, 1), ((a, b, f), (d, b, f), (d, e, f), (a, e, f))),
        ((-1, 0, 0), ((a, b, c), (a, b, f), (a, e, f), (a, e, c))),
        ((1, 0, 0), ((d, b, c), (d, b, f), (d, e, f), (d, e, c))),
        ((0, 0, -1), ((a, b, c), (d, b, c), (d, e, c), (a, e, c))),
        ((0, 1, 0), ((a, e, c), (d, e, c), (d, e, f), (a, e, f))),
    )
