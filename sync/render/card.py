"""The card: what a list shows of one home on one channel (docs/api.md)."""

import hashlib
import itertools
import re
from datetime import UTC, date, datetime

import msgspec

from sync.model import Known, Medium, Offer
from sync.render import images, words
from sync.render.images import Image, Links
from sync.slug import SLUG_MAX, slug

DAY = 86_400
NEW_FOR_S, REDUCED_FOR_S, BACK_FOR_S = 14 * DAY, 30 * DAY, 14 * DAY
STOOD_S = DAY  # a price that stood for less is a slip of the pen


class Moment(msgspec.Struct, frozen=True):
    """When we render: unix seconds, and when this installation first saw any listing."""

    now: int
    birth: int

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.now, UTC).date()


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """No nulls: "", 0 and false where something is not known. `price` in pounds, 0 for POA."""

    id: str
    slug: str
    path: str
    url: str
    title: str
    address: str
    area: str
    area_slug: str
    town: str
    outcode: str
    channel: str
    channel_label: str
    status: str
    status_label: str
    is_available: bool
    price: int | float
    price_label: str
    price_period: str
    price_weekly_label: str
    type: str
    type_label: str
    bedrooms: int
    bathrooms: int
    receptions: int
    beds_label: str
    baths_label: str
    furnishing: str
    furnishing_label: str
    available_from: str
    available_label: str
    strapline: str
    badges: tuple[str, ...]
    is_new: bool
    is_reduced: bool
    is_back_on_market: bool
    is_featured: bool
    image: Image
    image_url: str
    image_alt: str
    image_color: str
    image_count: int
    has_floorplan: bool
    has_tour: bool
    lat: float
    lng: float
    has_location: bool
    location_precision: str
    updated_at: str


def card(
    known: Known,
    offer: Offer,
    ledger: dict[str, Medium],
    links: Links,
    moment: Moment,
    *,
    featured: bool,
) -> Card:
    listing = known.listing
    title = words.title(listing)
    photos = images.pictures(known, "photo", ledger)
    first = photos[0].picture if photos else None
    alt = photos[0].caption if photos and photos[0].caption else title
    image = images.image(first, alt, links) if first else images.fallback(alt, links)
    name = page_slug(known)
    new, reduced = is_new(known, moment), is_reduced(known, offer, moment)
    back = is_back_on_market(known, moment)
    located = listing.latitude is not None and listing.longitude is not None
    return Card(
        id=listing.id,
        slug=name,
        path=f"/properties/{name}",
        url=links.page(f"/properties/{name}"),
        title=title,
        address=address(known),
        area=listing.area,
        area_slug=listing.area_slug,
        town=listing.town,
        outcode=listing.outcode,
        channel=offer.channel,
        channel_label=words.CHANNEL_LABELS[offer.channel],
        status=listing.status,
        status_label=words.status_label(listing, offer, moment.today),
        is_available=listing.status == "available",
        price=words.pounds(offer.pence),
        price_label=words.price_label(offer),
        price_period="pcm" if offer.channel == "rent" else "",
        price_weekly_label=words.weekly_label(offer),
        type=listing.type,
        type_label=listing.type_label,
        bedrooms=listing.beds or 0,
        bathrooms=listing.baths or 0,
        receptions=listing.receptions or 0,
        beds_label=words.beds_label(listing),
        baths_label=words.counted(listing.baths or None, "bath"),
        furnishing=listing.furnishing,
        furnishing_label=words.FURNISHING_LABELS[listing.furnishing],
        available_from=listing.available_from.isoformat() if listing.available_from else "",
        available_label=words.available_label(listing, offer, moment.today),
        strapline=listing.strapline,
        badges=_badges(known, new=new, reduced=reduced, back=back),
        is_new=new,
        is_reduced=reduced,
        is_back_on_market=back,
        is_featured=featured,
        image=image,
        image_url=images.single(first, links),
        image_alt=alt,
        image_color=image.color,
        image_count=len(photos),
        has_floorplan=bool(images.pictures(known, "floorplan", ledger)),
        has_tour=bool(listing.virtual_tour_url),
        lat=listing.latitude or 0.0,
        lng=listing.longitude or 0.0,
        has_location=located,
        location_precision="area" if located else "none",
        updated_at=iso(known.changed_at),
    )


def page_slug(known: Known) -> str:
    """Unique, because it ends in the reference, or in its hash where it reads otherwise."""
    identity = known.listing.id.lower()
    reference = slug(identity, 24)
    if reference != identity:
        mark = hashlib.sha256(identity.encode()).hexdigest()[:8]
        reference = f"{slug(identity, 15)}-{mark}".strip("-")
    name = slug(words.title(known.listing), SLUG_MAX - 1 - len(reference))
    return f"{name}-{reference}".strip("-")


def address(known: Known) -> str:
    """The advertised address, ending in the outcode."""
    listing = known.listing
    shown = listing.address or ", ".join(filter(None, (listing.street, listing.town)))
    if listing.outcode and not re.search(rf"\b{listing.outcode}\b", shown.upper()):
        shown = f"{shown} {listing.outcode}".strip()
    return shown


def is_new(known: Known, moment: Moment) -> bool:
    """Seen for less than two weeks; what was there on our own first day is not news."""
    return known.first_seen > moment.birth + DAY and moment.now - known.first_seen < NEW_FOR_S


def is_reduced(known: Known, offer: Offer, moment: Moment) -> bool:
    """It costs less than what it cost before, within thirty days of the latest change."""
    cut = reduced_at(known, offer)
    return bool(cut) and moment.now - cut < REDUCED_FOR_S


def reduced_at(known: Known, offer: Offer) -> int:
    """When its price was last changed, if it now costs less than before; else 0.

    Before: the latest earlier price that stood for a day, or the first; a slip that was put
    right the same day is no reduction.
    """
    points = [point for point in known.prices if point.channel == offer.channel]
    if len(points) < 2 or not offer.pence:  # noqa: PLR2004 - a change takes two
        return 0
    stood = [
        point
        for point, after in itertools.pairwise(points)
        if after.since - point.since >= STOOD_S
    ]
    before, last = [points[0], *stood][-1], points[-1]
    return last.since if last.pence < before.pence else 0


def is_back_on_market(known: Known, moment: Moment) -> bool:
    """Available again, for less than two weeks, after it was under offer, sold or away."""
    back = known.returned_at and moment.now - known.returned_at < BACK_FOR_S
    return bool(back) and known.listing.status == "available"


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _badges(known: Known, *, new: bool, reduced: bool, back: bool) -> tuple[str, ...]:
    found = [("New", new), ("Reduced", reduced), ("Back on the market", back)]
    found.append(("Under offer", known.listing.status == "under_offer"))
    return tuple(label for label, shown in found if shown)
