"""Where the listings are: real areas with price levels, invented streets, and what is built there.

Names and numbers live in `data/*.json`; this module gives them types and one address maker.
"""

from functools import cache
from pathlib import Path
from random import Random

import msgspec

from bench.rentman.dice import chance

DATA = Path(__file__).parent / "data"
HOUSE_NAMES = ("Rose Cottage", "The Old Forge", "Wisteria House", "Mill Lodge")
INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
FLOOR_WORDS = ("First Floor", "Second Floor", "Top Floor", "Garden Flat")


class Place(msgspec.Struct, frozen=True):
    """An agent's area; `rent` and `price` are what one bedroom costs there."""

    area: str
    town: str
    county: str
    outcode: str
    lat: float
    lng: float
    rent: int
    price: int
    stations: tuple[str, ...]
    look: str


class Kind(msgspec.Struct, frozen=True):
    type: str
    weight: int
    beds: tuple[int, ...]
    rent: float
    price: float
    style: str

    @property
    def commercial(self) -> bool:
        return self.type in {"Office", "Shop"}

    @property
    def nonres(self) -> bool:
        return self.type == "Garage"

    @property
    def residential(self) -> bool:
        return not (self.commercial or self.nonres)


class Streets(msgspec.Struct, frozen=True):
    stems: tuple[str, ...]
    suffixes: tuple[str, ...]
    buildings: tuple[str, ...]


class Address(msgspec.Struct, frozen=True):
    number: str
    street: str
    postcode: str


@cache
def places() -> tuple[Place, ...]:
    return msgspec.json.decode((DATA / "places.json").read_bytes(), type=tuple[Place, ...])


@cache
def kinds() -> tuple[Kind, ...]:
    return msgspec.json.decode((DATA / "kinds.json").read_bytes(), type=tuple[Kind, ...])


@cache
def streets() -> Streets:
    return msgspec.json.decode((DATA / "streets.json").read_bytes(), type=Streets)


def address(rng: Random, place: Place, kind: Kind) -> Address:
    words = streets()
    street = f"{rng.choice(words.stems)} {rng.choice(words.suffixes)}"
    inward = "".join(rng.choices(INWARD_LETTERS, k=2))
    postcode = f"{place.outcode} {rng.randint(1, 9)}{inward}"
    return Address(_number(rng, kind), street, postcode)


def _number(rng: Random, kind: Kind) -> str:
    """As on real doors: mostly short numbers, some with a letter, some houses with a name."""
    letter = rng.choice("abcd") if chance(rng, 0.25) else ""
    house = f"{rng.choice((rng.randint(1, 29), rng.randint(1, 180)))}{letter}"
    if kind.style == "block" and kind.residential:
        return f"Flat {rng.randint(2, 60)}, {house}"
    if kind.style == "flat" and chance(rng, 0.4):
        return f"{rng.choice(FLOOR_WORDS)}, {house}"
    if kind.style == "house" and chance(rng, 0.3):
        return rng.choice(HOUSE_NAMES)
    return house.upper()
