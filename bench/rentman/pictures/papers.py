"""Everything in a gallery that is not a photograph: floor plans, energy charts, a brochure."""

import struct
import zlib
from collections.abc import Sequence
from random import Random

import msgspec
import pyvips

from bench.rentman.pictures.colour import ink, rgb

FONT = "font-family='DejaVu Sans, sans-serif'"
BANDS = "ABCDEFG"
BAND_COLOURS = ("008054", "19b459", "8dce46", "ffd500", "fcaa65", "ef8023", "e9153b")
FLOORS = ("92+", "81-91", "69-80", "55-68", "39-54", "21-38", "1-20")
SCORES = (94, 84, 74, 61, 47, 30, 12)


class Cell(msgspec.Struct, frozen=True):
    """A room on the plan, in metres."""

    name: str
    x: float
    y: float
    wide: float
    high: float


def saved(svg: str, suffix: str, owner: str) -> bytes:
    image = pyvips.Image.svgload_buffer(svg.encode()).flatten(background=[255, 255, 255])
    if suffix == "png":
        return bytes(image.pngsave_buffer(compression=6))
    jpeg = bytes(image.jpegsave_buffer(Q=90, keep="none"))
    note = f"CANARY-EXIF-{owner}".encode()
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note + jpeg[2:]


def rating(art: int) -> str:
    """The letter that the chart drawn from this seed gives the home today."""
    return BANDS[_rated(Random(art))]


def _rated(rng: Random) -> int:
    return rng.choices(range(1, 6), (2, 5, 8, 4, 1))[0]


def energy_chart(rng: Random) -> str:
    """The seven coloured bands, with arrows for what is and what could be."""
    now = _rated(rng)
    then = max(0, now - rng.choice((1, 1, 2)))
    rows = "".join(_band(index) for index in range(7))
    arrows = _arrow(760, now, rng) + _arrow(960, then, rng)
    heads = "".join(
        f"<text x='{x}' y='112' font-size='30' text-anchor='middle' {FONT}>{text}</text>"
        for x, text in ((820, "Current"), (1020, "Potential"))
    )
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' width='1120' height='860'>"
        "<rect width='1120' height='860' fill='#ffffff'/>"
        f"<text x='40' y='60' font-size='38' font-weight='bold' {FONT}>Energy Efficiency Rating</text>"
        f"{heads}<path d='M700 80V780M920 80V780M40 130H1100' stroke='#444444' fill='none'/>"
        f"{rows}{arrows}<text x='40' y='830' font-size='24' {FONT}>Very efficient at the top, "
        "lower running costs</text></svg>"
    )


def _band(index: int) -> str:
    y, wide = 145 + index * 90, 210 + index * 62
    return (
        f"<path d='M40 {y}h{wide}v78h-{wide}z' fill='#{BAND_COLOURS[index]}'/>"
        f"<text x='56' y='{y + 50}' font-size='28' fill='#fff' {FONT}>{FLOORS[index]}</text>"
        f"<text x='{wide + 20}' y='{y + 58}' font-size='54' font-weight='bold' fill='#fff' "
        f"text-anchor='end' {FONT}>{BANDS[index]}</text>"
    )


def _arrow(x: int, index: int, rng: Random) -> str:
    y, score = 145 + index * 90, SCORES[index] + rng.randint(-3, 3)
    return (
        f"<path d='M{x} {y + 39}l40 -39h110v78h-110z' fill='#{BAND_COLOURS[index]}'/>"
        f"<text x='{x + 94}' y='{y + 55}' font-size='46' font-weight='bold' fill='#fff' "
        f"text-anchor='middle' {FONT}>{score}</text>"
    )


def floor_plan(rng: Random, beds: int) -> str:
    """Rooms on both sides of a hall, drawn to scale with names and dimensions."""
    cells = _layout(rng, beds)
    wide = max(cell.x + cell.wide for cell in cells)
    high = max(cell.y + cell.high for cell in cells)
    unit = min(1400 / wide, 900 / high)
    left, top = (1700 - wide * unit) / 2, 150
    drawn = "".join(_cell(cell, unit, left, top) for cell in cells)
    area = sum(cell.wide * cell.high for cell in cells)
    height = top + high * unit + 150
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='1700' height='{height:.0f}'>"
        f"<rect width='1700' height='{height:.0f}' fill='#ffffff'/>"
        f"<text x='850' y='80' font-size='46' text-anchor='middle' {FONT}>Floor plan</text>{drawn}"
        f"<text x='850' y='{height - 60:.0f}' font-size='30' text-anchor='middle' {FONT}>"
        f"Approximate area {area:.1f} sq m / {area * 10.764:.0f} sq ft. Not to scale.</text></svg>"
    )


