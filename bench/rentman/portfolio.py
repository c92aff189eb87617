"""The seeded portfolio: listing `i` depends on (seed, i) alone, so 60 listings are the first of 600."""

from datetime import date, timedelta
from random import Random

import msgspec

from bench.rentman import gallery, prose
from bench.rentman.dice import chance, every
from bench.rentman.pictures import papers
from bench.rentman.places import Address, Kind, Place, address, kinds, places

FIRST_REF = 1001
LET, SALE, BOTH = 1, 2, 3
RENT_BY_BEDS = (0.8, 1.0, 1.32, 1.66, 2.1, 2.6)
PRICE_BY_BEDS = (0.72, 1.0, 1.3, 1.62, 2.05, 2.6)
HIDDEN_STATUS = ("Valuation", "Withdrawn", "Unavailable")
FLOORS = ("1", "2", "3", "Top", "LGF", "Ground", "4", "7")
HEATING = ("GCH", "GCH", "GCH", "Electric", "Underfloor", "Communal")
AGES = ("", "", "Victorian", "Edwardian", "1930s", "New build", "Georgian")
FAMILY = 3  # bedrooms
BANDS = "ABCCDDDEEFG"
JITTER = 0.006  # degrees, about 600 m


class Money(msgspec.Struct, frozen=True):
    """Pounds; 0 where the listing has no such price."""

    rent: int
    price: int


class Details(msgspec.Struct, frozen=True):
    """The small print of an advert."""

    singles: int
    baths: int
    receps: int
    floor: str
    heating: str
    band: str
    tenure: int
    service: str
    lease: str
    age: str
    shortlet: bool
    featured: bool
    rating: int
    team: int
    virtual_tour: str
    broken_brochure: bool


class Listing(msgspec.Struct, frozen=True):
    """What is true of one property, before the wire garbles it."""

    index: int
    ref: str
    place: Place
    kind: Kind
    address: Address
    channel: int
    beds: int
    furnished: int
    money: Money
    status: str
    available: date | None
    station: str
    location: tuple[float, float] | None
    text: prose.Prose
    details: Details
    media: tuple[gallery.Media, ...]

    @property
    def letting(self) -> bool:
        return self.channel in (LET, BOTH)

    @property
    def selling(self) -> bool:
        return self.channel in (SALE, BOTH)


def generate(seed: int, count: int, today: date) -> list[Listing]:
    return [listing(seed, index, today) for index in range(count)]


def listing(seed: int, index: int, today: date) -> Listing:
    rng = Random(f"{seed}:{index}")
    draft = _draft(rng, seed, index, today)
    place, kind, ref = draft.place, draft.kind, str(FIRST_REF + index)
    where = address(rng, place, kind)
    furnished = rng.choice((1, 2, 2, 3, 4)) if kind.residential else 0
    station = rng.choice(place.stations)
    rating = papers.rating(gallery.name(seed, index, "epc", 0, "png")[1])
    plate = gallery.Plate(seed, index, ref, place, kind, draft.beds)
    return Listing(
        index=index,
        ref=ref,
        place=place,
        kind=kind,
        address=where,
        channel=draft.channel,
        beds=draft.beds,
        furnished=furnished,
        money=_money(rng, index, draft),
        status=_status(rng, index, draft.channel),
        available=draft.available,
        station=station if chance(rng, 0.7) else "",
        location=_location(rng, place),
        text=prose.write(rng, _facts(draft, where.street, station, furnished, rating)),
        details=_details(rng, index, draft),
        media=gallery.compose(Random(f"{seed}:{index}:media"), plate),
    )


class _Draft(msgspec.Struct, frozen=True):
    place: Place
    kind: Kind
    channel: int
    beds: int
    available: date | None
    today: date
    band: str


def _draft(rng: Random, seed: int, index: int, today: date) -> _Draft:
    place, kind = rng.choice(places()), _kind(rng, index)
    channel = _channel(seed, index)
    available = _available(rng, today) if channel != SALE else None
    band = Random(f"{seed}:{index}:band").choice(BANDS)
    return _Draft(place, kind, channel, rng.choice(kind.beds), available, today, band)


