"""Everything that is published, from everything that is known: a pure function of values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import msgspec

from snapshot import Index, Row
from sync.model import Known, Medium
from sync.render import areas, feeds, images, openapi, words
from sync.render import detail as details
from sync.render.card import Moment, card
from sync.render.detail import MediaView
from sync.render.images import Links, Shared
from sync.render.index import index
from sync.render.moves import moved, redirects
from sync.render.shown import Shown
from sync.render.similar import similar

FEATURED = 6
SIMILAR_SHOWN = 4  # of the similar homes, on the detail; the rest has an address of its own
JSON = "application/json"
PAGE_POLICY = "public, max-age=30, stale-while-revalidate=600, stale-if-error=86400"
FILE_POLICY = "public, max-age=86400"
SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")  # a reference that may stand in a path
RESERVED = frozenset({"featured", "search", "suggest"})  # below /api/properties/
UNCOUNTED = -1  # Row.bedrooms where counting makes no sense
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Body:
    """One answer before it is compressed and addressed.

    A page of ten thousand is made when it is looked at, and again when it is sent, rather than
    kept with all the others: `made` gives the same bytes each time.
    """

    made: bytes | Callable[[], bytes]
    content_type: str = JSON
    cache_control: str = PAGE_POLICY
    surrogate_keys: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        return self.made if isinstance(self.made, bytes) else self.made()


@dataclass(frozen=True, slots=True)
class Site:
    pages: dict[str, Body]
    rows: tuple[Row, ...]
    index: Index
    counts: dict[str, int]


def render(
    listings: Sequence[Known],
    ledger: dict[str, Medium],
    links: Links,
    moment: Moment,
    former: Mapping[str, str] = MappingProxyType({}),
) -> Site:
    """`listings` newest first; `former`: every slug there has been, and whose."""
    featured = pick_featured(listings, ledger)
    shown = _shown(listings, ledger, links, moment, {known.listing.id for known in featured})
    like = similar(shown)
    pages = _details(shown, like, ledger, links, moment)
    moves = moved(shown, former)
    pages |= _fixed(shown, featured) | _places(shown) | _public(shown, ledger, links)
    pages["/api/redirects"] = _document(redirects(moves))
    rows = tuple(_row(item) for item in shown)
    return Site(pages, rows, index(rows, shown, like, moves), _counts(listings, shown, ledger))


def _counts(
    listings: Sequence[Known], shown: Sequence[Shown], ledger: dict[str, Medium]
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
) -> list[Shown]:
    found = []
    for known in listings:
        is_featured = known.listing.id in featured
        for offer in known.listing.offers:
            made = card(known, offer, ledger, links, moment, featured=is_featured)
            found.append(Shown(known, offer, made, _json.encode(made)))
    return found


def _details(
    shown: Sequence[Shown],
    like: Sequence[tuple[int, ...]],
    ledger: dict[str, Medium],
    links: Links,
    moment: Moment,
) -> dict[str, Body]:
    pages: dict[str, Body] = {}
    done: set[str] = set()
    for item, near in zip(shown, like, strict=True):
        known, name = item.known, item.known.listing.id
        if name in done:  # its other channel: the detail shows both offers
            continue
        done.add(name)
        others = tuple(shown[number].encoded for number in near[:SIMILAR_SHOWN])
        media = partial(details.media, known, ledger, links)
        shared = images.shared(images.pictures(known, "photo", ledger), links)
        made = partial(_detail, item, media, shared, others, moment)
        tag = f"listing-{item.card.slug}"
        body = Body(made, surrogate_keys=(tag, "listings"))
        gallery = Body(partial(_gallery, media), surrogate_keys=(tag,))
        for key in {*filter(SEGMENT.fullmatch, (name, name.lower())), item.card.slug}:
            pages[f"/api/framer/property/{key}"] = body
            if key not in RESERVED:
                pages[f"/api/properties/{key}"] = body
                pages[f"/api/properties/{key}/media"] = gallery
    return pages


def _detail(
    item: Shown,
    media: Callable[[], MediaView],
    shared: Shared,
    others: tuple[bytes, ...],
    moment: Moment,
) -> bytes:
    return _json.encode(details.detail(item.known, item.card, media(), shared, others, moment))


def _gallery(media: Callable[[], MediaView]) -> bytes:
    return _json.encode(media())


def _fixed(shown: Sequence[Shown], featured: Sequence[Known]) -> dict[str, Body]:
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


def _places(shown: Sequence[Shown]) -> dict[str, Body]:
    every, each = areas.areas(shown)
    pages = {f"{areas.PATH}/{one.slug}": _document(one) for one in each}
    return pages | {areas.PATH: _document(every)}


def _public(shown: Sequence[Shown], ledger: dict[str, Medium], links: Links) -> dict[str, Body]:
    """For crawlers and readers."""
    pictures = {
        item.card.id: tuple(
            images.single(medium.picture, links)
            for medium in images.pictures(item.known, "photo", ledger)
        )
        for item in shown
    }
    described = openapi.openapi(shown, links)
    return {
        "/openapi.json": Body(_json.encode(described)),
        "/docs": Body(openapi.page(described), "text/html; charset=utf-8"),
        "/feed.xml": Body(feeds.atom(shown, links), "application/atom+xml"),
        "/feed.json": Body(feeds.json_feed(shown, links), "application/feed+json"),
        "/sitemap.xml": Body(feeds.sitemap(shown, pictures), "application/xml"),
    }


def _document(value: msgspec.Struct) -> Body:
    return Body(_json.encode(value), surrogate_keys=("listings",))


def _row(item: Shown) -> Row:
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
