"""The list endpoint's query: known names, typed values, one canonical form."""

import itertools
from datetime import UTC, date, datetime
from typing import get_args
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.query.parameters import (
    LIST_MAX,
    Q_MAX,
    TEXT_MAX,
    Channel,
    Feature,
    Furnishing,
    ListQuery,
    Sort,
    Status,
    SuggestQuery,
)
from edge.query.reading import InvalidParameterError, parse, read
from edge.query.select import written

NAMES = ListQuery.__struct_fields__
FREE_LISTS = ("area", "outcode", "type", "ids")


def refused(name: str, *values: str) -> InvalidParameterError:
    with pytest.raises(InvalidParameterError) as caught:
        parse({name: list(values)})
    return caught.value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("channel", "rent", "rent"),
        ("status", "under_offer,available", ("available", "under_offer")),
        ("area", "Hampstead, belsize-park", ("belsize-park", "hampstead")),
        ("outcode", "NW3,nw3", ("nw3",)),
        ("type", "flat,,", ("flat",)),
        ("furnishing", "furnished", ("furnished",)),
        ("ids", "b,a", ("a", "b")),
        ("price_min", "0", None),
        ("price_min", "1", 1),
        ("price_max", "999999999", 999_999_999),
        ("beds_min", "2", 2),
        ("beds_max", "99", 99),
        ("baths_min", "01", 1),
        ("sort", "price_desc", "price_desc"),
        ("page", "100000", 100_000),
        ("per_page", "100", 100),
        ("baths_max", "2", 2),
        ("period", "pw", "pcm"),
        ("radius_km", "5", None),
        ("sort", "relevance", "newest"),
        ("outcode", "NW3 2AB,nw1 2", ("nw1", "nw3")),
        ("near", "NW3 2AB", "nw3"),
        ("near", "nw32ab", "nw3"),
        ("near", "King’s Cross", "kings-cross"),
        ("near", "St. John's Wood", "st-johns-wood"),
        ("furnishing", "either,furnished", ("furnished",)),
        ("furnishing", "either", ("either",)),
        ("q", "the !!", None),
        ("features", "pets,garden", ("garden", "pets")),
        ("available_by", "2026-12-01", date(2026, 12, 1)),
        ("short_let", "TRUE", True),
        ("has_tour", "0", False),
        ("bbox", "-0.25, 51.480,-0.05,51.6", "-0.25,51.48,-0.05,51.6"),
        ("near", "51.540001,-0.14", "51.54,-0.14"),
        ("near", "Belsize  Park", "belsize-park"),
        ("new_since", "2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("reduced_since", "2026-11-01T09:30Z", datetime(2026, 11, 1, 9, 30, tzinfo=UTC)),
        ("new_since", "2026-11-01T09:30:59.000001", datetime(2026, 11, 1, 9, 31, tzinfo=UTC)),
        ("new_since", "0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_each_parameter_is_read(name: str, text: str, value: object) -> None:
    assert parse({name: [text]}) == ListQuery(**{name: value})  # type: ignore[arg-type] # any field


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("channel", "Rent"),
        ("status", "available,gone"),
        ("area", "x" * (TEXT_MAX + 1)),
        ("furnishing", "sofa"),
        ("price_min", "-1"),
        ("price_max", "1e3"),
        ("beds_min", "100"),
        ("beds_max", "two"),
        ("baths_min", "٣"),
        ("sort", "random"),
        ("page", "0"),
        ("page", "100001"),
        ("per_page", "101"),
        ("per_page", "9" * 10_000),
        ("period", "daily"),
        ("features", "pool"),
        ("available_by", "2026-02-30"),
        ("available_by", "tomorrow"),
        ("short_let", "maybe"),
        ("bbox", "1,2,3"),
        ("bbox", "1,2,0,3"),
        ("bbox", "1,2,3,nan"),
        ("near", "91,0"),
        ("near", "1,2,3"),
        ("near", "x" * (TEXT_MAX + 1)),
        ("radius_km", "0"),
        ("radius_km", "1e1"),
        ("new_since", "yesterday"),
        ("new_since", "9999-12-31T23:59:59.5"),
        ("near", "!!"),
        ("new_since", "2026-13-01T00:00:00Z"),
        ("q", "x" * (Q_MAX + 1)),
        ("q", "flat " * 2_000),
        ("sort", "nearest"),
        ("cursor", "x" * 401),
    ],
)
def test_an_invalid_value_is_named(name: str, text: str) -> None:
    assert refused(name, text).name == name


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("channel", get_args(Channel)),
        ("status", get_args(Status)),
        ("furnishing", get_args(Furnishing)),
        ("sort", get_args(Sort)),
        ("features", get_args(Feature)),
        ("colour", NAMES),
    ],
)
def test_a_refusal_lists_what_is_allowed(name: str, allowed: tuple[str, ...]) -> None:
    assert set(refused(name, "nonsense").allowed) == set(allowed)


def test_a_numbers_refusal_says_its_bounds() -> None:
    assert refused("per_page", "0").detail == "a whole number from 1 to 100"


