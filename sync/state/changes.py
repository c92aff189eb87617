"""What a good list changes for one home: a pure function of what was remembered and what came.

Rule 5 of docs/rentman.md. Nothing is deleted: a home is missing, then hidden, then archived, and
each of these is undone by its return.
"""

from collections.abc import Mapping

import msgspec

from sync.model import Channel, Listing, PricePoint
from sync.state.records import Archived, Event, Remembered

HIDDEN_AFTER = 2  # good lists without it
OFF = frozenset({"under_offer", "sold", "off_market"})
AWAY_S = 86_400  # a shorter absence is a slip of the source, not a return to the market
Change = tuple[Remembered, tuple[Event, ...]]
Prices = Mapping[Channel, int]  # the last known pence


def arrived(listing: Listing, now: int, prices: Prices, archived: Archived | None) -> Change:
    """A home that is not remembered, unless by the archive."""
    ref = listing.id.lower()
    home = Remembered(ref=ref, listing=listing, first_seen=now, changed_at=now)
    if archived is None:
        return home, (Event(ref=ref, at=now, kind="first_seen", after=listing.status),)
    back = Event(ref=ref, at=now, kind="returned", before=archived.status, after=listing.status)
    home = msgspec.structs.replace(
        home,
        first_seen=archived.first_seen,
        returned_at=now if listing.status == "available" else 0,
    )
    return home, (back, *_price_events(ref, listing, now, prices))


def seen(before: Remembered, listing: Listing, now: int, prices: Prices) -> Change:
    """A home that is in this list and is remembered."""
    old, ref, status = before.listing, before.ref, listing.status
    was = old.status if old is not None else status
    events: list[Event] = []
    if before.missing:
        events.append(Event(ref=ref, at=now, kind="returned", before=was, after=status))
    if was != status:
        events.append(Event(ref=ref, at=now, kind="status", before=was, after=status))
    events += _price_events(ref, listing, now, prices)
    away = before.missing >= HIDDEN_AFTER and now - before.missing_since >= AWAY_S
    back = status == "available" and (away or was in OFF)
    home = msgspec.structs.replace(
        before,
        listing=listing,
        changed_at=before.changed_at if old == listing else now,
        missing=0,
        missing_since=0,
        returned_at=now if back else before.returned_at,
    )
    return home, tuple(events)


def absent(before: Remembered, now: int) -> Change:
    """A home that is not in this list: counted, hidden after two."""
    missing = before.missing + 1
    home = msgspec.structs.replace(
        before, missing=missing, missing_since=before.missing_since or now
    )
    if missing == 1:
        return home, (Event(ref=before.ref, at=now, kind="missing"),)
    if missing == HIDDEN_AFTER:
        return home, (Event(ref=before.ref, at=now, kind="hidden"),)
    return home, ()


def is_gone(home: Remembered, now: int, archive_after_s: float) -> bool:
    """Hidden, and missing for so long that only its core facts are worth keeping."""
    return home.missing >= HIDDEN_AFTER and now - home.missing_since >= archive_after_s


def archived(home: Remembered, now: int) -> tuple[Archived, Event]:
    listing, gone = home.listing, Event(ref=home.ref, at=now, kind="archived")
    facts = Archived(
        id=home.ref,
        first_seen=home.first_seen,
        missing_since=home.missing_since,
        archived_at=now,
    )
    if listing is None:
        return facts, gone
    photos = (name.filename for name in listing.media if name.kind == "photo")
    facts = msgspec.structs.replace(
        facts,
        id=listing.id,
        address=listing.address,
        area=listing.area,
        outcode=listing.outcode,
        type_label=listing.type_label,
        beds=listing.beds,
        status=listing.status,
        offers=listing.offers,
        photo=next(photos, ""),
    )
    return facts, gone


def price_points(listing: Listing, now: int, prices: Prices) -> list[PricePoint]:
    """What is new to the price history; a price on application leaves no point."""
    return [
        PricePoint(channel=offer.channel, since=now, pence=offer.pence)
        for offer in listing.offers
        if offer.pence and prices.get(offer.channel) != offer.pence
    ]


def _price_events(ref: str, listing: Listing, now: int, prices: Prices) -> list[Event]:
    return [
        Event(
            ref=ref,
            at=now,
            kind="price",
            channel=point.channel,
            before=str(prices.get(point.channel, "")),
            after=str(point.pence),
        )
        for point in price_points(listing, now, prices)
    ]
