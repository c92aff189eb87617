"""An unknown code is unknown and counted; it never takes a default."""

import pytest

from sync.rentman import codes
from sync.rentman.fields import Row


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Available", "available"),
        (" available ", "available"),
        ("For Sale", "available"),
        ("ForSale&ToLet", "available"),
        ("Under Offer", "under_offer"),
        ("Sold", "sold"),
        ("Valuation", "off_market"),
        ("Withdrawn", "off_market"),
        ("Unavailable", "off_market"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_each_status_text_has_one_meaning(text: object, status: str) -> None:
    row = Row({"STATUS": text})

    assert codes.status(row) == status
    assert not row.warnings


def test_an_unknown_status_is_unknown_and_counted() -> None:
    row = Row({"STATUS": "Let Agreed"})

    assert codes.status(row) == "unknown"
    assert row.warnings == {"status": 1}


@pytest.mark.parametrize(
    ("code", "furnishing"),
    [
        ("1", "furnished"),
        (2, "unfurnished"),
        (3.0, "part_furnished"),
        ("4.00", "either"),
        (0, ""),
        (None, ""),
    ],
)
def test_furnishing_codes_are_numbers_in_any_form(code: object, furnishing: str) -> None:
    row = Row({"furnished": code})

    assert codes.furnishing(row) == furnishing
    assert not row.warnings


@pytest.mark.parametrize("code", [5, "9", "Furnished", -1, 1.5])
def test_an_unknown_furnishing_or_tenure_is_blank_and_counted(code: object) -> None:
    row = Row({"furnished": code, "tenure": code})

    assert codes.furnishing(row) == ""
    assert codes.tenure(row) == ""
    assert row.warnings == {"furnished": 1, "tenure": 1}


def test_tenure_codes_are_named() -> None:
    found = [codes.tenure(Row({"tenure": code})) for code in (1, "2", 3, "4.0", 0)]

    assert found == ["freehold", "leasehold", "share_of_freehold", "shared_ownership", ""]


def test_an_unmapped_type_is_other_in_its_own_words_and_counted() -> None:
    row = Row({"TYPE": "Lighthouse"})

    assert codes.property_type(row) == ("other", "Lighthouse")
    assert row.warnings == {"type": 1}


def test_a_mapped_type_is_found_in_any_case() -> None:
    assert codes.property_type(Row({"TYPE": "SEMI-DETACHED House "})) == (
        "semi_detached",
        "Semi-detached house",
    )


@pytest.mark.parametrize(
    ("stated", "feature", "band"),
    [
        ("D", "Council Tax Band A", "D"),
        ("d", "", "D"),
        ("Z", "council tax band: c", "C"),
        ("", "Council tax band :H", "H"),
        ("", "Council tax included", ""),
    ],
)
def test_a_stated_council_tax_band_wins_over_one_in_the_text(
    stated: str, feature: str, band: str
) -> None:
    assert codes.council_tax_band(Row({"taxband": stated}), (feature,)) == band


def test_known_heating_codes_are_spelt_out_and_other_words_stay() -> None:
    assert [codes.heating(text) for text in ("GCH", "Logs")] == ["Gas central heating", "Logs"]
