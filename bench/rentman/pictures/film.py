"""A film such as a telephone makes: a slow pan, and beside it what must not be published.

Each of its pictures is an AV1 key frame, made by the encoder that makes AVIF; so it is played by any
browser that has AV1, and there is no other encoder to install. Like a camera it writes the index
last, says where it was and with what, and has a track of positions between the pictures.
"""

import struct
from collections.abc import Sequence
from random import Random

import pyvips

WIDTH, HEIGHT = 480, 270
FRAMES, TIMESCALE, FRAME_TICKS = 12, 1000, 250
STEP = 16  # pixels from one picture to the next
MATRIX = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
MADE_AT = 3_900_000_000  # seconds since 1904


def film(art: int, owner: str) -> bytes:
    """A pan of three seconds. The same `art` and `owner` are always the same bytes."""
    shots, settings = _shots(Random(art))
    notes = [f"CANARY-EXIF-{owner} +51.5074-000.1278/".encode()] * len(shots)
    head = _box(b"ftyp", b"isom\0\0\2\0isomav01mp41")
    media = b"".join(shot + note for shot, note in zip(shots, notes, strict=True))
    at = len(head) + 8
    pictures = _track(1, b"vide", _av01(settings), shots, _places(at, shots, notes))
    positions = _track(2, b"meta", _mett(), notes, _places(at, notes, shots, first=len(shots[0])))
    place = _box(b"\xa9xyz", struct.pack(">HH", len(notes[0]), 0x15C7) + notes[0])
    index = _box(b"moov", _movie() + pictures + positions + _box(b"udta", place))
    return head + _box(b"mdat", media) + index + _box(b"uuid", bytes(16) + notes[0])


def _shots(rng: Random) -> tuple[list[bytes], bytes]:
    """The key frames, and how a decoder is to be set up."""
    wall, floor = (rng.randint(140, 225) for _ in range(2))
    spots = "".join(
        f"<rect x='{rng.randint(0, 620)}' y='{rng.randint(20, 180)}' width='{rng.randint(30, 90)}'"
        f" height='{rng.randint(40, 120)}' fill='hsl({rng.randint(0, 359)},40%,45%)'/>"
        for _ in range(9)
    )
    wide = WIDTH + STEP * FRAMES
    room = pyvips.Image.svgload_buffer(
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{wide}' height='{HEIGHT}'>"
        f"<rect width='100%' height='100%' fill='rgb({wall},{wall},{wall - 20})'/>"
        f"<rect y='200' width='100%' height='70' fill='rgb({floor},{floor - 40},{floor - 80})'/>"
        f"{spots}</svg>".encode()
    ).flatten()
    stills = [
        bytes(
            room.crop(n * STEP, 0, WIDTH, HEIGHT).heifsave_buffer(
                compression="av1", Q=45, effort=0, bitdepth=8, keep="none"
            )
        )
        for n in range(FRAMES)
    ]
    at = stills[0].index(b"av1C") - 4
    return [still[still.index(b"mdat") + 4 :] for still in stills], stills[0][at : at + 12]


def _places(at: int, own: Sequence[bytes], others: Sequence[bytes], first: int = 0) -> list[int]:
    """Where each sample lies, when the tracks take turns."""
    found, at = [], at + first
    for sample, other in zip(own, (*others[bool(first) :], b""), strict=False):
        found.append(at)
        at += len(sample) + len(other)
    return found


def _movie() -> bytes:
    length = FRAMES * FRAME_TICKS
    dates = struct.pack(">II", MADE_AT, MADE_AT)
    rate = struct.pack(">IH10x", 1 << 16, 1 << 8)
    return _full(
        b"mvhd",
        dates + struct.pack(">II", TIMESCALE, length) + rate + MATRIX + bytes(24) + b"\0\0\0\3",
    )


def _track(
    number: int, handler: bytes, entry: bytes, samples: Sequence[bytes], places: Sequence[int]
) -> bytes:
    length = FRAMES * FRAME_TICKS
    dates = struct.pack(">II", MADE_AT, MADE_AT)
    size = struct.pack(">II", WIDTH << 16, HEIGHT << 16)
    head = dates + struct.pack(">I4xI16x", number, length) + MATRIX + size
    media = dates + struct.pack(">IIHH", TIMESCALE, length, 0x55C4, 0)
    named = b"\0\0\0\0" + handler + bytes(12) + b"Simulated Optics\0"
    reference = struct.pack(">I", 1) + _full(b"url ", b"", flags=1)
    kind = _full(b"vmhd", bytes(8), flags=1) if handler == b"vide" else _full(b"nmhd", b"")
    many = len(samples)
    tables = (
        _full(b"stsd", struct.pack(">I", 1) + entry),
        _full(b"stts", struct.pack(">III", 1, many, FRAME_TICKS)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        _full(b"stsz", struct.pack(f">II{many}I", 0, many, *map(len, samples))),
        _full(b"stco", struct.pack(f">I{many}I", many, *places)),
    )
    found = _box(
        b"minf", kind + _box(b"dinf", _full(b"dref", reference)) + _box(b"stbl", b"".join(tables))
    )
    inside = _full(b"mdhd", media) + _full(b"hdlr", named) + found
    return _box(b"trak", _full(b"tkhd", head, flags=7) + _box(b"mdia", inside))


def _av01(settings: bytes) -> bytes:
    name = b"\x10Simulated Optics".ljust(32, b"\0")
    fields = struct.pack(">6xH16xHHII4xH", 1, WIDTH, HEIGHT, 72 << 16, 72 << 16, 1)
    return _box(b"av01", fields + name + struct.pack(">Hh", 24, -1) + settings)


def _mett() -> bytes:
    return _box(b"mett", struct.pack(">6xH", 1) + b"\0text/plain\0")


def _full(kind: bytes, content: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags) + content)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content
