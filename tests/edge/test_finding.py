"""Filters, orders, pages and facets over what the real renderer has published."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.query.reading import parse
from edge.query.select import answer, written
from sync.model import Channel, Known, Offer
from tests.edge.homes import HOMES, SHOWN, asked, generation, ids, published
from tests.sync.samples import known

EVERY = {home.listing.id for home in HOMES}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"features": "garden"}, {"new", "cut"}),
        ({"features": "garden,parking"}, {"cut"}),
        ({"features": "pets"}, {"pets"}),
        ({"short_let": "true"}, {"pets"}),
        ({"short_let": "false"}, EVERY - {"pets"}),
        ({"has_floorplan": "true"}, {"later"}),
        ({"has_tour": "true"}, {"nowhere"}),
        ({"available_by": "2026-02-28"}, EVERY - {"later", "house"}),
        ({"available_by": "2026-03-01"}, EVERY - {"house"}),
        ({"new_since": "2025-11-01"}, {"new"}),
        ({"reduced_since": "2025-11-01"}, {"cut"}),
        ({"reduced_since": "2025-11-10"}, set()),
        ({"bbox": "-0.15,51.5,-0.1,51.545"}, {"new", "pets"}),
        ({"bbox": "-0.165,51.5,-0.1,51.56"}, {"new", "pets", "cut", "later"}),
        ({"outcode": "NW3"}, {"cut", "later"}),
        ({"baths_min": "2"}, {"house"}),
        ({"near": "51.539,-0.142", "radius_km": "0.5"}, {"new", "pets", "about", "house"}),
        ({"near": "nw3", "radius_km": "1"}, {"cut", "later"}),
        ({"near": "Belsize Park", "radius_km": "2.5"}, EVERY - {"nowhere"}),
        ({"near": "atlantis"}, set()),
        ({"near": "89.9,0"}, set()),
        ({"period": "pw", "price_max": "346"}, EVERY - {"house"}),
    ],
)
def test_a_filter_lets_through_what_it_says(query: dict[str, str], found: set[str]) -> None:
    assert set(ids(**query)) == found


def test_the_nearest_come_first_those_without_a_point_in_the_middle_of_their_outcode() -> None:
    found = ids(near="51.55,-0.164", sort="nearest", radius_km="5")

    assert found[:2] == ["cut", "later"]
    assert found[2:] == ["new", "about", "house", "pets"]


def test_homes_are_sorted_by_when_one_can_move_in_those_for_sale_last() -> None:
    assert ids(sort="available", channel="rent")[-1] == "later"
    assert ids(sort="available")[-2:] == ["later", "house"]


def test_a_week_is_compared_as_it_is_shown() -> None:
    shown = generation(published([known("x", pence=140_833)]))

    assert asked(shown)["items"][0]["price_weekly_label"] == "£325 pw"
    assert ids(shown, period="pw", price_min="325", price_max="325") == ["x"]


def test_links_lead_to_the_neighbouring_pages() -> None:
    query = parse({"channel": ["rent"], "per_page": ["2"], "page": ["2"]})
    _, link = answer(SHOWN.finder, query, 1, SHOWN.look)

    assert link == (
        '<?channel=rent&per_page=2>; rel="first", '
        '<?channel=rent&page=3&per_page=2>; rel="last", '
        '<?channel=rent&page=3&per_page=2>; rel="next", '
        '<?channel=rent&per_page=2>; rel="prev"'
    )


def test_the_link_of_a_cursor_leads_on_by_cursor() -> None:
    first = asked(per_page="2")
    query = parse({"per_page": ["2"], "cursor": [first["next_cursor"]]})
    body, link = answer(SHOWN.finder, query, 1, SHOWN.look)

    onward = msgspec.json.decode(body)["next_cursor"]
    assert link == f'<?per_page=2&cursor={onward}>; rel="next", <?per_page=2>; rel="first"'


def test_a_link_that_would_be_too_long_for_a_header_is_left_out() -> None:
    long = ",".join(f"{'é' * 60}{n}" for n in range(50))
    _, link = answer(SHOWN.finder, parse({"area": [long]}), 1, SHOWN.look)

    assert link == ""


def test_a_written_query_leaves_out_what_goes_without_saying() -> None:
    assert written(parse({"q": ["flat"], "page": ["1"]})) == "q=flat"
    assert written(parse({"q": ["flat"], "sort": ["newest"]})) == "q=flat&sort=newest"


def test_facets_count_what_a_further_choice_would_find() -> None:
    facets = asked(channel="rent", outcode="nw3")["facets"]

    assert {one["value"]: one["count"] for one in facets["outcode"]} == {"nw1": 3, "nw3": 2}
    assert {one["value"]: one["count"] for one in facets["features"]} == {
        "garden": 1,
        "parking": 1,
    }
    assert {"value": "garden", "label": "Garden", "count": 1} in facets["features"]
    assert {"value": "nw1", "label": "NW1", "count": 3} in facets["outcode"]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "channel": st.sampled_from(["rent", "sale"]),
            "features": st.sampled_from(["garden", "garden,parking"]),
            "type": st.sampled_from(["flat", "terraced"]),
            "outcode": st.sampled_from(["nw1", "nw3"]),
            "furnishing": st.sampled_from(["furnished", "either"]),
            "beds_min": st.integers(0, 5).map(str),
        },
    )
)
def test_choosing_a_facet_finds_as_many_as_it_said(query: dict[str, str]) -> None:
    facets = asked(**query)["facets"]
    for name in ("channel", "type", "outcode", "status", "area", "furnishing"):
        for one in facets[name]:
            assert asked(**query | {name: one["value"]})["total"] == one["count"]


def test_an_area_called_either_is_an_area() -> None:
    homes = [known("a", area="Either", area_slug="either"), known("b")]
    facets = asked(generation(published(homes)))["facets"]

    assert {one["value"]: one["count"] for one in facets["area"]} == {"camden": 1, "either": 1}


def test_an_empty_list_says_what_to_relax() -> None:
    nothing = asked(channel="sale", features="garden", beds_min="2")

    assert nothing["total"] == 0
    assert nothing["relax"] == [
        {"parameters": ["channel"], "total": 2, "label": "2 homes without channel"},
        {"parameters": ["features"], "total": 1, "label": "1 home without features"},
    ]


def test_what_to_relax_may_take_two_at_once_or_everything() -> None:
    two = asked(channel="sale", beds_min="9", price_max="1", outcode="nw1")
    assert all(len(one["parameters"]) == 2 for one in two["relax"])

    three = asked(beds_min="9", price_max="1", outcode="w9", channel="rent")["relax"]
    assert [one["parameters"] for one in three] == [["outcode", "price_max", "beds_min"]]
    assert asked(generation(published([])), beds_min="9")["relax"] == []
    assert asked(beds_min="1")["relax"] == []


@pytest.mark.parametrize(
    ("query", "given_up"),
    [
        ({"price_min": "2000", "price_max": "1000"}, [["price_max"]]),
        ({"price_min": "8000", "price_max": "7000", "channel": "rent"}, [["price_min"]]),
        (
            {"price_min": "9", "price_max": "8", "channel": "rent", "beds_min": "2"},
            [["price_max"]],
        ),
        (
            {"price_min": "8000", "price_max": "100", "channel": "rent"},
            [["price_min", "price_max"]],
        ),
        ({"beds_min": "9", "beds_max": "8", "channel": "sale"}, [["beds_min"]]),
        (
            {"price_min": "1500", "period": "pw", "channel": "rent"},
            [["price_min"], ["period"], ["channel"]],
        ),
        ({"near": "0,0", "radius_km": "1", "sort": "nearest"}, [["near", "sort"]]),
        ({"q": "xyzzy", "sort": "relevance"}, [["q"]]),
    ],
)
def test_what_belongs_together_is_given_up_together(
    query: dict[str, str], given_up: list[list[str]]
) -> None:
    found = asked(**query)["relax"]

    assert sorted(one["parameters"] for one in found) == sorted(given_up)
    for one in found:
        rest = {name: query[name] for name in query if name not in one["parameters"]}
        assert asked(**rest)["total"] == one["total"]


def test_a_home_offered_both_ways_is_like_homes_of_both_kinds_in_turns() -> None:
    def offered(ref: str, *channels: Channel) -> Known:
        return known(ref, offers=tuple(Offer(channel=each, pence=100_000) for each in channels))

    homes = [offered("both", "rent", "sale"), offered("s", "sale")]
    homes += [offered(f"r{n}", "rent") for n in range(7)]
    shown = generation(published(homes))

    found = asked(shown, path="/api/properties/both/similar")
    assert [item["id"] for item in found["items"]] == ["r0", "s", "r1", "r2", "r3", "r4"]
    assert found["total"] == 6


def test_references_are_found_in_any_case() -> None:
    assert ids(ids="CUT,pets,gone") == ["cut", "pets"]


def test_a_day_begins_at_midnight() -> None:
    assert ids(new_since="2025-11-17T00:00:00Z") == ["new"] == ids(new_since="2025-11-17")
