"""What a list must answer, worked out home by home from the listings: slow, plain, and on purpose not as the edge does it."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from typing import Any

from sync.model import Known, Offer
from sync.render.card import reduced_at
from sync.render.traits import traits

Query = dict[str, str]


@dataclass(frozen=True, slots=True)
class Home:
    """A listing on one channel."""

    known: Known
    offer: Offer

    @property
    def name(self) -> tuple[str, str]:
        return self.known.listing.id, self.offer.channel


def homes_of(listings: Sequence[Known]) -> list[Home]:
    ordered = sorted(listings, key=lambda one: (-one.first_seen, one.listing.id))
    return [Home(one, offer) for one in ordered for offer in one.listing.offers]


def weekly(offer: Offer) -> int:
    """Pounds a week as the card shows them."""
    return round(offer.pence * 12 / 52) // 100


def fits(home: Home, query: Query, middles: dict[str, tuple[float, float]]) -> bool:
    return all(_fits(home, name, value, query, middles) for name, value in query.items())


def _fits(  # noqa: C901, PLR0911, PLR0912 - a table of rules, one for each parameter
    home: Home, name: str, value: str, query: Query, middles: dict[str, tuple[float, float]]
) -> bool:
    one, offer = home.known.listing, home.offer
    values = value.lower().split(",")
    match name:
        case "channel":
            return offer.channel == value
        case "status" | "type":
            return getattr(one, name) in values
        case "area":
            return one.area_slug in values
        case "outcode":
            return one.outcode.lower() in values
        case "furnishing":
            return one.furnishing in (*values, "either")
        case "features":
            return {*values} <= {*traits(one.features)}
        case "ids":
            return one.id.lower() in values
        case "price_min":
            return _price(offer, query) >= int(value)
        case "price_max":
            return _price(offer, query) <= int(value)
        case "beds_min":
            return one.beds is not None and one.beds >= int(value)
        case "beds_max":
            return one.beds is not None and one.beds <= int(value)
        case "baths_min":
            return (one.baths or 0) >= int(value)
        case "baths_max":
            return (one.baths or 0) <= int(value)
        case "available_by":
            free = one.available_from or date.min
            return offer.channel == "rent" and free <= date.fromisoformat(value)
        case "short_let":
            return one.short_let is (value == "true")
        case "has_tour":
            return bool(one.virtual_tour_url) is (value == "true")
        case "new_since":
            return home.known.first_seen >= _seconds(value)
        case "reduced_since":
            return reduced_at(home.known, offer) >= _seconds(value)
        case "bbox":
            west, south, east, north = map(float, values)
            lat, lng = one.latitude, one.longitude
            return (
                lat is not None
                and lng is not None
                and south <= lat <= north
                and west <= lng <= east
            )
        case "near":
            away = metres(home, query, middles)
            return away is not None and away <= float(query.get("radius_km", "3")) * 1000
        case "q":
            return score(home, value) > 0
        case _:  # period, radius_km, sort: of other parameters
            return True


def _price(offer: Offer, query: Query) -> float:
    if query.get("period") == "pw" and offer.channel == "rent":
        return weekly(offer)
    return offer.pence / 100


def _seconds(value: str) -> int:
    moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
    whole = moment.replace(microsecond=0)
    return int((whole + timedelta(seconds=moment > whole)).timestamp())


def metres(home: Home, query: Query, middles: dict[str, tuple[float, float]]) -> int | None:
    """From `near`; a home without a point is in the middle of its outcode, else of its area."""
    one, near = home.known.listing, query["near"]
    there = tuple(map(float, near.split(","))) if "," in near else middles.get(near.lower())
    here = (
        (one.latitude, one.longitude)
        if one.latitude is not None and one.longitude is not None
        else middles.get(one.outcode.lower()) or middles.get(one.area_slug)
    )
    if there is None or here is None:
        return None
    north = 111_195 * (here[0] - there[0])
    east = 111_195 * (here[1] - there[1]) * math.cos(math.radians(there[0]))
    return int(math.hypot(north, east))


def score(home: Home, q: str) -> int:
    """The sum over the words of what the best place of each is worth; 0 unless all are found."""
    *whole, last = q.lower().split()
    found = [_worth(home, word, begun=False) for word in whole] + [_worth(home, last, begun=True)]
    return sum(found) if all(found) else 0


def _worth(home: Home, word: str, *, begun: bool) -> int:
    one = home.known.listing
    places = ((8, one.street), (4, " ".join(one.features)), (2, one.description))
    worth = [share for share, text in places if word in text.lower().split()]
    if begun:
        worth += [
            share // 2
            for share, text in places
            if any(each.startswith(word) for each in text.lower().split())
        ]
    return max(worth, default=0)


def order(found: list[Home], query: Query, middles: dict[str, tuple[float, float]]) -> list[Home]:
    """`found` is newest first, and Python's sort is stable."""
    keys: dict[str, Callable[[Home], Any]] = {
        "price_asc": lambda home: home.offer.pence or math.inf,
        "price_desc": lambda home: -home.offer.pence,
        "beds_asc": lambda home: (
            math.inf if home.known.listing.beds is None else home.known.listing.beds
        ),
        "beds_desc": lambda home: (
            -1 * (-1 if home.known.listing.beds is None else home.known.listing.beds)
        ),
        "available": lambda home: (
            home.offer.channel != "rent",
            home.known.listing.available_from or date.min
            if home.offer.channel == "rent"
            else date.min,
        ),
        "nearest": lambda home: metres(home, query, middles),
        "relevance": lambda home: -score(home, query["q"]),
    }
    sort = query.get("sort", "relevance" if "q" in query else "newest")
    return sorted(found, key=keys[sort]) if sort in keys else found


