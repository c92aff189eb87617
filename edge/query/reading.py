"""From a query string to its struct: known names, typed values, one canonical form."""

import functools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec import inspect

from edge.query.parameters import (
    BOUNDS,
    LIST_MAX,
    PLACE,
    POINT,
    Q_MAX,
    RADIUS_KM,
    TERMS_MAX,
    TEXT_MAX,
    ListQuery,
    SuggestQuery,
)
from edge.query.suggest import words
from snapshot import text

# Added by advertisers to any link; they never change an answer.
TRACKING = re.compile(
    r"^(utm_\w+|gad_\w+|gclid|gclsrc|gbraid|wbraid|dclid|srsltid|fbclid|msclkid|ttclid|twclid|li_fat_id"
    r"|igshid|yclid|mc_[ce]id|_ga|_gl|_hsenc|_hsmi)$"
)
TRUE, FALSE = ("true", "1"), ("false", "0")
_DECIMAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,20})?(?:[eE]-[0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?"
)
_PLACES = 4  # decimals of a degree kept: about 10 m

Reader = Callable[[str, str], object]
_Query = TypeVar("_Query", bound=msgspec.Struct)


class InvalidParameterError(Exception):
    """One parameter cannot be used; `allowed` lists the values that could."""

    def __init__(self, name: str, detail: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.name, self.detail, self.allowed = name, detail, allowed


def parse(query: Mapping[str, list[str]]) -> ListQuery:
    """A list's query, or `InvalidParameterError` naming the first bad parameter."""
    found = read(ListQuery, query)
    if found.q is not None and not any(query.get("sort", ())):
        found = msgspec.structs.replace(found, sort="relevance")
    _agree(found)
    return _plainest(found)


def _plainest(query: ListQuery) -> ListQuery:
    """Without what changes no answer, so that the same question is one entry of the cache."""
    least = query.price_min or None
    priced = least is not None or query.price_max is not None
    around = query.near is not None and query.radius_km != RADIUS_KM
    stated = tuple(wish for wish in query.furnishing if wish != "either")
    return msgspec.structs.replace(
        query,
        price_min=least,
        period=query.period if priced else "pcm",
        radius_km=query.radius_km if around else None,
        furnishing=stated or query.furnishing,  # a home let either way is found for each
        sort="newest" if query.q is None and query.sort == "relevance" else query.sort,
    )


def _agree(query: ListQuery) -> None:
    """Refuse what makes no sense together."""
    if query.near is None and query.sort == "nearest":
        raise InvalidParameterError("sort", "nearest needs `near`")
    if query.cursor is not None and query.page != 1:
        raise InvalidParameterError("page", "use either `page` or `cursor`")


def read(kind: type[_Query], query: Mapping[str, list[str]]) -> _Query:
    """`query` as a `kind`; parameters of advertisers are passed over."""
    readers = readers_of(kind)
    values: dict[str, object] = {}
    for name, given in query.items():
        if TRACKING.match(name) or not (name or any(given)):  # the latter: "?&page=2"
            continue
        reader = readers.get(name)
        if reader is None:
            raise InvalidParameterError(
                name[:TEXT_MAX], "this parameter is not known", tuple(readers)
            )
        if len(given) > 1:
            raise InvalidParameterError(name, "give this parameter once; separate values by comma")
        if given[0]:
            values[name] = reader(name, given[0])
    return kind(**values)


@functools.cache
def readers_of(kind: type[msgspec.Struct]) -> dict[str, Reader]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - for the type checker
    special = _SPECIAL.get(kind, {})
    return {
        field.name: special.get(field.name) or _reader(field.type) for field in described.fields
    }


def _reader(kind: inspect.Type) -> Reader:
    """How a field of this type is read from text."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
        return _reader(kind)
    if isinstance(kind, inspect.LiteralType):
        return functools.partial(_one_of, tuple(map(str, kind.values)))
    if isinstance(kind, inspect.VarTupleType):
        item = kind.item_type
        allowed = item.values if isinstance(item, inspect.LiteralType) else ()
        return functools.partial(_many, tuple(map(str, allowed)))
    return _plain(kind)


def _plain(kind: inspect.Type) -> Reader:
    if isinstance(kind, inspect.IntType):
        return functools.partial(_whole, kind.ge or 0, kind.le or 0)
    if isinstance(kind, inspect.FloatType):
        return functools.partial(_positive, kind.le or math.inf)
    if isinstance(kind, inspect.BoolType):
        return _boolean
    if isinstance(kind, inspect.StrType):
        return functools.partial(_short, kind.max_length or TEXT_MAX)
    return {inspect.DateType: _day, inspect.DateTimeType: _moment}[type(kind)]


def _whole(low: int, high: int, name: str, given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", given) or not low <= int(given) <= high:
        raise InvalidParameterError(name, f"a whole number from {low} to {high}")
    return int(given)


def _positive(most: float, name: str, given: str) -> float:
    if not _DECIMAL.fullmatch(given) or not 0 < float(given) <= most:
        raise InvalidParameterError(name, f"a number above 0, at most {most:g}")
    return max(0.001, round(float(given), 3))  # to the metre


def _boolean(name: str, given: str) -> bool:
    if given.lower() not in TRUE + FALSE:
        raise InvalidParameterError(name, "true or false", ("true", "false"))
    return given.lower() in TRUE


def _short(most: int, name: str, given: str) -> str:
    if len(given) > most:
        raise InvalidParameterError(name, f"at most {most} characters")
    return given


def _day(name: str, given: str) -> date:
    try:
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise InvalidParameterError(name, "a day, as 2026-12-01")


def _moment(name: str, given: str) -> datetime:
    try:
        if _DAY.fullmatch(given) or _MOMENT.fullmatch(given):
            return _whole_second(datetime.fromisoformat(given).replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        pass
    raise InvalidParameterError(name, "a day, or a moment in UTC as 2026-12-01T09:30:00Z")


def _whole_second(moment: datetime) -> datetime:
    """The first at or after it: what happened is known by the second."""
    return moment + timedelta(microseconds=-moment.microsecond % 1_000_000)


def _one_of(allowed: tuple[str, ...], name: str, given: str) -> str:
    if given not in allowed:
        raise InvalidParameterError(name, "not one of the allowed values", allowed)
    return given


def _many(allowed: tuple[str, ...], name: str, given: str) -> tuple[str, ...]:
    parts = {part.strip().lower() for part in given.split(",")} - {""}
    if len(parts) > LIST_MAX:
        raise InvalidParameterError(name, f"at most {LIST_MAX} values")
    if allowed and not parts <= set(allowed):
        raise InvalidParameterError(name, "not one of the allowed values", allowed)
    if any(len(part) > TEXT_MAX for part in parts):
        raise InvalidParameterError(name, f"values have at most {TEXT_MAX} characters")
    return tuple(sorted(parts))


def _bounds(name: str, given: str) -> str:
    plain = given.replace(" ", "")
    if not re.fullmatch(BOUNDS, plain):
        raise InvalidParameterError(name, "west,south,east,north in degrees")
    west, south, east, north = _degrees(plain)
    if west > east or south > north:
        raise InvalidParameterError(name, "west,south,east,north in degrees, smaller ones first")
    return _joined(west, south, east, north)


def _near(name: str, given: str) -> str | None:
    """`51.54,-0.14`, or a name as a slug; of a postcode its public half."""
    plain = given.replace(" ", "")
    if re.fullmatch(POINT, plain):
        return _joined(*_degrees(plain))
    if not re.fullmatch(PLACE, given) or not (place := _slug(text.outward(given))):
        raise InvalidParameterError(name, "latitude,longitude, or the name of a place")
    return place


def _slug(name: str) -> str:
    """As `sync` makes slugs of the names of places."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:TEXT_MAX].strip("-")


def _outcodes(name: str, given: str) -> tuple[str, ...]:
    """Of a postcode its public half."""
    return _many((), name, ",".join(map(text.outward, _many((), name, given))))


def _degrees(given: str) -> list[float]:
    return [round(float(part), _PLACES) + 0.0 for part in given.split(",")]


def _joined(*degrees: float) -> str:
    return ",".join(map(str, degrees))


def _search(name: str, given: str) -> str | None:
    """The terms asked for, in order, so that every spelling is one query; None when there is none."""
    return " ".join(text.asked(_short(Q_MAX, name, given), TERMS_MAX, Q_MAX)) or None


def _typed(name: str, given: str) -> str:
    """The words begun, as `Typeahead` compares them."""
    return " ".join(words(text.outward(_short(Q_MAX, name, given))))[:Q_MAX].strip()


_SPECIAL: dict[type[msgspec.Struct], dict[str, Reader]] = {
    ListQuery: {"bbox": _bounds, "near": _near, "outcode": _outcodes, "q": _search},
    SuggestQuery: {"q": _typed},
}
