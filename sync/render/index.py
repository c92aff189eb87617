"""The index artefact: every fact that the list endpoint filters, sorts and searches by."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Literal

import msgspec

from snapshot import Index, Row, Suggestion
from snapshot.index import FIELDS, bitsets, of_rows, pack
from snapshot.text import terms
from sync.render import words
from sync.render.card import reduced_at
from sync.render.shown import Shown
from sync.render.traits import traits
from sync.slug import slug

DEGREES = 1_000_000
Point = tuple[float, float]
_Kind = Literal["area", "outcode", "station", "street"]


def index(
    rows: Sequence[Row],
    shown: Sequence[Shown],
    similar: Sequence[tuple[int, ...]],
    moved: Mapping[str, str],
) -> Index:
    """Of `shown`, whose cards are `rows`; `moved`: former slugs and what they became."""
    base = of_rows(rows)
    centres = _centres(shown)
    points = [_point(item, centres) for item in shown]
    located = ["placed" if item.card.has_location else "" for item in shown]
    for number, point in enumerate(points):
        located[number] = located[number] or ("about" if point else "")
    return msgspec.structs.replace(
        base,
        values=base.values
        | {
            "features": bitsets([_traits(item) for item in shown]),
            "has": bitsets([_has(item) for item in shown]),
            "located": bitsets(located),
        },
        numbers=base.numbers
        | {
            "available": tuple(_available(item) for item in shown),
            "reduced": tuple(reduced_at(item.known, item.offer) for item in shown),
            "lat": tuple(round(point[0] * DEGREES) if point else 0 for point in points),
            "lng": tuple(round(point[1] * DEGREES) if point else 0 for point in points),
        },
        words=_words(shown),
        centres=centres,
        suggestions=tuple(_suggestions(shown, centres)),
        similar=tuple(similar),
        slugs=tuple(item.card.slug for item in shown),
        moved=dict(moved),
    )


def _traits(item: Shown) -> tuple[str, ...]:
    listing = item.known.listing
    places = (listing.area, listing.station, listing.street, listing.town, listing.county)
    return traits(listing.features, places)


def _has(item: Shown) -> list[str]:
    facts = {
        "floorplan": item.card.has_floorplan,
        "tour": item.card.has_tour,
        "short_let": item.known.listing.short_let,
    }
    return [name for name, true in facts.items() if true]


def _available(item: Shown) -> int:
    day = item.known.listing.available_from
    return day.toordinal() if day is not None else 0


def _centres(shown: Sequence[Shown]) -> dict[str, Point]:
    """The middle of the homes in each outcode and area, and by each station."""
    found: defaultdict[str, list[Point]] = defaultdict(list)
    for item in shown:
        listing, card = item.known.listing, item.card
        if card.has_location:
            names = {listing.outcode.lower(), listing.area_slug, slug(listing.station)}
            for name in names - {""}:
                found[name].append((card.lat, card.lng))
    return {
        name: (
            round(fmean(p[0] for p in found[name]), 4),
            round(fmean(p[1] for p in found[name]), 4),
        )
        for name in sorted(found)
    }


def _point(item: Shown, centres: Mapping[str, Point]) -> Point | None:
    if item.card.has_location:
        return item.card.lat, item.card.lng
    listing = item.known.listing
    return centres.get(listing.outcode.lower()) or centres.get(listing.area_slug)


def _words(shown: Sequence[Shown]) -> dict[str, dict[str, bytes]]:
    """Field -> term -> rows. Only what is shown anyway: nothing private is searchable."""
    found: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in FIELDS}
    for number, item in enumerate(shown):
        for name, text in _fields(item).items():
            for term in terms(text):
                found[name][term].append(number)
    return {
        name: {term: pack(held[term], len(shown)) for term in sorted(held)}
        for name, held in found.items()
    }


def _fields(item: Shown) -> dict[str, str]:
    listing, card = item.known.listing, item.card
    place = (card.area, card.address, listing.street, card.town, listing.county, card.outcode)
    kind = (card.title, card.type_label, words.TYPE_LABELS[card.type], card.beds_label)
    offered = "rent let" if item.offer.channel == "rent" else "sale buy"
    traits_ = (card.furnishing_label, card.strapline, offered, *listing.features)
    return {
        "place": " ; ".join((*place, listing.station)),
        "kind": " ; ".join((*kind, *traits_)),
        "text": f"{listing.summary} ; {listing.description}",
    }


def _suggestions(shown: Sequence[Shown], centres: Container[str]) -> Iterable[Suggestion]:
    """Every area, outcode, station and street, with its cards on each channel.

    But no station that is nowhere: what is near it could not be told.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    labels: dict[tuple[_Kind, str], str] = {}
    for item in shown:
        listing = item.known.listing
        named: dict[_Kind, tuple[str, str]] = {
            "area": (listing.area_slug, listing.area),
            "outcode": (listing.outcode.lower(), listing.outcode),
            "station": (slug(listing.station), listing.station),
            "street": (slug(listing.street), listing.street),
        }
        for kind, (value, label) in named.items():
            if value and (kind != "station" or value in centres):
                counts[kind, value, item.offer.channel] += 1
                labels.setdefault((kind, value), label)
    for kind, value in sorted(labels):
        rent, sale = (counts[kind, value, channel] for channel in ("rent", "sale"))
        yield Suggestion(kind, value, labels[kind, value], rent, sale)
