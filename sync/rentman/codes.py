"""Rentman's codes and free-text vocabularies, mapped once (docs/rentman.md).

An unknown code maps to unknown and is counted; it never takes a default.
"""

import re

from sync.model import Channel, Furnishing, Status, Tenure
from sync.rentman.fields import Row

CHANNELS: dict[int, tuple[Channel, ...]] = {1: ("rent",), 2: ("sale",), 3: ("rent", "sale")}
FURNISHING: dict[int, Furnishing] = {
    1: "furnished",
    2: "unfurnished",
    3: "part_furnished",
    4: "either",
}
TENURE: dict[int, Tenure] = {
    1: "freehold",
    2: "leasehold",
    3: "share_of_freehold",
    4: "shared_ownership",
}
STATUS: dict[str, Status] = {
    "available": "available",
    "to let": "available",
    "for sale": "available",
    "forsale&tolet": "available",
    "under offer": "under_offer",
    "sold": "sold",
    "unavailable": "off_market",
    "withdrawn": "off_market",
    "valuation": "off_market",
}
TYPES: dict[str, tuple[str, str]] = {
    "flat": ("flat", "Flat"),
    "apartment": ("flat", "Apartment"),
    "maisonette": ("maisonette", "Maisonette"),
    "studio": ("studio", "Studio"),
    "studio flat": ("studio", "Studio"),
    "house": ("house", "House"),
    "terraced": ("terraced", "Terraced house"),
    "terraced house": ("terraced", "Terraced house"),
    "end of terrace": ("terraced", "End-of-terrace house"),
    "end terrace house": ("terraced", "End-of-terrace house"),
    "semi-detached": ("semi_detached", "Semi-detached house"),
    "semi-detached house": ("semi_detached", "Semi-detached house"),
    "semi detached house": ("semi_detached", "Semi-detached house"),
    "detached": ("detached", "Detached house"),
    "detached house": ("detached", "Detached house"),
    "mews house": ("terraced", "Mews house"),
    "town house": ("terraced", "Town house"),
    "townhouse": ("terraced", "Town house"),
    "cottage": ("cottage", "Cottage"),
    "bungalow": ("bungalow", "Bungalow"),
    "penthouse": ("flat", "Penthouse"),
    "room": ("room", "Room"),
    "garage": ("garage", "Garage"),
    "parking": ("parking", "Parking space"),
    "office": ("commercial", "Office"),
    "shop": ("commercial", "Shop"),
    "retail": ("commercial", "Shop"),
    "land": ("land", "Land"),
}
HEATING = {
    "gch": "Gas central heating",
    "gas ch": "Gas central heating",
    "ech": "Electric central heating",
    "eh": "Electric heating",
    "esh": "Electric storage heaters",
    "och": "Oil central heating",
    "ufh": "Underfloor heating",
}
_BAND = re.compile(r"council tax band\s*:?\s*([A-I])\b", re.IGNORECASE)


def status(row: Row) -> Status:
    text = row.text("status").lower()
    if text and text not in STATUS:
        row.warn("status")
    return STATUS.get(text, "unknown")


def property_type(row: Row) -> tuple[str, str]:
    """(value, label): agents define their own list, so an unmapped one keeps its own words."""
    text = row.text("type")
    if text and text.lower() not in TYPES:
        row.warn("type")
    return TYPES.get(text.lower(), ("other", text[:40] or "Property"))


def furnishing(row: Row) -> Furnishing:
    return FURNISHING.get(_code(row, "furnished", FURNISHING), "")


def tenure(row: Row) -> Tenure:
    return TENURE.get(_code(row, "tenure", TENURE), "")


def _code(row: Row, name: str, known: dict[int, Furnishing] | dict[int, Tenure]) -> int:
    code = row.whole(name) or 0
    if code and code not in known:
        row.warn(name)
    return code


def heating(text: str) -> str:
    return HEATING.get(text.lower(), text)


def council_tax_band(row: Row, features: tuple[str, ...]) -> str:
    """The stated band, else the one a feature spells out."""
    stated = row.text("taxband").upper()
    if re.fullmatch(r"[A-I]", stated):
        return stated
    for feature in features:
        if found := _BAND.search(feature):
            return found[1].upper()
    return ""