@pytest.mark.parametrize("name", NAMES)
def test_no_value_means_not_asked(name: str) -> None:
    assert parse({name: [""]}) == ListQuery()


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_given_twice_is_refused(name: str) -> None:
    assert refused(name, "1", "1").name == name


def test_the_order_and_spelling_of_a_query_do_not_matter() -> None:
    given = {"ids": ["b,a"], "price_min": ["07"], "type": ["Flat"]}
    same = [dict(order) for order in itertools.permutations(given.items())]

    parsed = {parse(query) for query in same} | {
        parse({"type": ["flat,flat"], "price_min": ["7"], "ids": ["a, b"]})
    }

    assert len(parsed) == 1


@pytest.mark.parametrize(
    "name", ["utm_source", "utm_x", "gclid", "fbclid", "gad_source", "mc_cid", "_ga"]
)
def test_tracking_parameters_change_nothing(name: str) -> None:
    assert parse({name: ["x", "y"], "page": ["2"]}) == ListQuery(page=2)


def test_an_empty_name_without_value_is_only_a_stray_ampersand() -> None:
    assert parse({"": ["", ""], "page": ["2"]}) == ListQuery(page=2)
    assert refused("", "1").name == ""


@pytest.mark.parametrize("name", FREE_LISTS)
def test_a_list_holds_a_bounded_number_of_different_values(name: str) -> None:
    many = [f"v{number:05}" for number in range(LIST_MAX)]

    assert parse({name: [",".join(many)]}) == parse({name: [",".join(many * 40)]})
    assert refused(name, ",".join([*many, "one-more"])).detail == f"at most {LIST_MAX} values"
    assert refused(name, ",".join(map(str, range(5_000)))).name == name


def test_an_unknown_name_is_told_back_in_part_only() -> None:
    assert refused("n" * 10_000, "1").name == "n" * TEXT_MAX


def test_words_are_asked_for_in_any_spelling() -> None:
    spellings = (
        "St. Johns  FLAT",
        "street john's flat",
        "Saint John’s flats",
        "st johns apartment",
    )

    assert {parse({"q": [q]}) for q in spellings} == {
        ListQuery(q="street john flat", sort="relevance")
    }


def test_a_whole_postcode_is_asked_for_by_its_public_half() -> None:
    assert {parse({"q": [q]}).q for q in ("NW1 2AB", "nw12ab", "nw1")} == {"nw1"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"near": "nw3", "radius_km": "3"}, {"near": "NW3 2AB"}),
        ({"near": "nw3", "radius_km": "2.00004"}, {"near": "nw3", "radius_km": "2"}),
        ({"period": "pw", "beds_min": "1"}, {"beds_min": "1"}),
        ({"period": "pw", "price_min": "0"}, {}),
        ({"radius_km": "9"}, {}),
        ({"page": "1", "per_page": "24", "sort": "newest"}, {}),
        ({"q": "the", "sort": "relevance"}, {}),
        ({"q": "flat", "sort": "relevance"}, {"q": "FLATS"}),
        ({"q": "a b c d e f g h i j k"}, {"q": "b c d e f g h i"}),
    ],
)
def test_what_changes_no_answer_makes_no_other_question(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert len({parse({name: [q[name]] for name in q}) for q in (one, other)}) == 1


@pytest.mark.parametrize("q", ["St John's", "ST  JOHN’S", " st. johns", "s\uff54 johns"])
def test_what_is_typed_is_one_question_in_any_spelling(q: str) -> None:
    assert read(SuggestQuery, {"q": [q], "limit": ["8"]}) == SuggestQuery(q="st johns")


def test_sorting_is_by_relevance_only_where_nothing_else_is_said() -> None:
    assert parse({"q": ["flat"]}).sort == "relevance"
    assert parse({"q": ["flat"], "sort": ["newest"]}).sort == "newest"
    assert parse({"q": ["flat"], "sort": [""]}).sort == "relevance"


def test_a_page_and_a_cursor_are_not_asked_for_together() -> None:
    assert refused_query(page=["2"], cursor=["abc"]).name == "page"


def refused_query(**query: list[str]) -> InvalidParameterError:
    with pytest.raises(InvalidParameterError) as caught:
        parse(query)
    return caught.value


texts = st.text() | st.sampled_from(["1", "rent", "flat,house", "sale", "\x00", "ﬁ", "İ", "-1"])
texts |= st.sampled_from(
    ["2026-01-01", "51.5,-0.1", "1,2,3,4", "nw1", "' OR 1=1 --", 'a* NEAR("b"']
)
names = st.sampled_from(NAMES) | st.text()


@given(st.dictionaries(names, st.lists(texts, min_size=1, max_size=3), max_size=6))
def test_any_query_is_parsed_or_refused(query: dict[str, list[str]]) -> None:
    try:
        parsed = parse(query)
    except InvalidParameterError:
        return
    assert hash(parsed) == hash(parse(dict(reversed(query.items()))))
    assert parse(parse_qs(written(parsed))) == parsed
