"""Which media a listing has: filenames as Rentman hands them out, and what each one shows.

A filename is a GUID made from (seed, listing, slot, version), so a replaced picture has a new name.
"""

from hashlib import blake2b
from random import Random
from uuid import UUID

import msgspec

from bench.rentman.dice import chance, every
from bench.rentman.places import Kind, Place

EPC, PLAN, BROCHURE = 9000, 9005, 9006
MOST_PHOTOS = 9
VIDEO_SLOT = 4
ROOMS = {
    "flat": (
        "living",
        "kitchen",
        "bedroom",
        "bathroom",
        "living",
        "bedroom",
        "hallway",
        "balcony",
    ),
    "block": (
        "living",
        "kitchen",
        "bedroom",
        "bathroom",
        "balcony",
        "bedroom",
        "hallway",
        "living",
    ),
    "terrace": (
        "living",
        "kitchen",
        "bedroom",
        "garden",
        "bathroom",
        "bedroom",
        "hallway",
        "living",
    ),
    "house": (
        "living",
        "kitchen",
        "garden",
        "bedroom",
        "bathroom",
        "bedroom",
        "living",
        "hallway",
    ),
    "garage": ("terrace",),
    "shop": ("hallway", "kitchen"),
}
OFFICE = ("office", "office", "kitchen", "bathroom")


class Media(msgspec.Struct, frozen=True):
    """One item of a listing's gallery; `art` is the seed that its picture is drawn from."""

    ref: str
    filename: str
    kind: str
    scene: str
    look: str
    order: int
    art: int
    caption: str | None = None


class Plate(msgspec.Struct, frozen=True):
    """What decides a gallery."""

    seed: int
    index: int
    ref: str
    place: Place
    kind: Kind
    beds: int


def name(seed: int, index: int, slot: str, version: int, suffix: str) -> tuple[str, int]:
    digest = blake2b(f"{seed}:{index}:{slot}:{version}".encode(), digest_size=16).digest()
    guid = str(UUID(bytes=digest, version=4)).upper()
    return f"{guid}.{suffix}", int.from_bytes(digest[:6])


def scenes(rng: Random, plate: Plate) -> tuple[str, ...]:
    """The order in which a visitor would be shown round; the first suits the type."""
    kind = plate.kind
    rooms = OFFICE if kind.type == "Office" else ROOMS[kind.style]
    outside = _outside(kind, plate.place)
    first = outside if kind.style in {"terrace", "house", "garage", "shop"} else rooms[0]
    rest = [*rooms] if first == outside else [*rooms[1:], outside]
    return (first, *rest)[: _count(rng, plate)]


def _outside(kind: Kind, place: Place) -> str:
    if kind.style == "house":
        return "cottage"
    if kind.style == "block" or place.look == "modern":
        return "block"
    return "terrace"


def _count(rng: Random, plate: Plate) -> int:
    if every(47, 31, plate.index):
        return 0
    return MOST_PHOTOS if chance(rng, 0.4) else rng.randint(5, 8)


def compose(rng: Random, plate: Plate) -> tuple[Media, ...]:
    media = [
        _photo(plate, slot, scene, _has_video(plate, slot))
        for slot, scene in enumerate(scenes(rng, plate), start=1)
    ]
    media += _papers(rng, plate)
    return tuple(media)


def _has_video(plate: Plate, slot: int) -> bool:
    return slot == VIDEO_SLOT and every(30, 11, plate.index)


def _photo(plate: Plate, slot: int, scene: str, video: bool, version: int = 0) -> Media:
    filename, art = name(
        plate.seed, plate.index, f"photo{slot}", version, "mp4" if video else "jpg"
    )
    kind = "video" if video else "photo"
    return Media(plate.ref, filename, kind, scene, plate.place.look, slot, art)


def _papers(rng: Random, plate: Plate) -> list[Media]:
    found = []
    if chance(rng, 0.96):
        found.append(_paper(plate, "epc", EPC, "png" if chance(rng, 0.5) else "jpg"))
    if plate.kind.residential and chance(rng, 0.5):
        found.append(_paper(plate, "plan", PLAN, "png" if chance(rng, 0.5) else "jpg"))
    if every(12, 7, plate.index):
        found.append(_paper(plate, "brochure", BROCHURE, "pdf"))
    return found


def _paper(plate: Plate, kind: str, order: int, suffix: str) -> Media:
    filename, art = name(plate.seed, plate.index, kind, 0, suffix)
    return Media(plate.ref, filename, kind, str(plate.beds), plate.place.look, order, art)


def replaced(media: Media, seed: int, index: int, version: int) -> Media:
    """The same slot with another picture, hence another name."""
    filename, art = name(seed, index, f"{media.kind}{media.order}", version, "jpg")
    return msgspec.structs.replace(media, filename=filename, art=art)
