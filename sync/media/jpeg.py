"""What a camera notes inside a JPEG, cut out without touching a pixel: for those inside a PDF."""

import re

_MARKER = re.compile(
    rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL
)  # neither filling nor of the pixels
_START, _END, _COMMENT = b"\xff\xd8", 0xD9, 0xFE
_APP0, _APP2, _APP14, _APP15 = 0xE0, 0xE2, 0xEE, 0xEF


def without_notes(data: bytes) -> bytes:
    """Less EXIF, XMP, IPTC, comments, and whatever follows its end: previews, often.

    The colour profile and what a decoder needs stay. What cannot be read to its end is returned as
    it is.
    """
    if not data.startswith(_START):
        return data
    kept, at = [_START], len(_START)
    while found := _MARKER.search(data, at):
        begin, marker = found.start(), found[1][0]
        kept.append(data[at:begin])
        if marker == _END:
            return b"".join((*kept, data[begin : begin + 2]))
        at = begin + 2 + max(2, int.from_bytes(data[begin + 2 : begin + 4], "big"))
        if not _is_note(marker, data[begin + 4 : begin + 16]):
            kept.append(data[begin:at])
    return data


def _is_note(marker: int, head: bytes) -> bool:
    if marker == _APP2:
        return not head.startswith(b"ICC_PROFILE")
    return marker == _COMMENT or (_APP0 < marker <= _APP15 and marker != _APP14)
