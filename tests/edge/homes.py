"""A dozen homes published by the real renderer, and their finder as an edge loads it."""

from datetime import date
from typing import Any

import msgspec

from edge.query import routes
from edge.query.finder import Finder
from edge.query.highlight import prose
from edge.query.routes import Generation
from snapshot import decode_index, decode_rows, digest, encode
from snapshot.entry import Rows
from sync.model import Known, MediaName, Offer, PricePoint
from sync.render.card import Moment
from sync.render.images import Links
from sync.render.site import Site, render
from tests.sync.samples import NOON, known, ledger

DAY = 86_400
MOMENT = Moment(NOON + 40 * DAY, NOON)
CAMDEN: dict[str, Any] = {"latitude": 51.539, "longitude": -0.142}
BELSIZE: dict[str, Any] = {
    "area": "Belsize Park",
    "area_slug": "belsize-park",
    "outcode": "NW3",
    "street": "St John's Gardens",
    "address": "St John's Gardens, Belsize Park",
    "station": "Belsize Park",
    "latitude": 51.550,
    "longitude": -0.164,
}
NOWHERE: dict[str, Any] = {"area": "", "area_slug": "", "outcode": "", "street": ""}


def cut(home: Known, before: int, at: int) -> Known:
    """`home` with its rent lowered from `before` at that time."""
    now = home.listing.offers[0].pence
    points = [(NOON, before), (at, now)]
    prices = tuple(PricePoint(channel="rent", since=when, pence=pence) for when, pence in points)
    return msgspec.structs.replace(home, prices=prices)


def plan(ref: str) -> tuple[MediaName, ...]:
    return (MediaName(kind="floorplan", filename=f"{ref}.png"),)


HOMES = [
    known("new", seen=NOON + 39 * DAY, **CAMDEN, features=("Private garden", "No pets")),
    known(
        "pets",
        **CAMDEN,
        furnishing="either",
        features=("Pets considered", "Permit parking"),
        short_let=True,
    ),
    cut(known("cut", **BELSIZE, features=("Garden", "Parking")), 160_000, NOON + 30 * DAY),
    known(
        "later",
        **BELSIZE,
        furnishing="furnished",
        available_from=date(2026, 3, 1),
        media=plan("later"),
    ),
    known(
        "nowhere",
        address="Elsewhere",
        **NOWHERE,
        virtual_tour_url="https://a.b/c",
    ),
    known("about", description="A bright kitchen near the heath.\nQuiet."),
    known(
        "house",
        offers=(Offer(channel="sale", pence=70_000_000),),
        type="terraced",
        type_label="Terraced house",
        beds=4,
        baths=2,
        strapline="Family house with a gardenesque view",
    ),
]


def published(homes: list[Known] = HOMES) -> Site:
    ordered = sorted(homes, key=lambda home: (-home.first_seen, home.listing.id))
    return render(ordered, ledger(*homes), Links("https://homes.example"), MOMENT)


def generation(site: Site, number: int = 7, before: Generation | None = None) -> Generation:
    """By way of the wire; `before`: the generation that the edge had."""
    cards, index = encode(Rows(rows=site.rows)), encode(site.index)
    rows = decode_rows(cards, digest(cards))
    decoded = decode_index(index, digest(index), len(rows))
    finder = Finder.of(rows, decoded, before.finder if before else None)

    def look(slug: str) -> str:
        page = site.pages.get(f"/api/properties/{slug}")
        return prose(page.data) if page else ""

    return Generation(number, MOMENT.now, finder, look)


SHOWN = generation(published())


def asked(shown: Generation = SHOWN, /, path: str = "/api/properties", **query: str) -> Any:
    """The decoded answer to a query string."""
    question = routes.question(path, {name: [value] for name, value in query.items()})
    assert question is not None
    made = routes.answered(question, shown)
    assert made is not None
    return msgspec.json.decode(made.body)


def ids(shown: Generation = SHOWN, /, **query: str) -> list[str]:
    return [item["id"] for item in asked(shown, **query)["items"]]
