"""Each parameter of a query to the set of rows it lets through."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from edge.query.finder import Finder
from edge.query.parameters import RADIUS_KM, ListQuery
from edge.query.vocabulary import Hits
from snapshot.index import bitset

PENCE = 100
WEEKS, MONTHS = 52, 12
KM_PER_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km
DEGREES = 1_000_000  # the index has millionths


@dataclass(slots=True)
class Sought:
    """What one query lets through: parameter -> rows, of those that were given.

    `hits` is what `q` has found, `metres` how far from `near` those within its radius are: both are
    needed again to sort by.
    """

    finder: Finder
    query: ListQuery
    sets: dict[str, int] = field(default_factory=dict)
    hits: Hits = field(default_factory=Hits)
    metres: dict[int, int] = field(default_factory=dict)

    def rows(self, without: frozenset[str] = frozenset()) -> int:
        rows = self.finder.every
        for name, one in self.sets.items():
            if name not in without:
                rows &= one
        return rows


def seek(finder: Finder, query: ListQuery) -> Sought:
    found = Sought(finder, query)
    for name, make in _FILTERS.items():
        if getattr(query, name) not in (None, ()):
            found.sets[name] = make(finder, query)
    if query.near is not None:
        found.sets["near"] = _near(found)
    if query.q is not None:
        found.hits = finder.vocabulary.search(query.q.split())
        found.sets["q"] = found.hits.rows
    return found


def point(finder: Finder, query: ListQuery) -> tuple[float, float] | None:
    """Latitude and longitude of `near`; None when nothing is known of a place of that name."""
    name = query.near or ""
    if "," in name:
        lat, lng = name.split(",")
        return float(lat), float(lng)
    return finder.index.centres.get(name)


def distances(finder: Finder, rows: list[int], centre: tuple[float, float]) -> list[int]:
    """Metres from `centre`, as the crow flies. On a plane: exact enough within a country."""
    lat, lng = finder.columns["lat"].values, finder.columns["lng"].values
    north = KM_PER_DEGREE * 1000 / DEGREES
    east = north * math.cos(math.radians(centre[0]))
    y, x = round(centre[0] * DEGREES), round(centre[1] * DEGREES)
    hypot = math.hypot
    return [int(hypot((lat[row] - y) * north, (lng[row] - x) * east)) for row in rows]


def _values(name: str) -> Callable[[Finder, ListQuery], int]:
    return lambda finder, query: finder.any_of(name, getattr(query, name))


def _channel(finder: Finder, query: ListQuery) -> int:
    return finder.any_of("channel", (query.channel or "",))


def _furnishing(finder: Finder, query: ListQuery) -> int:
    """A home that can be let either way matches both wishes."""
    return finder.any_of("furnishing", (*query.furnishing, "either"))


def _features(finder: Finder, query: ListQuery) -> int:
    rows = finder.every
    for feature in query.features:
        rows &= finder.any_of("features", (feature,))
    return rows


def _ids(finder: Finder, query: ListQuery) -> int:
    found = [row for name in query.ids for row in finder.references.get(name, ())]
    return int.from_bytes(bitset(found, finder.index.count), "little")


def _priced(finder: Finder, query: ListQuery, low: int | None, high: int | None) -> int:
    """In pounds. A week's rent is compared as it is shown: pcm x 12 / 52, rounded down."""
    price = finder.columns["price"]
    least = None if low is None else low * PENCE
    most = None if high is None else high * PENCE
    rows = price.between(least, most)
    if query.period == "pcm":
        return rows
    lettings = finder.any_of("channel", ("rent",))
    weekly = price.between(
        None if low is None else -(-low * PENCE * WEEKS // MONTHS),
        None if high is None else ((high + 1) * PENCE * WEEKS - 1) // MONTHS,
    )
    return (rows & ~lettings) | (weekly & lettings)


def _counted(finder: Finder, column: str, least: int | None, most: int | None) -> int:
    """Where counting makes no sense (a garage) the number is -1, which no bound lets through."""
    counts = [int(value) for value in finder.sets[column]]
    fit = [n for n in counts if n >= (least or 0) and (most is None or n <= most)]
    return finder.any_of(column, map(str, fit))


def _available(finder: Finder, query: ListQuery) -> int:
    """Lettings only: nothing says when a home for sale is free."""
    column = finder.columns.get("available")
    if column is None:
        return 0
    day: date = query.available_by or date.min
    return column.between(None, day.toordinal()) & finder.any_of("channel", ("rent",))


def _flag(name: str, value: str) -> Callable[[Finder, ListQuery], int]:
    def make(finder: Finder, query: ListQuery) -> int:
        rows = finder.any_of("has", (value,))
        return rows if getattr(query, name) else finder.every & ~rows

    return make


def _bbox(finder: Finder, query: ListQuery) -> int:
    """Homes with a point of their own: a map shows no others."""
    if query.bbox is None or "lat" not in finder.columns:
        return 0
    west, south, east, north = (round(float(side) * DEGREES) for side in query.bbox.split(","))
    return (
        finder.columns["lat"].between(south, north)
        & finder.columns["lng"].between(west, east)
        & finder.any_of("located", ("placed",))
    )


def _near(sought: Sought) -> int:
    """Homes without a point of their own are taken to be in the middle of their outcode or area."""
    finder, query = sought.finder, sought.query
    centre, radius = point(finder, query), query.radius_km or RADIUS_KM
    if centre is None or "lat" not in finder.columns:
        return 0
    tall = radius / KM_PER_DEGREE
    wide = tall / max(0.01, math.cos(math.radians(centre[0])))
    boxed = (
        finder.columns["lat"].between(*_around(centre[0], tall))
        & finder.columns["lng"].between(*_around(centre[1], wide))
        & finder.any_of("located", ("placed", "about"))
    )
    candidates = finder.in_order(boxed, "newest")
    apart = zip(candidates, distances(finder, candidates, centre), strict=True)
    sought.metres = {row: metres for row, metres in apart if metres <= radius * 1000}
    return int.from_bytes(bitset(sought.metres, finder.index.count), "little")


def _around(middle: float, reach: float) -> tuple[int, int]:
    return round((middle - reach) * DEGREES) - 1, round((middle + reach) * DEGREES) + 1


def _since(column: str, name: str) -> Callable[[Finder, ListQuery], int]:
    def make(finder: Finder, query: ListQuery) -> int:
        moment: datetime = getattr(query, name)
        found = finder.columns.get(column)
        return found.between(max(1, int(moment.timestamp())), None) if found else 0

    return make


_FILTERS: dict[str, Callable[[Finder, ListQuery], int]] = {
    "channel": _channel,
    "status": _values("status"),
    "area": _values("area"),
    "outcode": _values("outcode"),
    "type": _values("type"),
    "furnishing": _furnishing,
    "features": _features,
    "ids": _ids,
    "price_min": lambda finder, query: _priced(finder, query, query.price_min, None),
    "price_max": lambda finder, query: _priced(finder, query, None, query.price_max),
    "beds_min": lambda finder, query: _counted(finder, "bedrooms", query.beds_min, None),
    "beds_max": lambda finder, query: _counted(finder, "bedrooms", 0, query.beds_max),
    "baths_min": lambda finder, query: _counted(finder, "bathrooms", query.baths_min, None),
    "baths_max": lambda finder, query: _counted(finder, "bathrooms", 0, query.baths_max),
    "available_by": _available,
    "short_let": _flag("short_let", "short_let"),
    "has_floorplan": _flag("has_floorplan", "floorplan"),
    "has_tour": _flag("has_tour", "tour"),
    "bbox": _bbox,
    "new_since": _since("first_seen", "new_since"),
    "reduced_since": _since("reduced", "reduced_since"),
}
