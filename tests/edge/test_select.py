"""List answers: filters, facets, sorting and paging over rows."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.query import select
from edge.query.finder import Finder
from edge.query.parameters import ListQuery
from snapshot import Row
from tests.snapshot.made import row

FACETS = [
    "channel",
    "status",
    "area",
    "outcode",
    "bedrooms",
    "bathrooms",
    "type",
    "furnishing",
    "features",
]
SORTS = ("newest", "price_asc", "price_desc", "beds_asc", "beds_desc", "available")

ROWS = (
    row(id="1", price=100_000, bedrooms=0, type="studio", type_label="Studio"),
    row(id="2", price=200_000, bedrooms=2, furnishing="either"),
    row(id="3", price=200_000, bedrooms=3, area="Belsize", area_label="Belsize Park"),
    row(id="4", price=70_000_000, bedrooms=3, channel="sale", furnishing="", outcode="NW6"),
    row(id="5", price=5_000, bedrooms=-1, bathrooms=0, type="garage", type_label="Garage"),
)


def body(rows: Any = ROWS, **query: Any) -> bytes:
    """As of a snapshot of a release that had no index: the cards are all there is."""
    return select.answer(Finder.of(rows), ListQuery(**query), 7, lambda _slug: "")[0]


def answer(rows: Any = ROWS, **query: Any) -> Any:
    return msgspec.json.decode(body(rows, **query))


def ids(**query: Any) -> str:
    return "".join(item["id"] for item in answer(**query)["items"])


def facet(name: str, **query: Any) -> dict[str, int]:
    return {one["value"]: one["count"] for one in answer(**query)["facets"][name]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "12345"),
        ({"channel": "sale"}, "4"),
        ({"status": ("sold",)}, ""),
        ({"area": ("belsize",)}, "3"),
        ({"outcode": ("nw6",)}, "4"),
        ({"type": ("studio", "garage")}, "15"),
        ({"furnishing": ("unfurnished",)}, "2"),
        ({"furnishing": ("furnished",)}, "1235"),
        ({"ids": ("5", "1", "none")}, "15"),
        ({"price_min": 1_000}, "1234"),
        ({"price_max": 2_000}, "1235"),
        ({"price_min": 2_000, "price_max": 2_000}, "23"),
        ({"beds_min": 3}, "34"),
        ({"beds_min": 0}, "1234"),
        ({"beds_max": 2}, "12"),
        ({"baths_min": 1}, "1234"),
        ({"baths_max": 0}, "5"),
        ({"period": "pw", "price_max": 461}, "1235"),
        ({"period": "pw", "price_max": 460}, "15"),
        ({"period": "pw", "price_min": 461}, "234"),
        ({"period": "pw", "price_min": 462}, "4"),
        ({"channel": "rent", "beds_min": 2, "area": ("hampstead",)}, "2"),
    ],
)
def test_filters_are_joined_by_and_and_their_values_by_or(
    query: dict[str, Any], found: str
) -> None:
    assert ids(**query) == found
    assert answer(**query)["total"] == len(found)


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("newest", "12345"),
        ("price_asc", "51234"),
        ("price_desc", "42315"),
        ("beds_desc", "34215"),
        ("beds_asc", "12345"),
        ("available", "12345"),
    ],
)
def test_sorting_is_stable(sort: str, found: str) -> None:
    assert ids(sort=sort) == found


def test_a_facet_respects_every_filter_but_its_own() -> None:
    assert facet("channel", channel="sale") == {"rent": 4, "sale": 1}
    assert facet("type", channel="sale") == {"flat": 1}
    assert facet("bedrooms", beds_min=3, channel="rent") == {"0": 1, "2": 1, "3": 1}
    assert facet("area", area=("nowhere",), type=("flat",)) == {"belsize": 1, "hampstead": 2}


def test_facets_are_labelled_for_people() -> None:
    facets = answer()["facets"]

    assert {f["value"]: f["label"] for f in facets["bedrooms"]} == {
        "0": "Studio",
        "2": "2 beds",
        "3": "3 beds",
    }
    assert facets["channel"][0] == {"value": "rent", "label": "To rent", "count": 4}


def test_bedrooms_are_counted_in_numeric_order() -> None:
    rows = [row(bedrooms=number) for number in (10, 2, 1)]

    assert [one["value"] for one in answer(rows)["facets"]["bedrooms"]] == ["1", "2", "10"]
    assert answer(rows)["facets"]["bedrooms"][0]["label"] == "1 bed"


def test_nothing_found_has_the_same_shape() -> None:
    nothing = answer(())

    assert nothing == {
        "items": [],
        "total": 0,
        "page": 1,
        "pages": 1,
        "per_page": 24,
        "has_more": False,
        "facets": {name: [] for name in FACETS},
        "generation": 7,
        "next_cursor": "",
        "relax": [],
        "highlights": [],
    }
    assert list(nothing) == list(answer())


def test_a_page_beyond_the_last_is_empty_and_says_how_many_there_are() -> None:
    beyond = answer(page=9, per_page=2)

    assert (beyond["items"], beyond["page"], beyond["pages"]) == ([], 9, 3)
    assert beyond["has_more"] is False


@given(
    st.lists(st.builds(row, price=st.integers(0, 5), bedrooms=st.integers(-1, 3)), max_size=30),
    st.sampled_from(SORTS),
    st.integers(1, 10),
)
def test_pages_together_are_the_whole_list_once(rows: list[Row], sort: str, per_page: int) -> None:
    rows = [msgspec.structs.replace(one, card=b"%d" % n) for n, one in enumerate(rows)]
    pages = answer(rows, sort=sort, per_page=per_page)["pages"]

    shown = [
        answer(rows, sort=sort, per_page=per_page, page=page + 1)["items"] for page in range(pages)
    ]

    assert sorted(itertools.chain.from_iterable(shown)) == list(range(len(rows)))
    assert all(len(items) == per_page for items in shown[:-1])


def test_cards_are_passed_on_byte_for_byte() -> None:
    card = '{"title":"Café \\u2013 “Row”", "n": 1.0}'.encode()

    assert card in body([row(card=card)])


def test_a_price_or_a_number_of_bedrooms_that_is_not_stated_comes_last() -> None:
    rows = [row(id="poa", price=0, bedrooms=-1), row(id="dear", price=9), row(id="cheap", price=1)]

    for sort, found in {"price_asc": "cheap,dear,poa", "price_desc": "dear,cheap,poa"}.items():
        assert ",".join(item["id"] for item in answer(rows, sort=sort)["items"]) == found
    assert [item["id"] for item in answer(rows, sort="beds_asc")["items"]][-1] == "poa"


def test_what_an_older_snapshot_does_not_know_finds_nothing_rather_than_everything() -> None:
    for query in (
        {"q": "flat"},
        {"near": "51,0"},
        {"bbox": "-1,50,1,52"},
        {"features": ("garden",)},
        {"has_tour": True},
        {"has_tour": False},
        {"short_let": False},
        {"near": "51,0", "sort": "nearest"},
        {"q": "flat", "sort": "relevance"},
        {"available_by": date(2026, 1, 1)},
        {"reduced_since": datetime(2026, 1, 1, tzinfo=UTC)},
    ):
        nothing = answer(**query)
        assert nothing["total"] == 0, query
        assert nothing["relax"][0]["total"] == len(ROWS), query
        (given_up, *_) = nothing["relax"][0]["parameters"]
        assert given_up in query
