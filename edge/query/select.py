"""Select rows and join their ready-made cards into a list answer; nothing is encoded anew."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from edge.query.parameters import ListQuery
from snapshot import Row

PENCE = 100
UNCOUNTED = "-1"  # bedrooms of a garage or an office
_json = msgspec.json.Encoder()
_Test = Callable[[Row], bool]


class Facet(msgspec.Struct, frozen=True):
    value: str
    label: str
    count: int


def answer(rows: Sequence[Row], query: ListQuery, generation: int) -> bytes:
    """The JSON envelope of docs/api.md: items, totals, facets, generation."""
    tests = _tests(query)
    found = sorted_by(query.sort, [row for row in rows if _passes(row, tests)])
    total = len(found)
    pages = max(1, -(-total // query.per_page))
    start = (query.page - 1) * query.per_page
    cards = b",".join(row.card for row in found[start : start + query.per_page])
    tail = _json.encode(
        {
            "total": total,
            "page": query.page,
            "pages": pages,
            "per_page": query.per_page,
            "has_more": query.page < pages,
            "facets": facets(rows, query),
            "generation": generation,
        }
    )
    return b'{"items":[' + cards + b"]," + tail[1:]


def facets(rows: Sequence[Row], query: ListQuery) -> dict[str, list[Facet]]:
    """Values with counts; each facet respects every filter but its own."""
    found: dict[str, list[Facet]] = {}
    for name, (own, label) in _FACETS.items():
        tests = _tests(query, without=own)
        found[name] = _count(name, [row for row in rows if _passes(row, tests)], label)
    return found


def sorted_by(sort: str, rows: list[Row]) -> list[Row]:
    """Stable: rows arrive newest first, and equal keys keep that order."""
    if sort == "price_asc":
        return sorted(rows, key=lambda row: row.price)
    if sort == "price_desc":
        return sorted(rows, key=lambda row: -row.price)
    if sort == "beds_desc":
        return sorted(rows, key=lambda row: -row.bedrooms)
    return rows


def _passes(row: Row, tests: Iterable[_Test]) -> bool:
    return all(test(row) for test in tests)


def _tests(query: ListQuery, without: frozenset[str] = frozenset()) -> list[_Test]:
    made: list[_Test] = []
    for name, make in _FILTERS.items():
        value = getattr(query, name)
        if name not in without and value is not None and value != ():
            made.append(make(value))
    return made


def _at_least(attribute: str, scale: int = 1) -> Callable[[int], _Test]:
    return lambda low: lambda row: getattr(row, attribute) >= low * scale


def _at_most(attribute: str, scale: int = 1) -> Callable[[int], _Test]:
    return lambda high: lambda row: getattr(row, attribute) <= high * scale


def _within(attribute: str) -> Callable[[tuple[str, ...]], _Test]:
    return lambda wanted: lambda row: getattr(row, attribute).lower() in wanted


def _furnishing(wanted: tuple[str, ...]) -> _Test:
    """A home that can be let either way matches both wishes."""
    return lambda row: row.furnishing in wanted or (row.furnishing == "either" and bool(wanted))


_FILTERS: dict[str, Callable[..., _Test]] = {
    "channel": lambda wanted: lambda row: row.channel == wanted,
    "status": _within("status"),
    "area": _within("area"),
    "outcode": _within("outcode"),
    "type": _within("type"),
    "furnishing": _furnishing,
    "ids": _within("id"),
    "price_min": _at_least("price", PENCE),
    "price_max": _at_most("price", PENCE),
    "beds_min": _at_least("bedrooms"),
    "beds_max": lambda most: lambda row: 0 <= row.bedrooms <= most,  # a garage has no number
    "baths_min": _at_least("bathrooms"),
}

_CHANNEL_LABELS = {"rent": "To rent", "sale": "For sale"}


def _beds_label(row: Row) -> str:
    if row.bedrooms == 0:
        return "Studio"
    return f"{row.bedrooms} bed{'s' if row.bedrooms > 1 else ''}"


_FACETS: dict[str, tuple[frozenset[str], Callable[[Row], str]]] = {
    "channel": (frozenset({"channel"}), lambda row: _CHANNEL_LABELS.get(row.channel, row.channel)),
    "area": (frozenset({"area"}), lambda row: row.area_label),
    "bedrooms": (frozenset({"beds_min", "beds_max"}), _beds_label),
    "type": (frozenset({"type"}), lambda row: row.type_label),
}


def _count(name: str, rows: Iterable[Row], label: Callable[[Row], str]) -> list[Facet]:
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for row in rows:
        value = str(getattr(row, name))
        if value and value != UNCOUNTED:
            counts[value] += 1
            labels.setdefault(value, label(row))
    ordered = sorted(counts, key=int) if name == "bedrooms" else sorted(counts)
    return [Facet(value, labels[value], counts[value]) for value in ordered]
