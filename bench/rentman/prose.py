"""What the agent wrote: sentence templates from `data/prose.json`, filled so that no two read alike.

A template names other lists in braces; a capital first letter asks for a capital in the text.
"""

import re
from functools import cache
from random import Random

import msgspec

from bench.rentman.dice import chance
from bench.rentman.places import DATA, Kind, Place

SLOT = re.compile(r"\{(\w+)\}")
SUMMARY_LIMIT = 255
FURNISHING = {1: "furnished", 2: "unfurnished", 3: "part furnished", 4: "furnished or unfurnished"}


class Facts(msgspec.Struct, frozen=True):
    """What the sentences may mention."""

    place: Place
    kind: Kind
    street: str
    station: str
    beds: int
    furnished: int
    when: str
    letting: bool
    band: str  # council tax
    rating: str  # of energy


class Prose(msgspec.Struct, frozen=True):
    summary: str
    comments: str
    strapline: str
    bullets: tuple[str, ...]


@cache
def _words() -> dict[str, dict[str, str] | list[str]]:
    kind = dict[str, dict[str, str] | list[str]]
    return msgspec.json.decode((DATA / "prose.json").read_bytes(), type=kind)


def _list(name: str) -> list[str]:
    words = _words()[name]
    return words if isinstance(words, list) else list(words.values())


def _fixed(facts: Facts) -> dict[str, str]:
    sizes = _words()["size"]
    size = sizes.get(str(facts.beds), "large") if isinstance(sizes, dict) else ""
    kind = facts.kind.type.lower()
    return {
        "size": size if facts.kind.residential and kind != "studio" else "",
        "kind": kind,
        "street": facts.street,
        "station": facts.station,
        "area": facts.place.area,
        "town": facts.place.town,
        "furnished": FURNISHING.get(facts.furnished, "unfurnished"),
        "when": facts.when,
        **_bedroom_words(facts.beds),
    }


def _bedroom_words(beds: int) -> dict[str, str]:
    if beds > 1:
        words = ("both bedrooms" if beds == 2 else f"all {_number(beds)} bedrooms"), "look"  # noqa: PLR2004
        return {"bedrooms": words[0], "looks": "look", "has": "have", "comes": "come", "is": "are"}
    return {
        "bedrooms": "the bedroom" if beds else "the sleeping area",
        "looks": "looks",
        "has": "has",
        "comes": "comes",
        "is": "is",
    }


def _number(count: int) -> str:
    return {3: "three", 4: "four", 5: "five"}.get(count, str(count))


def fill(rng: Random, template: str, fixed: dict[str, str]) -> str:
    def word(match: re.Match[str]) -> str:
        name = match[1]
        text = fixed.get(name.lower())
        text = rng.choice(_list(name.lower())) if text is None else text
        return text[:1].upper() + text[1:] if name[0].isupper() else text

    text = " ".join(SLOT.sub(word, template).split())
    text = re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", text)
    return text[:1].upper() + text[1:]


def _bullets(rng: Random, facts: Facts, fixed: dict[str, str]) -> tuple[str, ...]:
    unfit = {"No pets"} if chance(rng, 0.8) else {"Pets considered"}
    unfit |= (
        {"Private garden", "Garage"} if facts.kind.style == "block" else {"Lift", "Bills included"}
    )
    chosen = rng.sample(
        [text for text in _list("bullets") if text not in unfit], rng.randint(5, 9)
    )
    extras = [
        f"Energy rating {facts.rating}",
        f"Council Tax Band {facts.band}",
    ]
    if facts.beds:
        extras.insert(0, f"{facts.beds} bedroom{'s' if facts.beds > 1 else ''}")
    return tuple(fill(rng, text, fixed) for text in [*extras, *chosen][:12])


def write(rng: Random, facts: Facts) -> Prose:
    fixed = _fixed(facts)
    rooms = ("living", "kitchen", "bedroom", "bathroom") if facts.kind.residential else ("work",)
    ending = ("outside",) if facts.kind.residential and chance(rng, 0.7) else ()
    names = ("opener", *rooms, *ending, "place", f"closing_{'rent' if facts.letting else 'sale'}")
    lines = [fill(rng, rng.choice(_list(name)), fixed) for name in names]
    half = 1 + len(rooms) // 2
    paragraphs = [lines[:1], lines[1 : half + 1], lines[half + 1 : -2], lines[-2:]]
    comments = "\r\n\r\n".join(" ".join(part) for part in paragraphs if part)
    strapline = fill(rng, rng.choice(_list("strapline")), fixed)
    return Prose(lines[0][:SUMMARY_LIMIT], comments, strapline, _bullets(rng, facts, fixed))
