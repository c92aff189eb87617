"""The index that queries select by: built by `sync`, read by the edge, beside the cards.

Rows are numbered as in the `cards` artefact of the same generation. A set of rows is a bitset: bit
n of a little-endian number is row n, so that filtering is `&` and counting is a population count.
An edge of an older release does not ask for this artefact and serves lists from the cards alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Annotated, Literal

import msgspec

from snapshot.entry import FORMAT, Row, decode
from snapshot.errors import DamagedError

CHANNEL_LABELS = {"rent": "To rent", "sale": "For sale"}
STATUS_LABELS = {"available": "Available", "under_offer": "Under offer", "sold": "Sold"}
FIELDS = ("place", "kind", "text")  # of `Index.words`, weightiest first


Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
RowNumber = Annotated[int, msgspec.Meta(ge=0)]
NUMBERS = {"price", "first_seen"}  # columns of `Index.numbers` that are always there
COUNTED = ("bedrooms", "bathrooms")  # columns of `Index.values` whose values are whole numbers


_packed = msgspec.msgpack.Decoder(bytes | list[int])


class Suggestion(msgspec.Struct, frozen=True, array_like=True):
    """Something a visitor may be typing; how many cards it has on each channel."""

    kind: Literal["area", "outcode", "station", "street"]
    value: str
    label: str
    rent: int
    sale: int


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """Bitsets, numbers and terms of `count` rows.

    `numbers` has one whole number for each row: `price` in pence, `first_seen` and `reduced` in unix
    seconds (0: never), `available` as a proleptic ordinal (0: now), `lat` and `lng` in millionths of
    a degree, the middle of its outcode or area for a home without a point of its own (see the
    `placed` bitset of `values["located"]`).
    """

    format: int = FORMAT
    count: int
    values: dict[str, dict[str, bytes]]  # column -> value -> bitset
    labels: dict[str, dict[str, str]] = {}  # column -> value -> what people read
    numbers: dict[str, tuple[Number, ...]]
    words: dict[str, dict[str, bytes]] = {}  # field -> term -> packed rows
    centres: dict[str, tuple[float, float]] = {}  # slug of an area, outcode or station -> lat, lng
    suggestions: tuple[Suggestion, ...] = ()
    similar: tuple[tuple[RowNumber, ...], ...] = ()  # for each row those like it, nearest first
    slugs: tuple[str, ...] = ()  # for each row
    moved: dict[str, str] = {}  # former slug -> slug


def decode_index(data: bytes, expected: str, rows: int) -> Index:
    """The index of `rows` cards; `DamagedError` when it is of other cards, or could not be used."""
    found = decode(data, expected, Index)
    if not (found.numbers.keys() >= NUMBERS and found.values.keys() >= {*COUNTED}):
        raise DamagedError(f"Index {expected} lacks a column")
    columns = [*found.numbers.values(), *filter(None, (found.similar, found.slugs))]
    if found.count != rows or any(len(column) != rows for column in columns):
        raise DamagedError(f"Index {expected} is not of these {rows} cards")
    if any(other >= rows for others in found.similar for other in others):
        raise DamagedError(f"Index {expected} names a card that is not there")
    for name, values in found.values.items():
        for value, bits in values.items():
            if int.from_bytes(bits, "little") >> rows:
                raise DamagedError(f"Index {expected}: {name} names a card that is not there")
            if name in COUNTED and not re.fullmatch(r"-?[0-9]{1,18}", value):
                raise DamagedError(f"Index {expected}: {name} {value!r} is no number")
    return found


def bitset(numbers: Iterable[int], count: int) -> bytes:
    digits = bytearray(b"0") * (count + 1)
    for number in numbers:
        digits[number] = 49  # "1"; setting bits one by one takes eight times as long
    digits.reverse()
    return int(digits, 2).to_bytes(-(-count // 8), "little")


def pack(numbers: Sequence[int], count: int) -> bytes:
    """Ascending rows in the shorter of two forms: a bitset, or the gaps between them."""
    gaps = [after - before for before, after in zip((0, *numbers), numbers, strict=False)]
    packed = msgspec.msgpack.encode(gaps)
    if len(packed) <= count // 8:
        return packed
    return msgspec.msgpack.encode(bitset(numbers, count))


def unpack(packed: bytes, count: int) -> int:
    """The set as a number; raises nothing for what `pack` has made, of any count."""
    return union((packed,), count)


def union(several: Iterable[bytes], count: int) -> int:
    """All their rows in one set: gaps are marked in one go, for making a number of each costs most."""
    dense, sparse = 0, set[int]()
    for packed in several:
        found = _packed.decode(packed)
        if isinstance(found, bytes):
            dense |= int.from_bytes(found, "little")
        else:
            sparse.update(accumulate(found))
    if sparse:
        if max(sparse) >= count:
            sparse = {row for row in sparse if row < count}
        dense |= int.from_bytes(bitset(sparse, count), "little")
    return dense & ((1 << count) - 1)


def bitsets(column: Sequence[str | Iterable[str]]) -> dict[str, bytes]:
    """Value -> bitset of a column of single values, or of several; "" is none."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, values in enumerate(column):
        for value in (values,) if isinstance(values, str) else values:
            if value:
                found[value].append(number)
    return {value: bitset(found[value], len(column)) for value in sorted(found)}


def of_rows(rows: Sequence[Row]) -> Index:
    """What cards alone tell: all there is in a snapshot of an older release."""
    columns = ("channel", "status", "area", "outcode", "type", "furnishing")
    values = {name: bitsets([str(getattr(row, name)).lower() for row in rows]) for name in columns}
    for name in COUNTED:  # -1 where counting makes no sense
        values[name] = bitsets([str(max(-1, getattr(row, name))) for row in rows])
    return Index(
        count=len(rows),
        values=values,
        labels={
            "channel": CHANNEL_LABELS,
            "status": STATUS_LABELS,
            "area": _labels((row.area.lower(), row.area_label) for row in rows),
            "outcode": {row.outcode.lower(): row.outcode.upper() for row in rows},
            "type": _labels((row.type.lower(), row.type_label) for row in rows),
        },
        numbers={
            "price": tuple(row.price for row in rows),
            "first_seen": tuple(row.first_seen for row in rows),
        },
    )


def _labels(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first label of each value."""
    found: dict[str, str] = {}
    for value, label in pairs:
        found.setdefault(value, label)
    return found
