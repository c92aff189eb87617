"""Rows and listings to start from; each test changes what it is about."""

from typing import Any

from sync.media.model import Picture, Video
from sync.model import Known, Listing, MediaName, Medium, Offer, PricePoint
from sync.rentman import normalise

NOON = 1_760_000_000  # unix seconds: 2025-10-09
TEXT_KEYS = ("DESCRIPTION", "comments", "strapline", "bullets", "heating", "branch", "TYPE")


def row(**changes: object) -> dict[str, object]:
    """A letting, typed as the vendor's document types it."""
    return {
        "propref": "42",
        "displayaddress": "12 High Street, Camden, London ",
        "displayprice": "£1,500 pcm",
        "rentmonth": "1500.00",
        "rentorbuy": "1",
        "number": "12",
        "street": "High Street",
        "address3": "London",
        "address4": "",
        "postcode": "nw1 2ab",
        "area": "Camden",
        "nearesttsation": "Camden Town",
        "TYPE": "Flat",
        "beds": "2",
        "baths": "1",
        "receps": "0",
        "furnished": "1",
        "STATUS": "Available",
        "nonres": "\x00",
        "commercial": "\x00",
        "bullets": "Garden\rCouncil Tax Band: C\r",
        "available": "2025-10-01",
        "DESCRIPTION": "A flat.",
        "comments": "One.\r\nTwo.",
        "photo1": "AAAA.jpg",
        "photo2": "BBBB.jpg",
        "geolocation": "51.539012,-0.142345",
    } | changes


def listed(**changes: object) -> Listing:
    return normalise.listing(row(**changes))[0]


def warned(**changes: object) -> dict[str, int]:
    return dict(normalise.listing(row(**changes))[1])


def picture(key: str = "0" * 32) -> Picture:
    return Picture(
        key=key,
        width=1600,
        height=1000,
        variants={"avif": (400, 800), "webp": (400, 800, 1200, 1600), "jpg": (400, 800, 1600)},
        blurhash="LEHV6nWB2yk8",
        color="#aabbcc",
        placeholder="data:image/webp;base64,UklGRg==",
    )


def known(ref: str = "42", *, pence: int = 150_000, seen: int = NOON, **fields: Any) -> Known:
    """A two-bedroom flat to let, with one photo named."""
    given: dict[str, Any] = {
        "id": ref,
        "address": "High Street, Camden",
        "street": "High Street",
        "town": "London",
        "outcode": "NW1",
        "area": "Camden",
        "area_slug": "camden",
        "offers": (Offer(channel="rent", pence=pence),),
        "type": "flat",
        "type_label": "Flat",
        "beds": 2,
        "baths": 1,
        "status": "available",
        "media": (MediaName(kind="photo", filename=f"{ref}-1.jpg"),),
    }
    listing = Listing(**(given | fields))
    prices = tuple(
        PricePoint(channel=o.channel, since=seen, pence=o.pence) for o in listing.offers
    )
    return Known(listing=listing, first_seen=seen, changed_at=seen, prices=prices)


def ledger(*items: Known) -> dict[str, Medium]:
    """Every named photo and video is ready."""
    names = [name for item in items for name in item.listing.media]
    return {name.filename: _ready(name, f"{n:032x}") for n, name in enumerate(names)}


def _ready(name: MediaName, key: str) -> Medium:
    if name.kind == "video":
        video = Video(key=key, width=640, height=360, duration_s=65)
        return Medium(filename=name.filename, video=video, checked_at=NOON)
    return Medium(filename=name.filename, picture=picture(key), checked_at=NOON)
