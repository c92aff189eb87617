"""Every home of an edge in SQLite with FTS5, in memory, for the peer that answers queries.

Taken from the edge's addresses alone: a card from the list, its words from the home's page, what it
is filtered by from what the list finds.
"""

import http.client
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from statistics import fmean
from typing import Any
from urllib.parse import urlencode

import msgspec

HOST, LIST = "127.0.0.1", "/api/properties"
DEGREES = 1_000_000  # points are kept in millionths
KINDS = ("area", "outcode", "station", "street")
Card = dict[str, Any]
COLUMNS: dict[str, Callable[[Card], str]] = {  # facet -> its value on a card
    "channel": lambda card: str(card["channel"]),
    "status": lambda card: str(card["status"]),
    "area": lambda card: str(card["area_slug"]),
    "outcode": lambda card: str(card["outcode"].lower()),
    "bedrooms": lambda card: str(card["bedrooms"]) if card["beds_label"] else "",
    "bathrooms": lambda card: str(card["bathrooms"]),
    "type": lambda card: str(card["type"]),
    "furnishing": lambda card: str(card["furnishing"]),
}
LISTED = {name: name for name in ("channel", "area", "outcode", "type")}  # parameter -> its facet
OWN = LISTED | {"beds_min": "bedrooms"}
ASKED = "price, beds, channel, area, outcode, type, features"
COUNTED = "".join(  # each has all that the counts of a facet look at
    f"CREATE INDEX by_{facet} ON homes ({facet}, {ASKED});" for facet in OWN.values()
)
SCHEMA = f"""
CREATE TABLE homes (id INTEGER PRIMARY KEY, ref TEXT, price, beds, features, placed, lat, lng,
  {", ".join(COLUMNS)});
CREATE INDEX by_ref ON homes (ref);
CREATE INDEX by_price ON homes ({ASKED});
{COUNTED}
CREATE INDEX by_point ON homes (lat, lng, placed);
CREATE VIRTUAL TABLE words USING fts5(title, address, text, more, prefix='2 3',
  tokenize="porter unicode61 remove_diacritics 2");
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(4, 8, 2, 4)');
CREATE VIRTUAL TABLE names USING fts5(label, kind UNINDEXED, value UNINDEXED, homes UNINDEXED,
  query UNINDEXED, prefix='1 2 3');
"""  # noqa: S608 - names of ours alone
_word = re.compile(r"\w+")
_encode = msgspec.json.Encoder().encode


