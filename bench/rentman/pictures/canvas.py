"""Three drawings of the same view: its colours, what the surfaces are made of, and the light on them.

The layer of matter says how rough a surface is: red for fine grain, green for blotches, blue for
clouds. The layer of light is a grey map that is blurred later; 128 leaves a colour as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.rentman.pictures.colour import Colour, ink

Point = tuple[float, float]
PLAIN: Colour = (16, 26, 0)
NEUTRAL = 128.0


def path(points: Sequence[Point]) -> str:
    head, *rest = points
    return f"M{head[0]:.1f} {head[1]:.1f}L" + " ".join(f"{x:.1f} {y:.1f}" for x, y in rest) + "z"


@dataclass(slots=True)
class Canvas:
    width: int
    height: int
    paint: list[str] = field(default_factory=list)
    matter: list[str] = field(default_factory=list)
    light: list[str] = field(default_factory=list)
    defs: list[str] = field(default_factory=list)
    cloudy: bool = False

    def shape(
        self,
        points: Sequence[Point],
        fill: Colour | str,
        matter: Colour | None = PLAIN,
        opacity: float = 1.0,
        stroke: float = 0.0,
    ) -> None:
        """A polygon; a stroke of its own colour rounds its corners."""
        if len(points) < 3:  # noqa: PLR2004 - clipped away
            return
        self.outline(path(points), fill, matter, opacity, stroke)

    def outline(
        self,
        data: str,
        fill: Colour | str,
        matter: Colour | None = PLAIN,
        opacity: float = 1.0,
        stroke: float = 0.0,
    ) -> None:
        colour = fill if isinstance(fill, str) else ink(fill)
        more = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        if stroke:
            more += f' stroke="{colour}" stroke-width="{stroke:.1f}" stroke-linejoin="round"'
        self.paint.append(f'<path d="{data}" fill="{colour}"{more}/>')
        if matter is not None:
            self.matter.append(f'<path d="{data}" fill="{ink(matter)}"/>')

    def lines(
        self, data: Iterable[str], colour: Colour, width: float, opacity: float = 1.0
    ) -> None:
        self.paint.append(
            f'<path d="{"".join(data)}" fill="none" stroke="{ink(colour)}" '
            f'stroke-width="{width:.2f}" opacity="{opacity:.2f}" stroke-linecap="round"/>'
        )

    def ellipse(
        self, centre: Point, radii: Point, fill: Colour | str, matter: Colour | None = PLAIN
    ) -> None:
        colour = fill if isinstance(fill, str) else ink(fill)
        place = (
            f'cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" rx="{radii[0]:.1f}" ry="{radii[1]:.1f}"'
        )
        self.paint.append(f'<ellipse {place} fill="{colour}"/>')
        if matter is not None:
            self.matter.append(f'<ellipse {place} fill="{ink(matter)}"/>')

    def lit(self, points: Sequence[Point], level: float | Colour, opacity: float = 1.0) -> None:
        """Light (over 128) or shadow (under it) on a part of the picture."""
        if len(points) < 3:  # noqa: PLR2004 - clipped away
            return
        tone = (level, level, level) if isinstance(level, int | float) else level
        self.light.append(f'<path d="{path(points)}" fill="{ink(tone)}" opacity="{opacity:.2f}"/>')

    def lit_line(self, start: Point, end: Point, level: float, width: float) -> None:
        tone = ink((level, level, level))
        self.light.append(
            f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" '
            f'stroke="{tone}" stroke-width="{width:.1f}" opacity="0.5"/>'
        )

    def lit_spot(self, centre: Point, radius: float, level: float, opacity: float = 0.6) -> None:
        tone = ink((level, level, level * 0.94))
        self.light.append(
            f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:.1f}" '
            f'fill="{tone}" opacity="{opacity:.2f}"/>'
        )

    def gradient(self, stops: Sequence[Colour], down: bool = True) -> str:
        """A fill that runs evenly through the stops, from top to bottom or left to right."""
        name = f"g{len(self.defs)}"
        last = max(1, len(stops) - 1)
        marks = "".join(
            f'<stop offset="{at / last:.3f}" stop-color="{ink(stop)}"/>'
            for at, stop in enumerate(stops)
        )
        run = 'x1="0" y1="0" x2="0" y2="1"' if down else 'x1="0" y1="0" x2="1" y2="0"'
        self.defs.append(f'<linearGradient id="{name}" {run}>{marks}</linearGradient>')
        return f"url(#{name})"

    def document(self, layer: Sequence[str], width: int, ground: Colour) -> bytes:
        height = round(self.height * width / self.width)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {self.width} {self.height}"><defs>{"".join(self.defs)}</defs>'
            f'<rect width="{self.width}" height="{self.height}" fill="{ink(ground)}"/>'
            f"{''.join(layer)}</svg>"
        ).encode()
