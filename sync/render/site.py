"""Everything that is published, from everything that is known: a pure function of values."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from snapshot import Row
from sync.model import Known, Medium, Offer
from sync.render import detail as details
from sync.render import images, words
from sync.render.card import Card, Moment, card
from sync.render.images import Links

FEATURED = 6
SIMILAR = 4
NEIGHBOURS = 12  # by price, to each side, looked at for similar homes
JSON = "application/json"
PAGE_POLICY = "public, max-age=30, stale-while-revalidate=600, stale-if-error=86400"
FILE_POLICY = "public, max-age=86400"
SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")  # a reference that may stand in a path
UNCOUNTED = -1  # Row.bedrooms where counting makes no sense
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Body:
    """One answer before it is compressed and addressed."""

    data: bytes
    content_type: str = JSON
    cache_control: str = PAGE_POLICY
    surrogate_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    pages: dict[str, Body]
    rows: tuple[Row, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A home on one channel with its card, made once and used in every list."""

    known: Known
    offer: Offer
    card: Card
    encoded: bytes


def render(
    listings: Sequence[Known], ledger: dict[str, Medium], links: Links, moment: Moment
) -> Site:
    """`listings` newest first."""
    featured = pick_featured(listings, ledger)
    shown = _shown(listings, ledger, links, moment, {known.listing.id for known in featured})
    pages = _details(shown, ledger, links, moment)
    pages |= _fixed(shown, featured)
    return Site(pages, tuple(_row(item) for item in shown), _counts(listings, shown, ledger))


def _counts(
    listings: Sequence[Known], shown: Sequence[_Shown], ledger: dict[str, Medium]
) -> dict[str, int]:
    """`pictures_named` counts what the source names; `pictures` what of it is ready."""
    named = {
        name.filename
        for known in listings
        for name in known.listing.media
        if name.kind in ("photo", "floorplan", "epc")
    }
    ready = {name for name in named if (found := ledger.get(name)) and found.picture}
    return {
        "listings": len(listings),
        "rent": sum(item.offer.channel == "rent" for item in shown),
        "sale": sum(item.offer.channel == "sale" for item in shown),
        "pictures": len(ready),
        "pictures_named": len(named),
    }


def pick_featured(listings: Sequence[Known], ledger: dict[str, Medium]) -> list[Known]:
    """Available homes: those the agency marked, then those that show best, then the newest."""

    def rank(known: Known) -> tuple[bool, int]:
        photos = len(images.pictures(known, "photo", ledger))
        return not known.listing.upstream_featured, -min(photos, 3)

    available = [known for known in listings if known.listing.status == "available"]
    homes = [known for known in available if known.listing.residential]
    return sorted(homes, key=rank)[:FEATURED]


def _shown(
    listings: Sequence[Known],
    ledger: dict[str, Medium],
    links: Links,
    moment: Moment,
    featured: set[str],
) -> list[_Shown]:
    found = []
    for known in listings:
        is_featured = known.listing.id in featured
        for offer in known.listing.offers:
            made = card(known, offer, ledger, links, moment, featured=is_featured)
            found.append(_Shown(known, offer, made, _json.encode(made)))
    return found


def _details(
    shown: Sequence[_Shown], ledger: dict[str, Medium], links: Links, moment: Moment
) -> dict[str, Body]:
    pages: dict[str, Body] = {}
    similar = _similar(shown)
    done: set[str] = set()
    for item in shown:
        known, name = item.known, item.known.listing.id
        if name in done:  # its other channel: the detail shows both offers
            continue
        done.add(name)
        media = details.media(known, ledger, links)
        data = _json.encode(details.detail(known, item.card, media, similar[name], moment))
        body = Body(data, surrogate_keys=(f"listing-{item.card.slug}", "listings"))
        gallery = Body(_json.encode(media), surrogate_keys=(f"listing-{item.card.slug}",))
        for key in {*filter(SEGMENT.fullmatch, (name, name.lower())), item.card.slug}:
            pages[f"/api/framer/property/{key}"] = body
            pages[f"/api/properties/{key}"] = body
            pages[f"/api/properties/{key}/media"] = gallery
    return pages


def _fixed(shown: Sequence[_Shown], featured: Sequence[Known]) -> dict[str, Body]:
    """Pages whose address no listing may take."""
    first = {item.known.listing.id: item.encoded for item in reversed(shown)}
    cards = [first[known.listing.id] for known in featured]
    data = b'{"items":[' + b",".join(cards) + b'],"total":%d}' % len(cards)
    body = Body(data, surrogate_keys=("featured", "listings"))
    return {
        "/api/framer/featured": body,
        "/api/properties/featured": body,
        images.FALLBACK: Body(
            images.FALLBACK_SVG, content_type="image/svg+xml", cache_control=FILE_POLICY
        ),
    }


def _similar(shown: Sequence[_Shown]) -> dict[str, tuple[bytes, ...]]:
    """For each home the nearest few on its channel: by area, type, bedrooms and price."""
    by_channel: dict[str, list[_Shown]] = defaultdict(list)
    for item in shown:
        by_channel[item.offer.channel].append(item)
    found: dict[str, tuple[bytes, ...]] = {}
    for items in by_channel.values():
        ordered = sorted(items, key=lambda item: (item.offer.pence, item.known.listing.id))
        for at, item in enumerate(ordered):
            near = ordered[max(0, at - NEIGHBOURS) : at] + ordered[at + 1 : at + 1 + NEIGHBOURS]
            near = [other for other in near if other.card.is_available]
            near.sort(key=lambda other: _distance(item.card, other.card))
            found.setdefault(
                item.known.listing.id, tuple(other.encoded for other in near[:SIMILAR])
            )
    return found


def _distance(one: Card, other: Card) -> float:
    place = 0.0 if one.area_slug == other.area_slug else 0.5 if one.town == other.town else 1.0
    kind = 0.0 if one.type == other.type else 0.4
    price = abs(one.price - other.price) / max(one.price, other.price, 1)
    return place + kind + 0.3 * abs(one.bedrooms - other.bedrooms) + price


def _row(item: _Shown) -> Row:
    listing = item.known.listing
    return Row(
        id=listing.id,
        channel=item.offer.channel,
        price=item.offer.pence,
        bedrooms=UNCOUNTED if listing.beds is None else listing.beds,
        bathrooms=listing.baths or 0,
        area=listing.area_slug,
        area_label=listing.area,
        outcode=listing.outcode,
        type=listing.type,
        type_label=words.TYPE_LABELS[listing.type],
        status=listing.status,
        furnishing=listing.furnishing,
        first_seen=item.known.first_seen,
        card=item.encoded,
    )