class Source:
    """The edge under test, asked as any client could."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)

    def get(self, path: str) -> dict[str, Any]:
        self.connection.request("GET", path)
        found: dict[str, Any] = msgspec.json.decode(self.connection.getresponse().read())
        return found

    def pages(self, **asked: object) -> Iterator[Card]:
        for page in count(1):
            query = urlencode({**asked, "per_page": 100, "page": page})
            answer = self.get(f"{LIST}?{query}")
            yield answer
            if not answer["has_more"]:
                return


@dataclass(frozen=True, slots=True)
class Homes:
    """What is kept beside the tables: rows are numbered from 0, the newest first."""

    cards: list[bytes]
    refs: list[str]
    labels: dict[str, list[tuple[str, str]]]  # facet -> its values with labels, by their code
    codes: dict[str, dict[str, int]]
    columns: dict[str, list[int]]  # facet -> the code of each row, -1 for none
    ranks: dict[str, list[int]]  # sort -> the place of each row
    tables: sqlite3.Connection


def loaded(port: int) -> Homes:
    source = Source(port)
    pages = list(source.pages())
    cards = [card for page in pages for card in page["items"]]
    labels = {
        name: [(one["value"], one["label"]) for one in held]
        for name, held in pages[0]["facets"].items()
    }
    codes = {
        name: {value: code for code, (value, _) in enumerate(held)}
        for name, held in labels.items()
    }
    columns = {
        name: [codes[name].get(value(card), -1) for card in cards]
        for name, value in COLUMNS.items()
    }
    columns["features"] = _features(source, cards, [value for value, _ in labels["features"]])
    tables = sqlite3.connect(":memory:", cached_statements=1024, isolation_level=None)
    tables.executescript(SCHEMA)
    refs = [card["id"] for card in cards]
    homes = Homes(list(map(_encode, cards)), refs, labels, codes, columns, _ranks(cards), tables)
    _fill(homes, cards, [source.get(f"{LIST}/{card['slug']}") for card in cards])
    return homes


def _features(source: Source, cards: list[Card], names: list[str]) -> list[int]:
    """A bit for each; a card does not say, but a list can be asked."""
    masks: Counter[tuple[str, str]] = Counter()
    for bit, name in enumerate(names):
        for page in source.pages(features=name):
            masks.update({(card["id"], card["channel"]): 1 << bit for card in page["items"]})
    return [masks[card["id"], card["channel"]] for card in cards]


def _ranks(cards: list[Card]) -> dict[str, list[int]]:
    keys: dict[str, Callable[[Card], Any]] = {
        "price_asc": lambda card: card["price"] or math.inf,
        "price_desc": lambda card: -card["price"],
        "beds_desc": lambda card: -card["bedrooms"] if card["beds_label"] else 1,
        "available": lambda card: card["available_from"] if card["channel"] == "rent" else "~",
    }
    ranks = {"newest": list(range(len(cards)))}
    for sort, key in keys.items():
        order = sorted(range(len(cards)), key=lambda row, key=key: key(cards[row]))  # type: ignore[misc]
        ranks[sort] = [0] * len(cards)
        for place, row in enumerate(order):
            ranks[sort][row] = place
    return ranks


def _fill(homes: Homes, cards: list[Card], details: list[Card]) -> None:
    points = _points(cards)
    facets = list(zip(*(homes.columns[name] for name in COLUMNS), strict=True))
    for row, (card, detail) in enumerate(zip(cards, details, strict=True)):
        beds = card["bedrooms"] if card["beds_label"] else -1
        known = (row, card["id"].lower(), card["price"], beds, homes.columns["features"][row])
        values = (*known, card["has_location"], *points[row], *facets[row])
        marks = ",".join("?" * len(values))
        homes.tables.execute(f"INSERT INTO homes VALUES ({marks})", values)  # noqa: S608 - only marks
        more = [
            card[name]
            for name in ("area", "town", "outcode", "type_label", "beds_label", "strapline")
        ]
        text = "\n".join((*detail["features"], detail["summary"], detail["description"]))
        said = (row, card["title"], card["address"], text, " ".join((*more, detail["station"])))
        homes.tables.execute(
            "INSERT INTO words (rowid, title, address, text, more) VALUES (?,?,?,?,?)", said
        )
    homes.tables.executemany("INSERT INTO names VALUES (?,?,?,?,?)", _names(cards, details))
    homes.tables.executescript("INSERT INTO words (words) VALUES ('optimize'); ANALYZE;")


def _points(cards: list[Card]) -> list[tuple[int | None, int | None]]:
    """In millionths; homes without one are in the middle of their outcode or area."""
    held: dict[str, list[Card]] = {}
    for card in cards:
        for name in (card["outcode"].lower(), card["area_slug"]) if card["has_location"] else ():
            held.setdefault(name, []).append(card)
    middle = {
        name: [round(fmean(card[axis] for card in some), 4) for axis in ("lat", "lng")]
        for name, some in held.items()
    }
    found: list[tuple[int | None, int | None]] = []
    for card in cards:
        about = middle.get(card["outcode"].lower()) or middle.get(card["area_slug"])
        point = [card["lat"], card["lng"]] if card["has_location"] else about
        lat, lng = (round(each * DEGREES) for each in point) if point else (None, None)
        found.append((lat, lng))
    return found


def _names(cards: list[Card], details: list[Card]) -> Iterator[tuple[Any, ...]]:
    asks = {"area": "area", "outcode": "outcode", "station": "near", "street": "q"}
    known: Counter[tuple[str, int]] = Counter()
    for card, detail in zip(cards, details, strict=True):
        street = card["address"].partition(",")[0]
        labels = (card["area"], card["outcode"], detail["station"], street)
        known.update((label, kind) for kind, label in enumerate(labels) if label)
    for (label, kind), homes in known.items():
        value = "-".join(_word.findall(label.lower()))
        asked = urlencode({asks[KINDS[kind]]: label if KINDS[kind] == "street" else value})
        yield label, kind, value, homes, asked
