"""Areas: how many homes each has, and between which prices."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean, median_low

import msgspec

from sync.render import words
from sync.render.shown import Shown

PATH = "/api/areas"


class PriceRange(msgspec.Struct, frozen=True, kw_only=True):
    """Of the homes to be had that state a price: `priced` of `count`. All empty where none does."""

    count: int
    priced: int
    low: int | float
    median: int | float
    high: int | float
    low_label: str
    median_label: str
    high_label: str
    label: str


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """`query` is what to ask the list for its homes. `lat` and `lng`: the middle of those located."""

    slug: str
    name: str
    path: str
    query: str
    town: str
    outcodes: tuple[str, ...]
    count: int
    count_label: str
    rent: PriceRange
    sale: PriceRange
    lat: float
    lng: float
    has_location: bool


class Counted(msgspec.Struct, frozen=True):
    value: str
    label: str
    count: int


class AreaDetail(Area, frozen=True, kw_only=True):
    """With what kinds of homes there are, and its newest cards."""

    types: tuple[Counted, ...]
    stations: tuple[str, ...]
    items: tuple[msgspec.Raw, ...]


class Areas(msgspec.Struct, frozen=True):
    items: tuple[Area, ...]
    total: int


NEWEST = 6


def areas(shown: Sequence[Shown]) -> tuple[Areas, list[AreaDetail]]:
    """All of them by name, and each in full. Homes without an area are in none."""
    members: defaultdict[str, list[Shown]] = defaultdict(list)
    for item in shown:
        if item.card.area_slug:
            members[item.card.area_slug].append(item)
    found = sorted(
        (_detail(_area(homes), homes) for homes in members.values()),
        key=lambda a: (a.name, a.slug),
    )
    plain = tuple(
        Area(**{name: getattr(one, name) for name in Area.__struct_fields__}) for one in found
    )
    return Areas(plain, len(plain)), found


def _area(homes: Sequence[Shown]) -> Area:
    first = homes[0].card
    points = [(home.card.lat, home.card.lng) for home in homes if home.card.has_location]
    count = len({home.card.id for home in homes})
    return Area(
        slug=first.area_slug,
        name=first.area,
        path=f"{PATH}/{first.area_slug}",
        query=f"area={first.area_slug}",
        town=next((home.card.town for home in homes if home.card.town), ""),
        outcodes=tuple(sorted({home.card.outcode for home in homes} - {""})),
        count=count,
        count_label=words.counted(count, "home"),
        rent=_prices([home for home in homes if home.offer.channel == "rent"]),
        sale=_prices([home for home in homes if home.offer.channel == "sale"]),
        lat=round(fmean(lat for lat, _ in points), 4) if points else 0.0,
        lng=round(fmean(lng for _, lng in points), 4) if points else 0.0,
        has_location=bool(points),
    )


def _prices(homes: Sequence[Shown]) -> PriceRange:
    stated = sorted(
        (home for home in homes if home.card.is_available and home.offer.pence),
        key=lambda home: home.offer.pence,
    )
    if not stated:
        labels = dict.fromkeys(("low_label", "median_label", "high_label", "label"), "")
        return PriceRange(count=len(homes), priced=0, low=0, median=0, high=0, **labels)
    low, high = stated[0], stated[-1]
    middle = stated[median_low(range(len(stated)))]
    single = low.card.price_label == high.card.price_label
    return PriceRange(
        count=len(homes),
        priced=len(stated),
        low=low.card.price,
        median=middle.card.price,
        high=high.card.price,
        low_label=low.card.price_label,
        median_label=middle.card.price_label,
        high_label=high.card.price_label,
        label=low.card.price_label
        if single
        else f"{words.money(low.offer.pence)} to {high.card.price_label}",
    )


def _detail(area: Area, homes: Sequence[Shown]) -> AreaDetail:
    types = Counter({home.card.id: home.card.type for home in homes}.values())
    stations = {home.known.listing.station for home in homes} - {""}
    return AreaDetail(
        **{name: getattr(area, name) for name in Area.__struct_fields__},
        types=tuple(Counted(name, words.TYPE_LABELS[name], types[name]) for name in sorted(types)),
        stations=tuple(sorted(stations)),
        items=tuple(msgspec.Raw(home.encoded) for home in homes[:NEWEST]),
    )