def _channel(seed: int, index: int) -> int:
    """One sale in every four listings, at a seeded place among them."""
    if every(53, 23, index):
        return BOTH
    sale = Random(f"{seed}:{index // 4}:sale").randrange(4) == index % 4
    return SALE if sale and not every(47, 17, index) else LET


def _kind(rng: Random, index: int) -> Kind:
    """The first of each rarity comes early, so that even a small portfolio has one."""
    fixed = {9: "Garage", 19: "Office", 27: "Shop"}.get(index)
    if fixed:
        return next(kind for kind in kinds() if kind.type == fixed)
    return rng.choices(kinds(), [kind.weight for kind in kinds()])[0]


def _facts(draft: _Draft, street: str, station: str, furnished: int, rating: str) -> prose.Facts:
    letting = draft.channel != SALE
    day = draft.available
    now = day is None or day <= draft.today
    when = "available now" if day is None or now else f"available from {day.day} {day:%B}"
    return prose.Facts(
        draft.place,
        draft.kind,
        street,
        station,
        draft.beds,
        furnished,
        when,
        letting,
        draft.band,
        rating,
    )


def _available(rng: Random, today: date) -> date:
    days = rng.choice((-40, -12, -3, 0, 7, 14, 21, 30, 45, 60, 90, 150, 370))
    return today + timedelta(days=days + rng.randint(0, 6))


def _status(rng: Random, index: int, channel: int) -> str:
    if every(59, 37, index):
        return HIDDEN_STATUS[(index // 59) % 3]
    if chance(rng, 0.14):
        return "Under Offer"
    if channel == SALE:
        return "Sold" if chance(rng, 0.08) else "For Sale"
    return "ForSale&ToLet" if channel == BOTH else "Available"


def _location(rng: Random, place: Place) -> tuple[float, float] | None:
    lat, lng = rng.uniform(-JITTER, JITTER), rng.uniform(-JITTER, JITTER)
    return (place.lat + lat, place.lng + lng) if chance(rng, 0.4) else None


def _money(rng: Random, index: int, draft: _Draft) -> Money:
    place, kind = draft.place, draft.kind
    rent = place.rent * RENT_BY_BEDS[draft.beds] * kind.rent * rng.uniform(0.9, 1.14)
    price = place.price * PRICE_BY_BEDS[draft.beds] * kind.price * rng.uniform(0.88, 1.16)
    forgotten = every(47, 17, index)  # the advert whose rent nobody typed in
    return Money(
        rent=round(rent / 25) * 25 if draft.channel != SALE and not forgotten else 0,
        price=round(price / 2500) * 2500 if draft.channel != LET else 0,
    )


def _details(rng: Random, index: int, draft: _Draft) -> Details:
    flat = draft.kind.style in {"flat", "block"}
    flat_for_sale = flat and draft.channel != LET
    beds = draft.beds
    return Details(
        singles=rng.choice((0, 0, 1)) if beds > 1 else 0,
        baths=max(1, beds - rng.choice((1, 1, 2))) if draft.kind.residential else 0,
        receps=2 if beds >= FAMILY and chance(rng, 0.4) else 1,
        floor=rng.choice(FLOORS) if flat else "HSE",
        heating=rng.choice(HEATING),
        band=draft.band,
        tenure=0 if draft.channel == LET else 2 if flat else 1,
        service=f"£{rng.randint(8, 42) * 100} per year" if flat_for_sale else "",
        lease=f"{rng.randint(82, 125)} years" if flat_for_sale else "0",
        age=rng.choice(AGES),
        shortlet=every(29, 3, index),
        featured=chance(rng, 0.12),
        rating=rng.randint(1, 5) if every(16, 9, index) else 0,
        team=rng.randint(1, 4),
        virtual_tour=_tour(rng, index),
        broken_brochure=every(16, 5, index),
    )


def _tour(rng: Random, index: int) -> str:
    if not every(9, 4, index):
        return ""
    return f"{rng.choice(('', 'https://'))}tours.agency.example/{FIRST_REF + index}/walk"
