"""Areas with their counts and price ranges."""

from typing import Any

import msgspec

from sync.model import Offer
from tests.sync.samples import known
from tests.sync.test_render import body, shown

HILL: dict[str, Any] = {"area": "A Hill", "area_slug": "a-hill", "outcode": "W1", "town": ""}
HOMES = [
    known("1", pence=100_000),
    known("2", pence=200_000, latitude=51.5, longitude=-0.1, station="Kings Cross"),
    known("3", pence=300_050, type="terraced", outcode="NW5"),
    known("4", pence=900_000, status="under_offer"),
    known("5", offers=(Offer(channel="sale", pence=0),)),
    known("6", offers=(Offer(channel="rent", pence=150_000), Offer(channel="sale", pence=5_000))),
    known("7", **HILL),
    known("8", area="", area_slug=""),
]


def test_areas_are_listed_by_name_with_what_they_have() -> None:
    document = body(shown(HOMES), "/api/areas")
    camden = document["items"][1]

    assert [one["name"] for one in document["items"]] == ["A Hill", "Camden"]
    assert document["total"] == 2
    assert (camden["count"], camden["count_label"]) == (6, "6 homes")
    assert (camden["path"], camden["query"]) == ("/api/areas/camden", "area=camden")
    assert (camden["town"], camden["outcodes"]) == ("London", ["NW1", "NW5"])
    assert (camden["lat"], camden["lng"], camden["has_location"]) == (51.5, -0.1, True)


def test_a_price_range_is_of_what_can_be_had_at_a_stated_price() -> None:
    rent = body(shown(HOMES), "/api/areas/camden")["rent"]

    assert (rent["count"], rent["priced"]) == (5, 4)
    assert (rent["low"], rent["median"], rent["high"]) == (1000, 1500, 3000.5)
    assert rent["label"] == "£1,000 to £3,000.50 pcm"
    assert rent["median_label"] == "£1,500 pcm"


def test_one_price_is_no_range_and_none_is_nothing() -> None:
    hill = body(shown(HOMES), "/api/areas/a-hill")

    assert hill["rent"]["label"] == "£1,500 pcm"
    assert hill["sale"] == {
        **dict.fromkeys(("count", "priced", "low", "median", "high"), 0),
        **dict.fromkeys(("low_label", "median_label", "high_label", "label"), ""),
    }
    assert (hill["town"], hill["lat"], hill["has_location"]) == ("", 0.0, False)


def test_an_area_has_its_types_stations_and_newest_cards() -> None:
    camden = body(shown(HOMES), "/api/areas/camden")

    assert camden["types"] == [
        {"value": "flat", "label": "Flat", "count": 5},
        {"value": "terraced", "label": "Terraced house", "count": 1},
    ]
    assert camden["stations"] == ["Kings Cross"]
    assert [item["id"] for item in camden["items"]] == ["1", "2", "3", "4", "5", "6"]


def test_no_homes_are_no_areas() -> None:
    assert body(shown([]), "/api/areas") == {"items": [], "total": 0}


def test_a_listing_may_not_take_the_address_of_the_search() -> None:
    pages = shown([known("search"), known("Suggest")]).pages

    assert "/api/properties/search" not in pages
    assert "/api/properties/suggest" not in pages
    assert "/api/framer/property/search" in pages
    assert msgspec.json.decode(pages["/api/framer/property/search"].data)["id"] == "search"
