"""Which part of a file a request asks for (RFC 9110, 14): players seek, and some play nothing else.

One range of bytes; a list of several, another unit, and what cannot be read ask for the whole, as they may.
"""

import re

from edge.message import Request

_ONE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII | re.IGNORECASE)


def asked(request: Request, size: int, tag: str) -> range | None:
    """The bytes to send of `size`; None for all of them. Empty when there are none where asked.

    `tag`: of the file, strong; a part of another one (`If-Range`) is no use to who asks.
    """
    found = _ONE.fullmatch((request.header("range") or "").strip())
    if found is None or request.method != "GET" or request.header("if-range") not in (None, tag):
        return None
    first, last = found.groups()
    if first:
        end = min(int(last) + 1, size) if last else size
        return None if last and int(last) < int(first) else range(min(int(first), end), end)
    if not last:
        return None
    return range(max(size - int(last), 0), size)
