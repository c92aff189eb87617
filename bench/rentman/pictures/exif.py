"""What a camera writes beside the pixels: which way up, where, with what, for whom.

The EXIF block is written byte by byte, because pictures here must carry things a published picture
must not: a place, and a word to search for.
"""

import struct
from random import Random

import pyvips

UNDO = {  # how upright pixels are stored so that a viewer who obeys the tag turns them back
    1: (),
    2: ("fliphor",),
    3: ("rot180",),
    4: ("flipver",),
    5: ("rot90", "fliphor"),
    6: ("rot270",),
    7: ("rot90", "flipver"),
    8: ("rot90",),
}
WEIGHTS = (70, 2, 6, 2, 2, 10, 2, 6)
ASCII, SHORT, LONG, RATIO = 2, 3, 4, 5
Entry = tuple[int, int, int, bytes]


def stamp(upright: pyvips.Image, rng: Random, owner: str, quality: int) -> bytes:
    turn = rng.choices(tuple(UNDO), WEIGHTS)[0]
    stored = upright
    for name in UNDO[turn]:
        stored = getattr(stored, name)()
    if turn in {5, 6, 7, 8}:
        stored = stored.copy_memory()
    jpeg = bytes(stored.jpegsave_buffer(Q=quality, keep="none"))
    return jpeg[:2] + block(turn, owner, rng) + jpeg[2:]


def block(turn: int, owner: str, rng: Random) -> bytes:
    """An APP1 segment: orientation, canary texts, camera, time and a place in Britain."""
    canary = f"CANARY-EXIF-{owner}"
    own = [
        _text(0x010E, canary),
        _text(0x010F, "Simulated Optics"),
        _text(0x0110, "View 24"),
        (0x0112, SHORT, 1, struct.pack("<HH", turn, 0)),
        _text(
            0x0132, f"2026:0{rng.randint(1, 9)}:{rng.randint(10, 28)} 1{rng.randint(0, 7)}:24:09"
        ),
        _text(0x013B, canary),
    ]
    place = [
        (0x0000, 1, 4, b"\x02\x03\x00\x00"),
        _text(0x0001, "N"),
        _degrees(0x0002, 51 + rng.random()),
        _text(0x0003, "W"),
        _degrees(0x0004, rng.random() * 2),
    ]
    first = 8
    gps = first + _size([*own, (0x8825, LONG, 1, b"\0\0\0\0")])
    own.append((0x8825, LONG, 1, struct.pack("<I", gps)))
    tiff = struct.pack("<2sHI", b"II", 42, first) + _directory(own, first) + _directory(place, gps)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _text(tag: int, text: str) -> Entry:
    data = text.encode("ascii") + b"\0"
    return (tag, ASCII, len(data), data)


def _degrees(tag: int, value: float) -> Entry:
    whole, minutes = int(value), int(value * 60) % 60
    seconds = int(value * 360000) % 6000
    return (tag, RATIO, 3, struct.pack("<6I", whole, 1, minutes, 1, seconds, 100))


def _size(entries: list[Entry]) -> int:
    return 6 + 12 * len(entries) + sum(_outside(data) for _t, _k, _c, data in entries)


def _outside(data: bytes) -> int:
    return len(data) + len(data) % 2 if len(data) > 4 else 0  # noqa: PLR2004 - fits in the entry


def _directory(entries: list[Entry], start: int) -> bytes:
    at = start + 6 + 12 * len(entries)
    table, heap = struct.pack("<H", len(entries)), b""
    for tag, kind, count, data in entries:
        outside = _outside(data)
        value = struct.pack("<I", at + len(heap)) if outside else data.ljust(4, b"\0")
        heap += data.ljust(outside, b"\0") if outside else b""
        table += struct.pack("<HHI", tag, kind, count) + value
    return table + b"\0\0\0\0" + heap
