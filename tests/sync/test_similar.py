"""Which homes are like a home, and how far they are from it."""

from typing import Any

import pytest

from sync.model import Known, Offer
from sync.render.similar import distance, similar
from tests.sync.samples import known
from tests.sync.shown import shown

HERE: dict[str, Any] = {"latitude": 51.5, "longitude": -0.1}
BLANK: dict[str, Any] = {"area": "", "area_slug": "", "town": ""}


def apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    return distance(*shown(known("a", **one), known("b", **other)))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ({}, {}, 0),
        (HERE, HERE, 0),
        (HERE, HERE | {"latitude": 51.5 + 2.5 / 111.195}, 0.5),
        (HERE, HERE | {"latitude": 51.5 + 5 / 111.195}, 1),
        (HERE, HERE | {"latitude": 52.5}, 1),
        (HERE, {}, 0),
        (HERE, {"area": "X", "area_slug": "x"}, 0.5),
        (HERE, {"area": "X", "area_slug": "x", "town": "Y"}, 1),
        (BLANK, BLANK, 1),
        (BLANK, {}, 1),
        ({}, {"type": "terraced"}, 0.4),
        ({}, {"beds": 3}, 0.3),
        ({"beds": 0}, {"beds": 4}, 1.2),
        ({"pence": 100_000}, {"pence": 200_000}, 0.5),
        ({"pence": 100_000}, {"pence": 0}, 0.5),
        ({"pence": 0}, {"pence": 0}, 0.5),
        ({"pence": 100_050}, {"pence": 200_100}, 0.5),
    ],
)
def test_distances_add_up_by_place_kind_bedrooms_and_price(
    one: dict[str, Any], other: dict[str, Any], wanted: float
) -> None:
    assert apart(one, other) == pytest.approx(wanted, abs=1e-3)
    assert apart(other, one) == pytest.approx(wanted, abs=1e-3)


def numbers(*homes: Known) -> list[tuple[int, ...]]:
    return similar(shown(*homes))


def test_a_home_is_never_like_itself_on_its_other_channel_and_only_what_is_to_be_had_is_shown() -> (
    None
):
    both = known("a", offers=(Offer(channel="rent", pence=1), Offer(channel="sale", pence=2)))
    homes = [both, known("gone", status="sold"), known("b"), known("c", **BLANK, type="garage")]

    assert numbers(*homes) == [(3, 4), (), (3, 0, 4), (0, 4), (3, 0)]


def test_no_homes_and_a_single_one_have_none() -> None:
    assert numbers() == []
    assert numbers(known()) == [()]


def test_the_nearest_of_many_at_one_price_are_of_the_same_area() -> None:
    homes = [known(f"far{n:02}", **BLANK) for n in range(60)]
    homes += [known(f"near{n}") for n in range(7)]

    assert numbers(*homes)[66] == (60, 61, 62, 63, 64, 65)
