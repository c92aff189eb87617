"""Ready-made words: every value a page shows, formatted once; Framer bindings cannot format."""

from datetime import date

from sync.model import Furnishing, Listing, Offer, Status, Tenure

CHANNEL_LABELS = {"rent": "To rent", "sale": "For sale"}
FURNISHING_LABELS: dict[Furnishing, str] = {
    "furnished": "Furnished",
    "unfurnished": "Unfurnished",
    "part_furnished": "Part furnished",
    "either": "Furnished or unfurnished",
    "": "",
}
TENURE_LABELS: dict[Tenure, str] = {
    "freehold": "Freehold",
    "leasehold": "Leasehold",
    "share_of_freehold": "Share of freehold",
    "shared_ownership": "Shared ownership",
    "": "",
}
TYPE_LABELS = {
    "flat": "Flat",
    "maisonette": "Maisonette",
    "studio": "Studio",
    "house": "House",
    "terraced": "Terraced house",
    "semi_detached": "Semi-detached house",
    "detached": "Detached house",
    "cottage": "Cottage",
    "bungalow": "Bungalow",
    "room": "Room",
    "garage": "Garage",
    "parking": "Parking space",
    "commercial": "Commercial",
    "land": "Land",
    "other": "Other",
}
STATUS_LABELS: dict[Status, str] = {
    "under_offer": "Under offer",
    "sold": "Sold",
    "off_market": "No longer available",
    "unknown": "",
}
WEEKS, MONTHS = 52, 12


def money(pence: int) -> str:
    """£1,500 or £1,500.50: pence only where there are any."""
    pounds, rest = divmod(pence, 100)
    return f"£{pounds:,}.{rest:02}" if rest else f"£{pounds:,}"


def pounds(pence: int) -> int | float:
    return pence // 100 if pence % 100 == 0 else pence / 100


def price_label(offer: Offer) -> str:
    if not offer.pence:
        return "Price on application"
    return f"{money(offer.pence)} pcm" if offer.channel == "rent" else money(offer.pence)


def weekly_label(offer: Offer) -> str:
    """pw = pcm x 12 / 52, in whole pounds, rounded down.

    To the penny first: a rent of £325 a week is kept as £1,408.33 a month.
    """
    if offer.channel != "rent":
        return ""
    return f"£{round(offer.pence * MONTHS / WEEKS) // 100:,} pw"


def counted(count: int | None, noun: str) -> str:
    if count is None:
        return ""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def beds_label(listing: Listing) -> str:
    if listing.beds == 0 and listing.residential:
        return "Studio"
    return counted(listing.beds, "bed")


def title(listing: Listing) -> str:
    """`2 bed flat, Camden`: type, size and place, never an address."""
    place = listing.area or listing.town or listing.outcode
    kind = listing.type_label
    if listing.beds:
        kind = f"{listing.beds} bed {kind[:1].lower()}{kind[1:]}"
    elif listing.beds == 0 and "studio" not in kind.lower():
        kind = f"Studio {kind[:1].lower()}{kind[1:]}"
    return f"{kind}, {place}" if place else kind


def duration(seconds: int) -> str:
    """`1:05`, and `1:01:05` from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def available_label(listing: Listing, offer: Offer, today: date) -> str:
    if offer.channel != "rent" or listing.status != "available":
        return ""
    if listing.available_from is None or listing.available_from <= today:
        return "Available now"
    return f"Available {day(listing.available_from)}"


def status_label(listing: Listing, offer: Offer, today: date) -> str:
    if listing.status == "available":
        return available_label(listing, offer, today) or CHANNEL_LABELS[offer.channel]
    return STATUS_LABELS[listing.status]
