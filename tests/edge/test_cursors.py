"""Cursors: a list walked part by part is the list by pages, whatever has come and gone meanwhile."""

import base64
import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.query.cursor import Cursor
from edge.query.reading import InvalidParameterError
from tests.edge.homes import BELSIZE, HOMES, asked, generation, ids, published
from tests.sync.samples import NOON, known

EVERY = {home.listing.id for home in HOMES}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"sort": "price_asc"},
        {"sort": "price_desc"},
        {"sort": "beds_asc"},
        {"sort": "available"},
        {"q": "flat"},
        {"near": "nw3", "sort": "nearest", "radius_km": "9"},
    ],
)
def test_cursors_lead_through_the_same_list_as_pages(query: dict[str, str]) -> None:
    paged = list(
        itertools.chain.from_iterable(
            ids(**query, per_page="2", page=str(page)) for page in range(1, 5)
        )
    )
    part = asked(**query, per_page="2")
    walked = [item["id"] for item in part["items"]]
    while part["has_more"]:
        part = asked(**query, per_page="2", cursor=part["next_cursor"])
        walked += [item["id"] for item in part["items"]]

    assert part["next_cursor"] == ""
    assert walked == paged == ids(**query)


def test_a_cursor_goes_on_where_it_was_when_homes_have_come_and_gone() -> None:
    homes = [known(f"h{n}", pence=100_000 + n, seen=NOON + n) for n in range(6)]
    first = asked(generation(published(homes)), sort="price_asc", per_page="3")
    later = generation(published([known("cheap", pence=1), *homes[:2], *homes[3:]]))

    found = ids(later, sort="price_asc", per_page="3", cursor=first["next_cursor"])
    assert found == ["h3", "h4", "h5"]


@pytest.mark.parametrize("near", ["51.54,-0.164", "nw3"])
def test_a_cursor_measures_as_its_list_did_when_the_middle_of_a_place_has_moved(near: str) -> None:
    homes = [
        known("a", latitude=51.545, longitude=-0.164),
        known("middle", **BELSIZE),
        known("about", **BELSIZE | {"latitude": None, "longitude": None}),
    ]
    before = generation(published(homes))
    query = {"near": near, "sort": "nearest", "per_page": "1"}
    wanted = ids(before, **query | {"per_page": "9"})
    part, found = asked(before, **query), list[str]()
    for north in itertools.count(51.53, -0.001):  # the middle, and `about` with it, moves south
        found += names(part)
        if not part["next_cursor"]:
            break
        homes.append(known(f"new {north}", **BELSIZE | {"latitude": north}))
        before = generation(published(homes), 8, before)
        part = asked(before, **query, cursor=part["next_cursor"])
    assert [name for name in found if not name.startswith("new")] == wanted


def test_a_cursor_of_forgotten_places_measures_by_the_present() -> None:
    shown = generation(published())
    first = asked(shown, near="nw3", sort="nearest", per_page="2", radius_km="9")
    cursor = base64.urlsafe_b64decode(first["next_cursor"] + "==")
    name, key, centre, _ = msgspec.msgpack.decode(cursor)
    old = msgspec.msgpack.encode((name, key, centre, "long ago"))
    given = base64.urlsafe_b64encode(old).decode().rstrip("=")

    again = asked(shown, near="nw3", sort="nearest", per_page="9", radius_km="9", cursor=given)
    assert names(first) + names(again) == ids(near="nw3", sort="nearest", radius_km="9")


def names(part: Any) -> list[str]:
    return [item["id"] for item in part["items"]]


@pytest.mark.parametrize(
    "centre", [[91_000_000, 0], [0, 10**12], [float("nan"), 0], ["x", 0], [1], "nowhere"]
)
def test_a_cursor_from_no_place_on_earth_is_refused(centre: Any) -> None:
    given = asked(near="nw3", sort="nearest", per_page="2")["next_cursor"]
    name, key, _, places = msgspec.msgpack.decode(base64.urlsafe_b64decode(given + "=="))
    made = msgspec.msgpack.encode((name, key, centre, places))
    cursor = base64.urlsafe_b64encode(made).decode().rstrip("=")

    with pytest.raises(InvalidParameterError, match="not one that a list"):
        asked(near="nw3", sort="nearest", per_page="2", cursor=cursor)


@pytest.mark.parametrize(
    "cursor", ["x", "é", "====", "AAAA", base64.urlsafe_b64encode(b"\x92\xa1a\x94").decode()]
)
def test_a_cursor_that_no_list_has_given_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidParameterError, match="not one that a list"):
        asked(cursor=cursor)


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = asked(per_page="2")["next_cursor"]

    with pytest.raises(InvalidParameterError, match="other parameters"):
        asked(cursor=cursor, channel="rent")
    assert asked(cursor=cursor, per_page="3")["items"]


@given(st.tuples(st.integers(), st.integers(), st.text(), st.text()))
def test_no_cursor_with_the_right_name_can_do_harm(after: Any) -> None:
    given_name = msgspec.msgpack.decode(
        base64.urlsafe_b64decode(asked(per_page="2")["next_cursor"] + "==")
    )[0]
    try:
        packed = msgspec.msgpack.encode(Cursor(given_name, after))
    except OverflowError:
        return
    cursor = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(cursor) <= 400:
        assert set(ids(cursor=cursor)) <= EVERY
