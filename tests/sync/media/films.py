"""MP4s for the tests, put together here box by box: a plain one, and what may be wrong or hidden in one."""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CANARY = b"51.5074N-canary"
UPRIGHT = (1, 0, 0, 1)
TURNED = (0, 1, -1, 0)
DATE = struct.pack(">I", 3_900_000_001)  # seconds since 1904


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind: bytes, *content: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


@dataclass
class Track:
    """`samples` stand in the file in the order of the tracks, all of the first one first."""

    samples: tuple[bytes, ...] = (b"picture one", b"picture two", b"3")
    handler: bytes = b"vide"
    codec: bytes = b"avc1"
    size: tuple[int, int] = (640, 360)
    turn: tuple[int, int, int, int] = UPRIGHT
    version: int = 0
    wide: bool = False
    """Places of 64 bits."""
    same_size: int = 0
    per_chunk: int = 1
    reference: bytes = b""
    """Where its samples are said to lie; empty: in this file."""
    notes: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    """More boxes, by the box that they stand in: `trak mdia minf stbl entry`."""

    @property
    def data(self) -> bytes:
        return b"".join(self.samples)

    def made(self, at: int, ticks: int) -> bytes:
        """With its samples from `at` on."""
        head = full(
            b"tkhd",
            *(self._dated(struct.pack(">I4x", 1), ticks), bytes(16)),
            struct.pack(">9i", *self._matrix()),
            struct.pack(">II", self.size[0] << 16, self.size[1] << 16),
            version=self.version,
        )
        flags = 0 if self.reference else 1
        reference = full(b"dref", b"\0\0\0\1", full(b"url ", self.reference, flags=flags))
        media = box(
            b"mdia",
            full(b"mdhd", self._dated(b"\0\0\0\x0a", ticks), bytes(4), version=self.version),
            full(b"hdlr", bytes(4), self.handler, bytes(12), CANARY, b"\0"),
            box(
                b"minf",
                full(b"vmhd", bytes(8), flags=1),
                box(b"dinf", reference),
                self._tables(at),
                *self.notes.get("minf", ()),
            ),
            *self.notes.get("mdia", ()),
        )
        return box(b"trak", head, media, *self.notes.get("trak", ()))

    def _dated(self, between: bytes, ticks: int) -> bytes:
        wide = bytes(4) if self.version else b""
        return wide + DATE + wide + DATE + between + wide + struct.pack(">I", ticks)

    def _matrix(self) -> tuple[int, ...]:
        a, b, c, d = (part << 16 for part in self.turn)
        return a, b, 0, c, d, 0, 0, 0, 1 << 30

    def _tables(self, at: int) -> bytes:
        places, many = [], len(self.samples)
        for n, sample in enumerate(self.samples):
            places += [at] if n % self.per_chunk == 0 else []
            at += len(sample)
        sizes = (
            b"" if self.same_size else b"".join(struct.pack(">I", len(s)) for s in self.samples)
        )
        kind, letter = (b"co64", "Q") if self.wide else (b"stco", "I")
        return box(
            b"stbl",
            full(b"stsd", b"\0\0\0\1", self._entry()),
            full(b"stts", struct.pack(">III", 1, many, 10)),
            full(b"stsc", struct.pack(">IIII", 1, 1, self.per_chunk, 1)),
            full(b"stsz", struct.pack(">II", self.same_size, many), sizes),
            full(kind, struct.pack(f">I{len(places)}{letter}", len(places), *places)),
            *self.notes.get("stbl", ()),
        )

    def _entry(self) -> bytes:
        more = self.notes.get("entry", ())
        if self.handler == b"vide":
            named = b"\x0f" + CANARY.ljust(31, b"\0")
            fields = bytes(6) + b"\0\1" + bytes(4) + b"CNRY" + bytes(8)
            fields += struct.pack(">HH", *self.size) + bytes(14) + named + bytes(4)
            return box(self.codec, fields, box(b"avcC", b"\1settings"), *more)
        return box(self.codec, bytes(6) + b"\0\1" + bytes(20), box(b"esds", b"settings"), *more)


PICTURES = Track()
SOUND = Track(samples=(b"la", b"lala"), handler=b"soun", codec=b"mp4a")
PLACES = Track(samples=(CANARY, CANARY), handler=b"meta", codec=b"mett")


def film(
    *tracks: Track,
    index: Iterable[bytes] = (),
    behind: bytes = b"",
    between: bytes = b"",
    ticks: int = 65,
    index_first: bool = False,
) -> bytes:
    """`index`: more boxes in `moov`; `between`: bytes of the media data that are of no track."""
    tracks = tracks or (PICTURES,)
    head = box(b"ftyp", b"isom", bytes(4), b"isommp42")
    data = b"".join(track.data + between for track in tracks)

    def moov(at: int) -> bytes:
        made = []
        for track in tracks:
            made.append(track.made(at, ticks))
            at += len(track.data) + len(between)
        movie = full(b"mvhd", DATE, DATE, struct.pack(">II", 10, ticks), bytes(80))
        return box(b"moov", movie, *made, *index)

    if index_first:
        length = len(moov(0))
        return head + moov(len(head) + length + 8) + box(b"mdat", data) + behind
    return head + box(b"mdat", data) + moov(len(head) + 8) + behind
