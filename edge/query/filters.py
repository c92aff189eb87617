"""Each parameter of a query to the set of rows it lets through."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec

from edge.query import cursor
from edge.query.cursor import Cursor, Point
from edge.query.finder import Finder
from edge.query.parameters import RADIUS_KM, ListQuery
from edge.query.places import DEGREES, Points
from edge.query.vocabulary import Hits
from snapshot.index import bitset

PENCE = 100
WEEKS, MONTHS = 52, 12
KM_PER_DEGREE = 111.195  # of latitude, on a sphere of 6,371 km


@dataclass(slots=True)
class Sought:
    """What one query lets through: parameter -> rows, of those that were given.

    `hits` is what `q` has found, `metres` how far from `near`, which is at `centre`, those within its
    radius are: needed again to sort by, and to go on from. `places`: by which middles that was.
    """

    finder: Finder
    query: ListQuery
    given: Cursor | None = None
    sets: dict[str, int] = field(default_factory=dict)
    hits: Hits = field(default_factory=Hits)
    metres: dict[int, int] = field(default_factory=dict)
    centre: Point | None = None
    places: str = ""

    def rows(self, without: frozenset[str] = frozenset()) -> int:
        rows = self.finder.every
        for name, one in self.sets.items():
            if name not in without:
                rows &= one
        return rows


def seek(finder: Finder, query: ListQuery) -> Sought:
    """`InvalidParameterError` for a cursor of another list."""
    found = Sought(finder, query, cursor.given(query))
    for name, make in _FILTERS.items():
        if getattr(query, name) not in (None, ()):
            found.sets[name] = make(finder, query)
    if query.near is not None:
        found.sets["near"] = _near(found)
    if query.q is not None:
        found.hits = finder.vocabulary.search(query.q.split())
        found.sets["q"] = found.hits.rows
    return found


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


def by_month(finder: Finder, query: ListQuery) -> int:
    """What the bounds of the price let through if they were of a month's rent."""
    monthly = msgspec.structs.replace(query, period="pcm")
    return _priced(finder, monthly, query.price_min, query.price_max)


def _priced(finder: Finder, query: ListQuery, low: int | None, high: int | None) -> int:
    """In pounds. A week's rent is compared as it is shown: pcm x 12 / 52 to the penny, pence cut off."""
    price = finder.columns["price"]
    least = None if low is None else low * PENCE
    most = None if high is None else high * PENCE
    rows = price.between(least, most)
    if query.period == "pcm":
        return rows
    lettings = finder.any_of("channel", ("rent",))
    weekly = price.between(
        None if least is None else _monthly(least),
        None if most is None else _monthly(most + PENCE) - 1,
    )
    return (rows & ~lettings) | (weekly & lettings)


def _monthly(week: int) -> int:
    """The least rent a month, in pence, that is this much a week when rounded to the penny."""
    return -((WEEKS // 2 - week * WEEKS) // MONTHS)


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
    """A snapshot without an index does not know, so it has none with and none without."""

    def make(finder: Finder, query: ListQuery) -> int:
        rows = finder.any_of("has", (value,))
        if "has" not in finder.sets:
            return 0
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
    finder, query, given = sought.finder, sought.query, sought.given
    mark = given.places if given else ""
    sought.places = mark if mark in finder.places.known else finder.places.mark
    points = finder.places.at(sought.places)
    if points is None:
        return 0
    sought.centre = given.centre if given and given.centre else _point(points, query.near or "")
    if sought.centre is None:
        return 0
    radius = RADIUS_KM if query.radius_km is None else query.radius_km
    tall = radius / KM_PER_DEGREE * DEGREES
    wide = tall / max(0.01, math.cos(math.radians(sought.centre[0] / DEGREES)))
    boxed = (
        points.lat.between(*_around(sought.centre[0], tall))
        & points.lng.between(*_around(sought.centre[1], wide))
        & points.somewhere
    )
    candidates = finder.in_order(boxed, "newest")
    apart = zip(candidates, _distances(points, candidates, sought.centre), strict=True)
    sought.metres = {row: metres for row, metres in apart if metres <= radius * 1000}
    return int.from_bytes(bitset(sought.metres, finder.index.count), "little")


def _point(points: Points, name: str) -> Point | None:
    """Of `near`; None when nothing is known of a place of that name."""
    known = name.split(",") if "," in name else points.centres.get(name)
    if known is None:
        return None
    lat, lng = map(float, known)
    return round(lat * DEGREES), round(lng * DEGREES)


def _distances(points: Points, rows: list[int], centre: Point) -> list[int]:
    """Metres from `centre`, as the crow flies. On a plane: exact enough within a country."""
    lat, lng = points.lat.values, points.lng.values
    north = KM_PER_DEGREE * 1000 / DEGREES
    east = north * math.cos(math.radians(centre[0] / DEGREES))
    y, x = centre
    hypot = math.hypot
    return [int(hypot((lat[row] - y) * north, (lng[row] - x) * east)) for row in rows]


def _around(middle: int, reach: float) -> tuple[int, int]:
    return math.floor(middle - reach), math.ceil(middle + reach)


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
