"""Rentman's mixed types are read tolerantly, and nothing it sends makes a reader raise."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.rentman.fields import Row, coordinates

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(), SCALARS, max_size=2)
TRUE = [True, 1, 1.0, "1", "\x01", "true", "TRUE", "T", "t", "Y", "yes", " Yes "]
FALSE = [False, 0, 0.0, "0", "\x00", "", None, "false", "F", "N", "no", " "]


@pytest.mark.parametrize("value", TRUE, ids=repr)
def test_every_encoding_of_true_is_true(value: object) -> None:
    row = Row({"featured": value})

    assert row.boolean("featured") is True
    assert not row.warnings


@pytest.mark.parametrize("value", FALSE, ids=repr)
def test_every_encoding_of_false_is_false(value: object) -> None:
    row = Row({"featured": value})

    assert row.boolean("featured") is False
    assert not row.warnings


@pytest.mark.parametrize("value", ["maybe", 2, -1, "01", [], {}], ids=repr)
def test_any_other_boolean_is_unknown_and_counted(value: object) -> None:
    row = Row({"featured": value})

    assert row.boolean("featured") is None
    assert row.warnings == {"featured": 1}


def test_a_missing_boolean_is_false() -> None:
    assert Row({}).boolean("featured") is False


@pytest.mark.parametrize("key", ["STATUS", "status", "Status", " STATUS "])
def test_keys_are_found_in_any_case(key: str) -> None:
    assert Row({key: "Available"}).text("status") == "Available"


@pytest.mark.parametrize(
    ("value", "pence"),
    [
        ("1500.00", 150_000),
        (1500, 150_000),
        (1500.5, 150_050),
        ("£30,007", 3_000_700),
        ("0", None),
        ("0.00", None),
        ("", None),
        (None, None),
        ("-5", None),
        ("0.004", 0),
    ],
)
def test_money_becomes_whole_pence(value: object, pence: int | None) -> None:
    assert Row({"rent": value}).pence("rent") == (pence or None)


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e999999", "9e999999", "1_000", "12 pcm", "9" * 18, "4" * 9000]
)
def test_money_that_makes_no_sense_is_unknown_and_counted(value: str) -> None:
    row = Row({"rent": value})

    assert row.pence("rent") is None
    assert row.warnings["rent"] == 1


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01 00:00:00", date(2026, 3, 1)),
        (" 2026-03-01 ", date(2026, 3, 1)),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_iso_dates(value: object, day: date | None) -> None:
    row = Row({"available": value})

    assert row.day("available") == day
    assert not row.warnings


@pytest.mark.parametrize(
    "value", ["0000-00-00", "2026-02-30", "01/03/2026", "20260301", "2026-W09-1", "2026-03-011"]
)
def test_impossible_and_foreign_dates_are_unknown_and_counted(value: str) -> None:
    row = Row({"available": value})

    assert row.day("available") is None
    assert row.warnings == {"available": 1}


@pytest.mark.parametrize("value", [42, "42", "42.00", 42.0, " 42 ", "42.0"], ids=repr)
def test_every_way_to_write_a_reference_is_the_same_text(value: object) -> None:
    assert Row({"propref": value}).reference() == "42"


@pytest.mark.parametrize("value", ["42.5", "0042", "AB-42", "42.00a"])
def test_other_references_are_left_as_they_are(value: str) -> None:
    assert Row({"propref": value}).reference() == value


def test_text_is_one_line_and_lines_keep_their_breaks() -> None:
    row = Row({"comments": " One \x07\r\nTwo\rThree\n\x00"})

    assert row.text("comments") == "One Two Three"
    assert row.lines("comments") == "One \nTwo\nThree"


@pytest.mark.parametrize("text", ["51.5,-0.14", " 51.5 , -0.14 ", "-0.14,51.5"])
def test_coordinates_are_put_right_when_swapped(text: str) -> None:
    assert coordinates(text) == (51.5, -0.14)


@pytest.mark.parametrize(
    "text", ["0,0", "48.85,2.35", "51.5", "51.5,-0.14,7", "a,b", "nan,nan", "inf,0", "", " ", ","]
)
def test_coordinates_that_are_not_in_the_united_kingdom_are_unknown(text: str) -> None:
    assert coordinates(text) is None


@given(VALUES)
def test_no_value_makes_a_reader_raise(value: object) -> None:
    row = Row({"x": value})

    assert row.boolean("x") in (True, False, None)
    assert "\n" not in row.text("x")
    assert "\x00" not in row.lines("x")
    assert row.number("x") is None or isinstance(row.number("x"), Decimal)
    assert row.whole("x") is None or 0 <= (row.whole("x") or 0) <= 99
    assert (row.pence("x") or 1) > 0
    row.day("x")
    row.reference("x")


@given(st.text())
def test_no_text_makes_coordinates_raise(text: str) -> None:
    coordinates(text)


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_money_survives_to_the_penny(amount: Decimal) -> None:
    assert Row({"rent": f"{amount:f}"}).pence("rent") == (int(amount * 100) or None)
