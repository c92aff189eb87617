"""What visitors ask, by kind; drawn by lot from what the edge says it has, and never the same twice."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

from bench.edgebench.load import fetch
from bench.edgebench.processes import BenchError

LIST, SUGGEST = "/api/properties", "/api/properties/suggest"
WORDS = (
    *("garden flat", "bright kitchen", "two bedroom", "house with parking", "balcony", "period"),
    *("near station", "furnished", "quiet street", "modern", "bathroom", "top floor"),
)
TRIES = 50  # draws for one query that has not been asked yet


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What a website would know from one list: the values of its facets."""

    areas: tuple[str, ...]
    names: tuple[str, ...]  # of areas
    outcodes: tuple[str, ...]
    types: tuple[str, ...]
    ids: tuple[str, ...]
    points: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, port: int) -> "Portfolio":
        answer: dict[str, Any] = json.loads(fetch(port, f"{LIST}?per_page=100").body)
        facets, items = answer["facets"], answer["items"]
        if not items:
            raise BenchError("the edge has no homes to ask for")
        return cls(
            tuple(one["value"] for one in facets["area"]),
            tuple(one["label"] for one in facets["area"]),
            tuple(one["value"] for one in facets["outcode"]),
            tuple(one["value"] for one in facets["type"]),
            tuple(item["id"] for item in items),
            tuple((item["lat"], item["lng"]) for item in items if item["has_location"]),
        )


Query = dict[str, object]
_Draw = Callable[[Random, Portfolio], Query]


def browse(dice: Random, _: Portfolio) -> Query:
    sorts = ("newest", "price_asc", "price_desc", "beds_desc", "available")
    return {
        "channel": dice.choice(("rent", "sale")),
        "sort": dice.choice(sorts),
        "page": dice.randint(1, 6),
        "per_page": dice.choice((12, 24, 24, 48)),
    }


def filters(dice: Random, has: Portfolio) -> Query:
    low = dice.randrange(500, 2500)
    return {
        "channel": "rent",
        "price_min": low,
        "price_max": low + dice.randrange(300, 2500),
        "beds_min": dice.randint(0, 2),
        "type": ",".join(sorted(dice.sample(has.types, 2))),
        "features": dice.choice(("garden", "parking", "balcony", "lift")),
        "sort": dice.choice(("newest", "price_asc")),
    }


def places(dice: Random, has: Portfolio) -> Query:
    some = ",".join(sorted(dice.sample(has.areas, min(3, len(has.areas)))))
    return {
        "area": some,
        "beds_min": dice.randint(0, 3),
        "price_max": dice.randrange(900, 999_999),
    }


def on_a_map(dice: Random, has: Portfolio) -> Query:
    lat, lng = dice.choice(has.points)
    tall, wide = dice.uniform(0.01, 0.3), dice.uniform(0.02, 0.5)
    sides = (lng - wide, lat - tall, lng + wide, lat + tall)
    return {"bbox": ",".join(f"{side:.4f}" for side in sides), "per_page": 100}


def nearby(dice: Random, has: Portfolio) -> Query:
    lat, lng = dice.choice(has.points)
    point = f"{lat + dice.uniform(-0.02, 0.02):.4f},{lng:.4f}"
    return {"near": point, "radius_km": dice.choice((1, 3, 10, 50)), "sort": "nearest"}


def words(dice: Random, has: Portfolio) -> Query:
    place = dice.choice(has.names)
    said = dice.choice(WORDS)
    return {"q": f"{said} {place}" if dice.random() < 0.5 else said} | {  # noqa: PLR2004 - one in two
        "price_max": dice.randrange(1_000, 900_000)
    }


def misspelt(dice: Random, has: Portfolio) -> Query:
    word = dice.choice([word for name in has.names for word in name.split() if len(word) > 4])  # noqa: PLR2004
    at = dice.randrange(1, len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return {"q": swapped, "price_max": dice.randrange(1_000, 900_000)}


def typing(dice: Random, has: Portfolio) -> Query:
    name = dice.choice((*has.names, *has.outcodes))
    return {"q": name[: dice.randint(1, len(name))], "limit": dice.randint(1, 20)}


def nothing(dice: Random, has: Portfolio) -> Query:
    """Where the answer says what to relax."""
    return {
        "channel": "sale",
        "price_max": dice.randrange(1, 900),
        "outcode": dice.choice(has.outcodes),
        "beds_min": dice.randint(2, 6),
        "features": "garden,lift,parking",
    }


def hostile(dice: Random, has: Portfolio) -> Query:
    """As much as one query may hold."""
    junk = [f"{dice.randrange(10**9)}" for _ in range(50)]
    text = " ".join(
        dice.choice(("flta", "gardne", "kitchin", "' OR 1", "NEAR(")) for _ in range(12)
    )
    return {
        "area": ",".join((*junk[:30], *has.areas[:20])),
        "ids": ",".join(junk),
        "q": text[:100],
    }


def beginnings(dice: Random, _: Portfolio) -> Query:
    """Words that stand for as many others as can be, on the longest page."""
    begun = [dice.choice("bcdfghlmprst") + dice.choice(("", *"aeiloru")) for _ in range(12)]
    said = dice.choice(("flat", "street", "two bed", "kitchen"))
    return {
        "q": " ".join((*begun[: dice.randint(0, 3)], said, dice.choice(begun))),
        "price_max": dice.randrange(1_000, 900_000),
        "per_page": 100,
    }


KINDS: dict[str, tuple[str, int, _Draw]] = {  # kind: address, share of the mix, how to draw one
    "browsing: channel, sort, page": (LIST, 20, browse),
    "filters: price, beds, types, feature": (LIST, 25, filters),
    "areas with a price": (LIST, 12, places),
    "map bounds, 100 a page": (LIST, 8, on_a_map),
    "nearest within a radius": (LIST, 7, nearby),
    "words, ranked and highlighted": (LIST, 12, words),
    "words misspelt": (LIST, 4, misspelt),
    "type-ahead": (SUGGEST, 8, typing),
    "nothing found: what to relax": (LIST, 2, nothing),
    "hostile": (LIST, 2, hostile),
    "word beginnings, 100 a page": (LIST, 2, beginnings),
}
WORDED = frozenset(name for name in KINDS if name.startswith(("word", "type-ahead", "hostile")))


def paths(has: Portfolio, count: int, seed: int = 7) -> Iterator[tuple[str, str]]:
    """(kind, address) of about `count` queries in mixed order, each for the first time."""
    dice = Random(seed)
    asked: set[str] = set()
    shares = [share for _, share, _ in KINDS.values()]
    for kind in dice.choices(list(KINDS), shares, k=count):
        address, _, draw = KINDS[kind]
        for _ in range(TRIES):
            path = f"{address}?{urlencode(draw(dice, has))}"
            if path not in asked:
                asked.add(path)
                yield kind, path
                break
