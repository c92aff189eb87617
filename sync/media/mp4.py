"""An MP4 made safe to hand to a stranger, in its own place and at its own length: not transcoded.

What stays is what a browser needs to play it: one or more tracks of pictures and of sound, their
tables, their samples. Everything else becomes zeros: notes of camera, place and program wherever they
may stand, other tracks (telemetry, subtitles, time codes) and every byte of the media data that is
part of no sample that stays; and so do dates and names of devices. Runs in worker processes only.
"""

from typing import NamedTuple

from sync.media.boxes import Box, File, Tree, refuse
from sync.media.samples import chunks, gaps, within

SIDE_MIN, SIDE_MAX = 64, 8192  # pixels
DURATION_MAX_S = 86_400
PICTURES = frozenset({b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp09"})
"""H.264, H.265, AV1, VP9: what at least some browsers play."""
SOUNDS = frozenset({b"mp4a", b"Opus", b"fLaC", b"ac-3", b"ec-3", b".mp3"})

_TABLES: Tree = dict.fromkeys(
    b"stsd stts ctts cslg stsc stsz stco co64 stss stps sdtp sbgp sgpd".split()
)
_MEDIA: Tree = {
    b"mdhd": None,
    b"hdlr": None,
    b"minf": {b"vmhd": None, b"smhd": None, b"dinf": {b"dref": None}, b"stbl": _TABLES},
}
_TRACK: Tree = {b"tkhd": None, b"edts": {b"elst": None}, b"mdia": _MEDIA}
_TREE: Tree = {
    b"ftyp": None,
    b"moov": {b"mvhd": None, b"mvex": None, b"trak": _TRACK},
    b"moof": None,
    b"mdat": None,
}
_DESCRIPTION: Tree = dict.fromkeys(
    b"avcC hvcC av1C vpcC dvcC dvvC colr pasp clap btrt fiel mdcv clli".split()
    + b"esds dOps dfLa dac3 dec3 btrt chan wave".split()
)
_SOUND_FIELDS = {0: 28, 1: 44, 2: 64}  # bytes, by version; the later ones are QuickTime's
_PICTURE_FIELDS = 78
_SELF_CONTAINED = 1  # of a data reference: the samples are in this file


class Shown(NamedTuple):
    """Width and height in pixels, turned as it is shown."""

    width: int
    height: int
    duration_s: int


def clean(source: bytes) -> tuple[bytes, Shown]:
    """Raises `MediaRejectedError`: `truncated`, `corrupt`, `fragmented`, `no-video`, `codec`,
    `too-small`, `pixels`."""
    file = File(source)
    whole = file.walk(_TREE)
    if whole.every(b"moof") or any(moov.every(b"mvex") for moov in whole.every(b"moov")):
        refuse("fragmented")
    moov = whole.only(b"moov")
    duration_s = _duration_s(file, moov)
    pictures = _kept_tracks(file, moov)
    shown = Shown(*_size(file, pictures[0]), duration_s)
    places = whole.every(b"mdat")
    spans = [
        span
        for track in moov.every(b"trak")
        for span in chunks(file, track.only(b"mdia", b"minf", b"stbl"))
    ]
    for place, kept in within(spans, places).items():
        for start, end in gaps(kept, places[place]):
            file.zero(start, end)
    return bytes(file.data), shown


def _duration_s(file: File, moov: Box) -> int:
    box = moov.only(b"mvhd")
    _forget_dates(file, box)
    version, *_ = file.unpack("B", box.body, box)
    scale, duration = (
        file.unpack("IQ", box.body + 20, box) if version else file.unpack("II", box.body + 12, box)
    )
    if not scale or not 0 < duration <= scale * DURATION_MAX_S:
        refuse("corrupt")
    return max(1, round(duration / scale))


def _forget_dates(file: File, box: Box) -> None:
    """Made and changed, at the head of `mvhd`, `tkhd` and `mdhd`."""
    version, *_ = file.unpack("B", box.body, box)
    end = box.body + 4 + (16 if version else 8)
    if end > box.end:
        refuse("corrupt")
    file.zero(box.body + 4, end)


def _kept_tracks(file: File, moov: Box) -> list[Box]:
    """The tracks of pictures. All but those and sound are blanked."""
    pictures, others = [], set()
    for track in moov.every(b"trak"):
        kind = _handler(file, track)
        codecs = {b"vide": PICTURES, b"soun": SOUNDS}.get(kind, frozenset())
        if _codecs(file, track) <= codecs:
            _forget_names(file, track, kind)
            pictures += [track] if kind == b"vide" else []
        else:
            others.add(kind)
            file.blank(track)
    if not pictures:
        refuse("codec" if b"vide" in others else "no-video")
    return pictures


def _handler(file: File, track: Box) -> bytes:
    box = track.only(b"mdia", b"hdlr")
    if box.body + 24 > box.end:
        refuse("corrupt")
    return bytes(file.data[box.body + 8 : box.body + 12])


def _codecs(file: File, track: Box) -> set[bytes]:
    return {entry.kind for entry in _entries(file, track)}


def _entries(file: File, track: Box) -> list[Box]:
    """The descriptions of a track's samples, of which there is at least one."""
    table = track.only(b"mdia", b"minf", b"stbl", b"stsd")
    entries = list(file.boxes(Box(b"", table.start, table.body + 8, table.end)))
    if not entries:
        refuse("corrupt")
    return entries


def _forget_names(file: File, track: Box, kind: bytes) -> None:
    """Of what made it; and dates. `corrupt` when its samples are said to be in another file."""
    _forget_dates(file, track.only(b"tkhd"))
    _forget_dates(file, track.only(b"mdia", b"mdhd"))
    handler = track.only(b"mdia", b"hdlr")
    file.zero(handler.body + 12, handler.end)
    for entry in _entries(file, track):
        _describe(file, entry, kind)
    references = track.only(b"mdia", b"minf", b"dinf", b"dref")
    for one in file.boxes(Box(b"", references.start, references.body + 8, references.end)):
        if file.unpack("I", one.body, one)[0] & 0xFFFFFF != _SELF_CONTAINED:
            refuse("corrupt")
        file.zero(one.body + 4, one.end)


def _describe(file: File, entry: Box, kind: bytes) -> None:
    if kind == b"vide":
        fields = _PICTURE_FIELDS
    else:
        fields = _SOUND_FIELDS.get(file.unpack("H", entry.body + 8, entry)[0], 0)
    if not fields or entry.body + fields > entry.end:
        refuse("corrupt")
    if kind == b"vide":
        file.zero(entry.body + 8, entry.body + 24)  # QuickTime's vendor
        file.zero(entry.body + 42, entry.body + 74)  # the compressor's name
    file.descend(Box(entry.kind, entry.start, entry.body + fields, entry.end), _DESCRIPTION)


def _size(file: File, track: Box) -> tuple[int, int]:
    """As shown: after the turn that a telephone held upright asks for."""
    box = track.only(b"tkhd")
    version, *_ = file.unpack("B", box.body, box)
    matrix = box.body + (52 if version else 40)
    across, _, _, _, down, *_, width, height = file.unpack("11i", matrix, box)
    if across == 0 == down:
        width, height = height, width
    width, height = width >> 16, height >> 16
    if min(width, height) < SIDE_MIN:
        refuse("too-small")
    if max(width, height) > SIDE_MAX:
        refuse("pixels")
    return width, height
