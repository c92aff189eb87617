"""Base64 as Rentman really sends it: wrapped every 76 characters, escaped, sometimes worse.

Python's lenient decoder skips junk, so a `data:` prefix or an error page turns into bytes; its
strict one refuses line feeds. This one undoes the damage that has a known cause, each undone
step being unambiguous, and is strict about the rest (F12 of docs/rentman.md).
"""

import binascii

from sync.media.errors import MediaRejectedError

_LINE_BREAKS = b"\r\n\t"
# A space inside is a "+" that went through a form decoder; "-" and "_" are the URL alphabet.
_TO_STANDARD = bytes.maketrans(b" -_", b"++/")
_ENCODED_AGAIN = (b"/9j/", b"iVBOR", b"UklGR", b"R0lGOD", b"JVBER", b"AAAA")
_ESCAPES = ((b"\\/", b"/"), (b"\\r", b""), (b"\\n", b""))


def decode(text: object, *, max_bytes: int) -> bytes:
    """Turn a `base64data` value into bytes; linear in its length, so call it off the loop.

    Raises `MediaRejectedError`: `empty`, `base64`, or `too-large` (more than `max_bytes`).
    """
    if not isinstance(text, str):
        raise MediaRejectedError("base64")
    if len(text) > 2 * max_bytes + 1024:  # twice encoded and wrapped is 1.8 times
        raise MediaRejectedError("too-large")
    try:
        data = _strict(text.removeprefix("\ufeff").strip().encode("ascii"))
        if data.startswith(_ENCODED_AGAIN):
            data = _strict(data)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MediaRejectedError("base64") from error
    if not data:
        raise MediaRejectedError("empty")
    if len(data) > max_bytes:
        raise MediaRejectedError("too-large")
    return data


def _strict(text: bytes) -> bytes:
    for escaped, plain in _ESCAPES if b"\\" in text else ():
        text = text.replace(escaped, plain)
    payload = _peel(text.strip()).translate(_TO_STANDARD, delete=_LINE_BREAKS).rstrip(b"=")
    # A remainder of one character carries six bits, which is no byte: binascii refuses it.
    return binascii.a2b_base64(payload + b"=" * (-len(payload) % 4), strict_mode=True)


def _peel(text: bytes) -> bytes:
    """The part after `data:image/jpeg;base64,`, should there be such a prefix."""
    if text[:5].lower() != b"data:":
        return text
    scheme, comma, payload = text.partition(b",")
    if not comma or not scheme.lower().endswith(b";base64"):
        raise binascii.Error("a data URI that is not base64")
    return payload.strip()
