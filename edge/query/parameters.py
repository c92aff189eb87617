"""The list endpoint's parameters: known names, typed values, one canonical form.

The parsed struct is hashable and independent of spelling and order, so it is the cache key.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

CHANNELS = ("rent", "sale")
SORTS = ("newest", "price_asc", "price_desc", "beds_desc")
STATUSES = ("available", "under_offer", "sold")
PER_PAGE = 24
PER_PAGE_MAX = 100
LIST_MAX = 50  # values in one comma-separated parameter
TEXT_MAX = 64

# Added by advertisers to any link; they never change an answer.
TRACKING = re.compile(r"^(utm_\w+|gclid|fbclid|msclkid|dclid|gad_\w+|mc_[ce]id|_ga|_gl)$")


class InvalidParameterError(Exception):
    """One parameter cannot be used; `allowed` lists the values that could."""

    def __init__(self, name: str, detail: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.name, self.detail, self.allowed = name, detail, allowed


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Prices are whole pounds, per month for rent. Empty tuples and None filter nothing."""

    channel: str | None = None
    status: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    outcode: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    furnishing: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    beds_min: int | None = None
    beds_max: int | None = None
    baths_min: int | None = None
    sort: str = "newest"
    page: int = 1
    per_page: int = PER_PAGE


def parse(query: Mapping[str, list[str]]) -> ListQuery:
    """The query in its canonical form, or `InvalidParameterError` naming the first bad one."""
    values: dict[str, object] = {}
    for name, given in query.items():
        if TRACKING.match(name) or not (name or any(given)):  # the latter: "?&page=2"
            continue
        reader = _READERS.get(name)
        if reader is None:
            raise InvalidParameterError(
                name[:TEXT_MAX], "this parameter is not known", tuple(_READERS)
            )
        if len(given) > 1:
            raise InvalidParameterError(name, "give this parameter once; separate values by comma")
        if given[0]:
            values[name] = reader(name, given[0])
    return msgspec.convert(values, ListQuery)


_Reader = Callable[[str, str], object]


def _whole(low: int, high: int) -> _Reader:
    def read(name: str, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise InvalidParameterError(name, f"a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(allowed: tuple[str, ...]) -> _Reader:
    def read(name: str, text: str) -> str:
        if text not in allowed:
            raise InvalidParameterError(name, "not one of the allowed values", allowed)
        return text

    return read


def _many(allowed: tuple[str, ...] = ()) -> _Reader:
    def read(name: str, text: str) -> tuple[str, ...]:
        parts = {part.strip().lower() for part in text.split(",")} - {""}
        if len(parts) > LIST_MAX:
            raise InvalidParameterError(name, f"at most {LIST_MAX} values")
        if allowed and not parts <= set(allowed):
            raise InvalidParameterError(name, "not one of the allowed values", allowed)
        if any(len(part) > TEXT_MAX for part in parts):
            raise InvalidParameterError(name, f"values have at most {TEXT_MAX} characters")
        return tuple(sorted(parts))

    return read


FURNISHINGS = ("furnished", "unfurnished", "part_furnished", "either")
_PRICE = _whole(0, 999_999_999)
_COUNT = _whole(0, 99)
_READERS: dict[str, _Reader] = {
    "channel": _one_of(CHANNELS),
    "status": _many(STATUSES),
    "area": _many(),
    "outcode": _many(),
    "type": _many(),
    "furnishing": _many(FURNISHINGS),
    "ids": _many(),
    "price_min": _PRICE,
    "price_max": _PRICE,
    "beds_min": _COUNT,
    "beds_max": _COUNT,
    "baths_min": _COUNT,
    "sort": _one_of(SORTS),
    "page": _whole(1, 100_000),
    "per_page": _whole(1, PER_PAGE_MAX),
}
