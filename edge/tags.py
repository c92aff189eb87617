"""Entity tags that Caddy makes by itself, so that a page has one tag, whoever answers.

Caddy's file server tags a file by its date and its size: modification time in nanoseconds since 1970,
a hyphen, bytes, both in base 36 (`calculateEtag` of its `fileserver`, 2.11). So a file's date here is no
date: it is sixty bits of what a SHA-256 says of the body and its encoding. An edge makes the same text of them.
A Caddy that spells tags otherwise costs a visitor who goes from file to edge one answer in full.
"""

import hashlib

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
NS_PER_S = 1_000_000_000
EARLIEST, SPAN = 1_100_000_000 * NS_PER_S, 1_000_000_000 * NS_PER_S  # 2004 to 2036, on any disk


def moment(etag: str, coding: str) -> int:
    """The date of the file, in ns, for this encoding of what `etag` stands for."""
    seen = hashlib.sha256(f"{etag} {coding}".encode()).digest()
    return EARLIEST + int.from_bytes(seen[:16]) % SPAN


def tag(moment: int, size: int) -> str:
    """Strong and quoted (RFC 9110, 8.8.3)."""
    return f'"{_base36(moment)}-{_base36(size)}"'


def moment_of(tag: str) -> int:
    """The date that a file needs for this tag."""
    return int(tag.strip('"').partition("-")[0], 36)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, last = divmod(number, 36)
        digits = DIGITS[last] + digits
    return digits or "0"