def middles_of(homes: Sequence[Home]) -> dict[str, tuple[float, float]]:
    """The middle of the homes in each outcode and area, to four decimals."""
    points: dict[str, list[tuple[float, float]]] = {}
    for home in homes:
        one = home.known.listing
        if one.latitude is not None and one.longitude is not None:
            for name in {one.outcode.lower(), one.area_slug}:
                points.setdefault(name, []).append((one.latitude, one.longitude))
    return {
        name: (round(fmean(lat for lat, _ in own), 4), round(fmean(lng for _, lng in own), 4))
        for name, own in points.items()
        if name
    }


WISHES = ["furnished", "unfurnished", "part_furnished", "either"]
OWN: dict[str, set[str]] = {
    "bedrooms": {"beds_min", "beds_max"},
    "bathrooms": {"baths_min", "baths_max"},
    "features": set(),
}


def facet(
    name: str, homes: list[Home], query: Query, middles: dict[str, tuple[float, float]]
) -> dict[str, int]:
    """Value -> homes, among those that every other filter lets through."""
    own = OWN.get(name, {name})
    others = {one: value for one, value in query.items() if one not in own}
    counts: Counter[str] = Counter()
    for home in homes:
        if fits(home, others | _kept(query), middles):
            counts.update(_values(name, home))
    return dict(counts)


def _kept(query: Query) -> Query:
    return {name: query[name] for name in ("period", "radius_km") if name in query}


def _values(name: str, home: Home) -> list[str]:
    one = home.known.listing
    found: dict[str, list[str]] = {
        "channel": [home.offer.channel],
        "status": [one.status],
        "area": [one.area_slug],
        "outcode": [one.outcode.lower()],
        "bedrooms": [] if one.beds is None else [str(one.beds)],
        "bathrooms": [str(one.baths or 0)],
        "type": [one.type],
        "furnishing": WISHES if one.furnishing == "either" else [one.furnishing],
        "features": list(traits(one.features)),
    }
    return [value for value in found[name] if value]
