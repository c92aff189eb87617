"""Cursors: after which card a list goes on.

A cursor says so by what the list is sorted by, so that it stays true when homes come and go in between;
of which query it is, so that it is not used for another; and from where distances are measured, for
the middle of a place moves as homes come and go.
"""

import base64
import binascii
import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.query.parameters import ListQuery
from edge.query.reading import InvalidParameterError

Key = tuple[int, int, str, str]  # what is sorted by; then newest first, reference, channel
Latitude = Annotated[int, Meta(ge=-90_000_000, le=90_000_000)]  # millionths of a degree
Longitude = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]
Point = tuple[Latitude, Longitude]


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    query: str
    after: Key
    centre: Point | None = None
    places: str = ""  # Places.mark


def written(query: ListQuery, last: Key, centre: Point | None, places: str) -> str:
    """A cursor that goes on after the card with the key `last`."""
    return _encoded(Cursor(_name(query), last, centre, places if centre else ""))


def given(query: ListQuery) -> Cursor | None:
    """That of a query, if it has one; `InvalidParameterError` for one that its list has not given."""
    if query.cursor is None:
        return None
    try:
        packed = base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        cursor = msgspec.msgpack.decode(packed, type=Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise InvalidParameterError("cursor", "not one that a list has given") from None
    if query.cursor != _encoded(cursor):
        raise InvalidParameterError("cursor", "not one that a list has given")
    if cursor.query != _name(query):
        raise InvalidParameterError("cursor", "given by a list with other parameters")
    return cursor


def _encoded(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


def _name(query: ListQuery) -> str:
    """The same for every page of a query, whatever its size."""
    plain = msgspec.structs.replace(query, page=1, per_page=1, cursor=None)
    return hashlib.sha256(msgspec.msgpack.encode(plain)).hexdigest()[:12]
