"""What a whole row tells: nothing in its texts that the row itself keeps private."""

import re

import msgspec
import pytest

from sync.errors import RowError
from sync.rentman import normalise, privacy
from tests.sync.samples import TEXT_KEYS, listed, row

HOME: dict[str, object] = {
    "number": "12",
    "street": "Acacia Road",
    "postcode": "SW11 3AB",
    "displayaddress": "12 Acacia Road, Battersea",
    "negotiatorname": "Lettings Desk Nine",
    "negotiatoremail": "desk.nine@agency.example",
    "negotiatormobile": "07700 900123",
    "thoughts": "The owner would take less for a quick move",
}


@pytest.mark.parametrize(
    "text",
    [
        "Acacia Road, number 12",
        "No. 12 is bright",
        "12-Acacia Road",
        "(12) Acacia Road",
        "12. Acacia Road",
        "12 - Acacia Road",
        "12 on Acacia Road",
        "Acacia Road 12.",
        "12-acacia-road",
        "\uff11\uff12 Acacia Road",
        "1\u200b2 Acacia Road",
        "&#49;2 Acacia Road",
        "12",
        "No 12",
    ],
)
def test_the_number_goes_however_it_is_put(text: str) -> None:
    made = listed(**HOME, comments=f"Welcome.\n{text}", FLOOR=text, area=text)

    assert "12" not in f"{made.description} {made.floor} {made.area} {made.area_slug}"


@pytest.mark.parametrize("text", ["12 Acacia Road", "12-acacia-road", "(12) Acacia Road"])
def test_the_number_goes_before_any_street_when_the_street_is_blank(text: str) -> None:
    made = listed(**HOME | {"street": ""}, comments=f"See {text} now")

    assert "12" not in made.description


@pytest.mark.parametrize(
    ("number", "shown", "expected"),
    [
        ("12A", "12 A Acacia Road", "Acacia Road"),
        ("", "Acacia House 12 Acacia Road", "Acacia House Acacia Road"),
        ("Rose Cottage", "Rose Cottage, Acacia Road", "Acacia Road"),
    ],
)
def test_the_advertised_address_keeps_no_number(number: str, shown: str, expected: str) -> None:
    made = listed(**HOME | {"number": number, "displayaddress": shown})

    assert made.address == expected


def test_a_house_name_goes_from_every_text() -> None:
    text = "Rose Cottage is a lovely home; rose-cottage"
    made = listed(**HOME | {"number": "Rose Cottage"}, **dict.fromkeys(TEXT_KEYS, text))

    assert not re.search("rose.cottage", msgspec.json.encode(made).decode(), re.IGNORECASE)


@pytest.mark.parametrize("gap", ["\u200b", "\u00ad", " " * 30, ".", "/", ",", "&nbsp;", "_"])
def test_a_postcode_goes_whatever_stands_in_it(gap: str) -> None:
    assert "3AB" not in privacy.Masks().text(f"In x_SW11{gap}3AB_ here")


def test_wide_letters_make_a_postcode_too() -> None:
    assert privacy.Masks().text("\uff33\uff37\uff11\uff11 \uff13\uff21\uff22") == "SW11"


@pytest.mark.parametrize(
    "text", ["E1 2nd floor", "E1 2ND FLOOR", "SW11, 3rd floor", "Zone A1 2 bedrooms"]
)
def test_an_ordinal_is_no_inward_code(text: str) -> None:
    assert privacy.Masks("12", "Acacia Road").text(text) == text


@pytest.mark.parametrize("sign", ["&#64;", " (at) ", "[at]", " @ ", "&commat;"])
def test_an_email_address_goes_however_its_sign_is_written(sign: str) -> None:
    assert privacy.Masks().text(f"Ask jane{sign}agency.example now") == "Ask now"


@pytest.mark.parametrize(
    "text",
    [
        "lettings desk nine",
        "Lettings-Desk Nine",
        "07700900123",
        "07700-900-123",
        "+44 (0)7700 900 123",
        "desk.nine at agency dot example",
        "the owner would take less, for a quick move",
    ],
)
def test_what_the_row_keeps_private_goes_from_its_own_texts(text: str) -> None:
    made = listed(**HOME, **dict.fromkeys((*TEXT_KEYS, "strapline"), text))

    assert not re.search("nine|900|less", msgspec.json.encode(made).decode(), re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [
        "12-acacia-road-sw11-3ab",
        "12-acacia-road",
        "sw11-3ab",
        "sw11%203ab",
        "?contact=jane@agency.example",
        "?contact=jane%40agency.example",
        "?tel=07700900123",
    ],
)
def test_an_address_of_a_page_that_tells_is_dropped(path: str) -> None:
    made, warnings = normalise.listing(
        row(**HOME, url=f"www.agency.example/{path}", evt=f"www.agency.example/{path}")
    )

    assert (made.external_url, made.virtual_tour_url) == ("", "")
    assert (warnings["url"], warnings["evt"]) == (1, 1)


def test_a_branch_telephone_that_is_the_mobile_is_blank() -> None:
    assert not listed(**HOME, branchtel="+44 7700 900 123").branch_phone
    assert listed(**HOME, branchtel="01632 960001").branch_phone == "01632 960001"


@pytest.mark.parametrize("reference", ["SW11 3AB-12 Acacia Road", "E1 2AB", "sw113ab"])
def test_a_reference_that_tells_is_a_row_error(reference: str) -> None:
    with pytest.raises(RowError, match="private") as caught:
        normalise.listing(row(**HOME, propref=reference))

    assert caught.value.field == "propref"


@pytest.mark.parametrize(
    "text",
    [
        "12 minutes to the station",
        "£1,200 pcm, £12 a week, 12.5% fee, 12 months",
        "Acacia Road is 12 minutes away; NW1",
        "Acacia Road, 12 minutes from the park",
        "2 bedrooms on the first floor; from £12 a day",
        "A 12-month let of 120 sq m, 30 m²",
    ],
)
@pytest.mark.parametrize("number", ["12", "12A", "First Floor, 12"])
def test_what_only_looks_private_survives(text: str, number: str) -> None:
    assert (
        listed(**HOME | {"number": number, "thoughts": "Nice"}, comments=text).description == text
    )
