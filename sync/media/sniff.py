"""What bytes are, told by their first few and never by a name (F14, F15 of docs/rentman.md)."""

import struct

from sync.media.errors import MediaRejectedError

PICTURES = frozenset({"jpeg", "png", "gif", "webp", "avif"})
"""The kinds that are decoded; `pdf` and `mp4` are known but are no pictures."""

_NOISE = b"\xef\xbb\xbf\r\n\t "  # a byte order mark or blank lines that a template left in front
_HEAD = 4096
_TEXT = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
)
_FOREIGN = (
    (b"PK\x03\x04", "zip"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"{", "json"),
    (b"[", "json"),
)
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def sniff(data: bytes) -> str:
    """Name the kind: `jpeg png gif webp avif pdf mp4`.

    Raises `MediaRejectedError`: `empty`, or `type:` and what the bytes look like instead.
    """
    head = trim(data[:_HEAD])
    if not head:
        raise MediaRejectedError("empty")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _container(head)
    raise MediaRejectedError(f"type:{_foreign(head)}")


def trim(data: bytes) -> bytes:
    """Drop what a template may have put before the first real byte; no copy if nothing was."""
    return data.lstrip(_NOISE)


def is_cut_short(data: bytes, kind: str) -> bool:
    """Whether the end that this kind must have is missing. Tells why a decoder gave up."""
    if kind == "jpeg":
        return b"\xff\xd9" not in data[-64:]
    if kind == "pdf":
        return b"%%EOF" not in data[-1024:]
    if kind == "png":
        return b"IEND" not in data[-64:]
    if kind == "gif":
        return not data.rstrip(b"\x00").endswith(b";")
    if kind == "webp" and len(data) >= struct.calcsize("<4sI"):
        return int(struct.unpack_from("<4sI", data)[1]) + 8 > len(data)
    return False


def _container(head: bytes) -> str:
    """Tell the ISO media files apart by their brands: major, then compatible ones."""
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12]} | {head[at : at + 4] for at in range(16, end, 4)}
    if brands & _AVIF:
        return "avif"
    if brands & _HEIC:
        raise MediaRejectedError("type:heic")
    return "mp4"


def _foreign(head: bytes) -> str:
    for magic, kind in _FOREIGN:
        if head.startswith(magic):
            return kind
    if head.startswith(b"<"):
        return _markup(head.lower())
    return "unknown" if head.translate(None, delete=_TEXT) else "text"


def _markup(head: bytes) -> str:
    if b"<svg" in head:
        return "svg"
    return "xml" if head.startswith(b"<?xml") else "html"