def _layout(rng: Random, beds: int) -> list[Cell]:
    upper = ["Reception", "Kitchen"] if beds else ["Studio room", "Kitchen"]
    lower = [f"Bedroom {at + 1}" for at in range(beds)] + ["Bathroom"]
    deep = (rng.uniform(4.2, 5.4), rng.uniform(3.2, 4.0))
    widths = [rng.uniform(2.8, 3.9) for _room in lower[:-1]] + [2.2]
    total = max(sum(widths), 6.4)
    widths = [wide * total / sum(widths) for wide in widths]
    share = rng.uniform(0.56, 0.66)
    cells = [
        Cell(upper[0], 0, 0, total * share, deep[0]),
        Cell(upper[1], total * share, 0, total * (1 - share), deep[0]),
        Cell("Hall", 0, deep[0], total, 1.3),
    ]
    x = 0.0
    for name, wide in zip(lower, widths, strict=True):
        cells.append(Cell(name, x, deep[0] + 1.3, wide, deep[1]))
        x += wide
    return cells


def _cell(cell: Cell, unit: float, left: float, top: float) -> str:
    x, y = left + cell.x * unit, top + cell.y * unit
    wide, high = cell.wide * unit, cell.high * unit
    size = min(32.0, wide / 8)
    middle = f"x='{x + wide / 2:.0f}' text-anchor='middle' {FONT}"
    feet = f"{cell.wide:.2f} x {cell.high:.2f} m"
    tint = {"Bathroom": "dfeaf0", "Kitchen": "eef0e2", "Hall": "f4f1ea"}.get(cell.name, "fbfaf6")
    outside = cell.name != "Hall"
    opening = (
        f"<path d='M{x + wide * 0.3:.0f} {y if cell.y == 0 else y + high:.0f}h{wide * 0.36:.0f}' "
        "stroke='#ffffff' stroke-width='5'/>"
        if outside
        else ""
    )
    return (
        f"<rect x='{x:.0f}' y='{y:.0f}' width='{wide:.0f}' height='{high:.0f}' "
        f"fill='{ink(rgb(tint))}' stroke='#222222' stroke-width='11'/>{opening}"
        f"<text {middle} y='{y + high / 2:.0f}' font-size='{size:.0f}'>{cell.name}</text>"
        f"<text {middle} y='{y + high / 2 + size * 1.2:.0f}' font-size='{size * 0.72:.0f}' "
        f"fill='#555555'>{feet}</text>{_swing(cell, (x, y), (wide, high), unit)}"
    )


def _swing(cell: Cell, spot: tuple[float, float], size: tuple[float, float], unit: float) -> str:
    """The arc of a door towards the hall."""
    if cell.name == "Hall":
        return ""
    leaf = 0.8 * unit
    x = spot[0] + size[0] * 0.12
    y, turn = (spot[1] + size[1], -leaf) if cell.y == 0 else (spot[1], leaf)
    sweep = 1 if turn < 0 else 0
    return (
        f"<path d='M{x:.0f} {y:.0f}h{leaf:.0f}' stroke='#fbfaf6' stroke-width='13'/>"
        f"<path d='M{x:.0f} {y:.0f}v{turn:.0f}A{leaf:.0f} {leaf:.0f} 0 0 {sweep} {x + leaf:.0f} {y:.0f}' "
        "fill='none' stroke='#444444' stroke-width='3'/>"
    )


def brochure(ref: str) -> bytes:
    """One page of PDF with a cross-reference table that holds."""
    text = f"BT /F1 28 Tf 60 760 Td (Property {ref}) Tj 0 -40 Td /F1 14 Tf (Particulars) Tj ET"
    stream = zlib.compress(text.encode())
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    return _pdf(objects)


def _pdf(objects: Sequence[bytes]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(body))
    )
