"""Entries, manifests and index rows: the wire format, as values.

Encoded as msgpack with fields in declaration order, so that equal values have equal bytes and
equal digests. Every top-level record carries `format`; a reader refuses a newer one by name.
"""

import hashlib
from typing import Annotated, TypeVar

import msgspec

from snapshot.errors import DamagedError, NewerFormatError

FORMAT = 1
DIGEST_LENGTH = 40  # hex digits of SHA-256 kept: 160 bits, the length of a git object name

# What an edge could not send is refused where it is read, so that no answer can fail later.
# What msgspec says of bytes that it cannot read: texts that are no UTF-8 and nests without end, too.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
Moment = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]  # unix seconds, to the end of 9999
FieldValue = Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e][\x20-\x7e]*\Z")]  # RFC 9110, 5.5
StrongTag = Annotated[str, msgspec.Meta(pattern=r'^"[\x21\x23-\x7e]*"\Z')]  # RFC 9110, 8.8.3


Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\Z")]  # also a safe file name
WITHOUT_CONTENT = (204, 205, 304)  # RFC 9110, 6.4.1


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, ready to send: the identity body and its stored encodings.

    `etag` is the quoted strong tag of the identity form (RFC 9110, 8.8.3); an encoding that did
    not pay is left empty.
    """

    format: int = FORMAT
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 200
    content_type: FieldValue
    etag: StrongTag
    cache_control: FieldValue
    surrogate_keys: tuple[str, ...] = ()
    body: bytes
    br: bytes = b""
    zstd: bytes = b""
    gzip: bytes = b""

    def __post_init__(self) -> None:
        if self.status in WITHOUT_CONTENT:
            raise ValueError(f"an entry with status {self.status} could not be sent")


class Page(msgspec.Struct, frozen=True, array_like=True):
    """What a public path shows: the entry, its tag, and since when."""

    digest: Digest
    etag: str
    modified: Moment


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One generation: every public path, and the artefacts queries select from."""

    format: int = FORMAT
    generation: Annotated[int, msgspec.Meta(ge=1)]
    published_at: Moment
    reason: str
    source_digest: str
    counts: dict[str, int]
    pages: dict[str, Page]
    artefacts: dict[str, Digest]

    def digests(self) -> set[str]:
        """Every stored object this generation needs."""
        return {page.digest for page in self.pages.values()} | set(self.artefacts.values())


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One card with the facts that the list endpoint filters and sorts by.

    `price` is whole pence: monthly for `channel` rent, total for sale. `card` is the finished
    JSON object. A home offered both ways has two rows. `bedrooms` is -1 where counting them makes no
    sense (a garage, an office).
    """

    id: str
    channel: str
    price: int
    bedrooms: int
    bathrooms: int
    area: str
    area_label: str
    outcode: str
    type: str
    type_label: str
    status: str
    furnishing: str
    first_seen: int  # unix seconds
    card: bytes


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The index artefact: all rows, newest first."""

    format: int = FORMAT
    rows: tuple[Row, ...]


class _Head(msgspec.Struct, frozen=True):
    format: int


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]


def encode(record: msgspec.Struct) -> bytes:
    return msgspec.msgpack.encode(record)


_Record = TypeVar("_Record", bound=msgspec.Struct)


def decode(data: bytes, expected: str, kind: type[_Record]) -> _Record:
    """Check the digest, then the format, then the shape: in that order each error is truthful."""
    if digest(data) != expected:
        raise DamagedError(f"{kind.__name__} {expected} does not match its digest")
    try:
        head = msgspec.msgpack.decode(data, type=_Head)
        if head.format > FORMAT:
            raise NewerFormatError(
                f"{kind.__name__} {expected} has format {head.format}; this release reads {FORMAT}"
            )
        return msgspec.msgpack.decode(data, type=kind)
    except UNREADABLE as error:
        raise DamagedError(f"{kind.__name__} {expected} cannot be read: {error}") from error


def decode_entry(data: bytes, expected: str) -> Entry:
    return decode(data, expected, Entry)


def decode_manifest(data: bytes, expected: str) -> Manifest:
    return decode(data, expected, Manifest)


def decode_rows(data: bytes, expected: str) -> tuple[Row, ...]:
    return decode(data, expected, Rows).rows
