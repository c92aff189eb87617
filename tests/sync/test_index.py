"""The index that goes with the cards."""

from typing import Any

from snapshot import Suggestion
from snapshot.index import unpack
from sync.render.site import render
from tests.sync.samples import known, ledger
from tests.sync.test_render import LINKS, MOMENT

HERE: dict[str, Any] = {"latitude": 51.5, "longitude": -0.1}
THERE: dict[str, Any] = {"latitude": 51.502, "longitude": -0.1, "outcode": "NW3", "area_slug": "x"}


def test_places_have_their_middle_and_homes_without_a_point_are_taken_to_be_there() -> None:
    homes = [known("a", **HERE), known("b", latitude=51.52, longitude=-0.2), known("c")]
    index = render(homes, ledger(*homes), LINKS, MOMENT).index

    assert index.centres["camden"] == index.centres["nw1"] == (51.51, -0.15)
    assert index.numbers["lat"] == (51_500_000, 51_520_000, 51_510_000)
    assert index.values["located"] == {"about": b"\x04", "placed": b"\x03"}


def test_every_place_is_suggested_with_its_homes_on_each_channel() -> None:
    homes = [
        known("a", station="Camden Town", **HERE),
        known("b", street="", station="Nowhere", area="Hill", area_slug="x", outcode="NW3"),
    ]
    found = render(homes, {}, LINKS, MOMENT).index.suggestions

    assert list(found) == [
        Suggestion("area", "camden", "Camden", 1, 0),
        Suggestion("area", "x", "Hill", 1, 0),
        Suggestion("outcode", "nw1", "NW1", 1, 0),
        Suggestion("outcode", "nw3", "NW3", 1, 0),
        Suggestion("station", "camden-town", "Camden Town", 1, 0),
        Suggestion("street", "high-street", "High Street", 1, 0),
    ]


def test_a_station_that_is_nowhere_is_not_suggested() -> None:
    found = render([known("a", station="Camden Town")], {}, LINKS, MOMENT).index.suggestions

    assert {one.kind for one in found} == {"area", "outcode", "street"}


def test_words_are_kept_by_where_they_stand() -> None:
    homes = [known("a", features=("Garden",)), known("b", description="By the garden.")]
    words = render(homes, {}, LINKS, MOMENT).index.words

    assert unpack(words["kind"]["garden"], 2) == 0b01
    assert unpack(words["text"]["garden"], 2) == 0b10
    assert "garden" not in words["place"]
    assert {"nw1", "camden", "high", "street", "london"} <= set(words["place"])


def test_an_index_is_the_same_bytes_for_the_same_homes() -> None:
    homes = [known(f"h{n}", **HERE, features=("Lift", "Garden")) for n in range(5)]

    made = [render(homes, ledger(*homes), LINKS, MOMENT).index for _ in range(2)]
    assert made[0] == made[1]
