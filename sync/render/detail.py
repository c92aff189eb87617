"""The detail of one home: its card's fields and everything else a property page shows."""

from typing import Any, Literal

import msgspec

from sync.model import Known, Medium
from sync.render import images, words
from sync.render.card import Card, Moment, iso
from sync.render.images import GalleryImage, Links, Shared
from sync.render.jsonld import json_ld


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    channel: str
    price: int | float
    price_label: str
    price_period: str


class PriceView(msgspec.Struct, frozen=True, kw_only=True):
    channel: str
    date: str
    price: int | float
    price_label: str


class VideoView(msgspec.Struct, frozen=True, kw_only=True):
    """In the shape of a `<video>`; `poster` is the home's first photo, or empty."""

    src: str
    type: Literal["video/mp4"] = "video/mp4"
    width: int
    height: int
    duration_s: int
    duration_label: str
    poster: str
    title: str


class Detail(Card, frozen=True, kw_only=True):
    """Text is plain: a page escapes it and breaks paragraphs at line feeds."""

    summary: str
    description: str
    features: tuple[str, ...]
    images: tuple[GalleryImage, ...]
    floorplans: tuple[GalleryImage, ...]
    epcs: tuple[GalleryImage, ...]
    brochure_url: str
    virtual_tour_url: str
    external_url: str
    videos: tuple[VideoView, ...]
    video_count: int
    council_tax_band: str
    tenure: str
    tenure_label: str
    service_charge: str
    lease_length: str
    heating: str
    floor: str
    age: str
    station: str
    short_let: bool
    branch: str
    branch_phone: str
    offers: tuple[OfferView, ...]
    price_history: tuple[PriceView, ...]
    similar: tuple[msgspec.Raw, ...]
    og_image: str
    og_image_width: int
    og_image_height: int
    json_ld: dict[str, Any]


class MediaView(msgspec.Struct, frozen=True, kw_only=True):
    """`/api/properties/{id}/media`."""

    id: str
    images: tuple[GalleryImage, ...]
    floorplans: tuple[GalleryImage, ...]
    epcs: tuple[GalleryImage, ...]
    brochure_url: str
    virtual_tour_url: str
    videos: tuple[VideoView, ...]
    video_count: int


def media(known: Known, ledger: dict[str, Medium], links: Links) -> MediaView:
    listing = known.listing
    videos = _videos(known, ledger, links)
    return MediaView(
        id=listing.id,
        images=_gallery(known, "photo", "Photo", ledger, links),
        floorplans=_gallery(known, "floorplan", "Floor plan", ledger, links),
        epcs=_gallery(known, "epc", "Energy performance certificate", ledger, links),
        brochure_url=_brochure(known, ledger, links),
        virtual_tour_url=listing.virtual_tour_url,
        videos=videos,
        video_count=len(videos),
    )


def detail(
    known: Known,
    card: Card,
    shown: MediaView,
    shared: Shared,
    similar: tuple[bytes, ...],
    moment: Moment,
) -> Detail:
    """`shared`: what stands beside links to it."""
    listing = known.listing
    return Detail(
        **{name: getattr(card, name) for name in Card.__struct_fields__},
        **{name: getattr(shown, name) for name in MediaView.__struct_fields__ if name != "id"},
        summary=listing.summary,
        description=listing.description,
        features=listing.features,
        external_url=listing.external_url,
        council_tax_band=listing.council_tax_band,
        tenure=listing.tenure,
        tenure_label=words.TENURE_LABELS[listing.tenure],
        service_charge=listing.service_charge,
        lease_length=listing.lease_length,
        heating=listing.heating,
        floor=listing.floor,
        age=listing.age,
        station=listing.station,
        short_let=listing.short_let,
        branch=listing.branch,
        branch_phone=listing.branch_phone,
        offers=_offers(known),
        price_history=_history(known),
        similar=tuple(msgspec.Raw(body) for body in similar),
        og_image=shared.src,
        og_image_width=shared.width,
        og_image_height=shared.height,
        json_ld=json_ld(known, card, moment, shared.src),
    )


def _gallery(
    known: Known, kind: Any, fallback: str, ledger: dict[str, Medium], links: Links
) -> tuple[GalleryImage, ...]:
    title = words.title(known.listing)
    found = images.pictures(known, kind, ledger)
    return tuple(
        images.in_gallery(
            images.image(medium.picture, medium.caption or f"{fallback} {n}: {title}", links),
            first=kind == "photo" and n == 1,
        )
        for n, medium in enumerate(found, 1)
        if medium.picture is not None
    )


def _videos(known: Known, ledger: dict[str, Medium], links: Links) -> tuple[VideoView, ...]:
    photos = images.pictures(known, "photo", ledger)
    poster = images.single(photos[0].picture, links) if photos else ""
    return tuple(
        VideoView(
            src=links.video(medium.video.key),
            width=medium.video.width,
            height=medium.video.height,
            duration_s=medium.video.duration_s,
            duration_label=words.duration(medium.video.duration_s),
            poster=poster,
            title=medium.caption or f"Video {n}: {words.title(known.listing)}",
        )
        for n, medium in enumerate(images.videos(known, ledger), 1)
        if medium.video is not None
    )


def _brochure(known: Known, ledger: dict[str, Medium], links: Links) -> str:
    for name in known.listing.media:
        kept = ledger.get(name.filename)
        if name.kind == "brochure" and kept is not None and kept.document:
            return links.document(kept.document)
    return ""


def _offers(known: Known) -> tuple[OfferView, ...]:
    return tuple(
        OfferView(
            channel=offer.channel,
            price=words.pounds(offer.pence),
            price_label=words.price_label(offer),
            price_period="pcm" if offer.channel == "rent" else "",
        )
        for offer in known.listing.offers
    )


def _history(known: Known) -> tuple[PriceView, ...]:
    return tuple(
        PriceView(
            channel=point.channel,
            date=iso(point.since)[:10],
            price=words.pounds(point.pence),
            price_label=words.money(point.pence) + (" pcm" if point.channel == "rent" else ""),
        )
        for point in known.prices
    )
