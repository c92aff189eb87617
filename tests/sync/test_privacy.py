"""No full postcode, e-mail address or house number is left in public text; the rest survives."""

import re
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import RowError
from sync.rentman import normalise, privacy
from tests.sync.samples import listed, row

OUTCODES = st.from_regex(r"\A[A-Z]{1,2}[0-9][A-Z0-9]?\Z").filter(str.isascii)
INCODES = st.from_regex(r"\A[0-9][ABD-HJLNP-UW-Z]{2}\Z").filter(str.isascii)
GAPS = st.sampled_from(["", " ", "  ", "\t", "\n", "\u00a0", "-", " - "])
NUMBERS = st.from_regex(r"\A[1-9][0-9]{0,2}[a-d]?\Z").filter(str.isascii)
STREETS = st.sampled_from(["High Street", "Elm Road", "The Grove", "St. Mary's Lane"])
FLATS = st.sampled_from(["", "Flat 3, ", "Apartment 7 ", "Unit 9a, ", "Rose House, "])
WORDS = st.sampled_from(["A home at", "See", "(", "Near:", "", "*"])
TEXT_KEYS = ("DESCRIPTION", "comments", "strapline", "bullets", "heating", "branch", "TYPE")


@given(OUTCODES, GAPS, INCODES, st.booleans(), WORDS)
def test_no_full_postcode_survives(out: str, gap: str, inward: str, low: bool, word: str) -> None:
    postcode = f"{out}{gap}{inward}"
    text = f"{word} {postcode.lower() if low else postcode}, London"

    for masked in (privacy.Masks().text(text), privacy.address(text, "")):
        assert inward.lower() not in masked.lower()
        assert out in masked


@given(st.emails(domains=st.just("agency.example")), WORDS)
def test_no_email_address_survives(email: str, word: str) -> None:
    text = f"{word} {email} or call"

    assert "@agency.example" not in privacy.Masks().text(text)
    assert "@agency.example" not in privacy.address(text, "")


@given(NUMBERS, STREETS, FLATS)
def test_no_house_number_survives_in_an_address(number: str, street: str, flat: str) -> None:
    masked = privacy.address(f"{flat}{number} {street}, Camden", number)

    assert not re.search(rf"\b{number}\b", masked)
    assert f"{street}, Camden" in masked


@given(NUMBERS, STREETS, FLATS, st.sampled_from([" ", ", ", ",", "  "]))
def test_no_house_number_survives_before_its_street_in_any_public_text(
    number: str, street: str, flat: str, gap: str
) -> None:
    text = f"Homes: {flat}{number}{gap}{street} is £1,250 pcm."
    made = listed(number=f"{flat}{number}", street=street, **dict.fromkeys(TEXT_KEYS, text))
    published = msgspec.json.encode(made).decode()

    assert not re.search(rf"\b{number}{gap}{re.escape(street)}", published)
    assert "£1,250 pcm" in made.description


@pytest.mark.parametrize(
    ("text", "number", "street"),
    [
        ("12 High St is bright", "12", "High Street"),
        ("88a high road", "First Floor, 88a", "High Road"),
        ("Flat 3, 12-14 High Street", "12-14", "High Street"),
        ("Rose Cottage, Elm Lane", "Rose Cottage", "Elm Lane"),
        ("7 Elm Ave.", "", "7 Elm Avenue"),
    ],
)
def test_the_number_goes_however_the_street_is_written(
    text: str, number: str, street: str
) -> None:
    masked = listed(comments=text, number=number, street=street).description

    assert not re.search(r"[0-9]|Rose", masked), masked


@pytest.mark.parametrize(
    "text",
    [
        "£1,200 pcm, 2 bedrooms, NW1",
        "Built in 1930; 850 sq ft; 5 minutes to Elm Road",
        "EPC band C, 24 hour concierge",
        "12 months minimum, 50% deposit, 12.5 m garden",
        "Zones 1 2 and 3 in SW11 and E1W",
    ],
)
def test_prices_sizes_and_outcodes_are_not_masked(text: str) -> None:
    assert privacy.Masks("12", "High Street").text(text) == text


def test_a_price_before_the_street_is_not_a_house_number() -> None:
    text = "Only £1,200 High Street living"

    assert privacy.Masks("12", "High Street").text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Front of 12a High Street, NW1 2AB", ""),
        ("Flat 3 St Mary's Rd", ""),
        ("Rose Cottage from the garden", ""),
        ("Ask for Lettings Team 3", ""),
        ("No 2", ""),
        ("Bedroom 12", ""),
        ("", ""),
        ("Bedroom 2", "Bedroom 2"),
        ("Kitchen / Dining Room", "Kitchen / Dining Room"),
        (" Front\nview ", "Front view"),
    ],
)
def test_a_caption_names_rooms_and_views_and_nothing_else(text: str, shown: str) -> None:
    assert privacy.caption(text) == shown


def test_an_area_named_by_its_postcode_does_not_leak_through_its_slug() -> None:
    made = listed(area="NW1 2AB")

    assert (made.area, made.area_slug) == ("NW1", "nw1")


@pytest.mark.parametrize(
    ("postcode", "outcode"),
    [
        ("nw1 2ab", "NW1"),
        ("NW12AB", "NW1"),
        (" EC1A  1BB ", "EC1A"),
        ("SW11", "SW11"),
        ("12345", ""),
        ("", ""),
        ("NW1 2AB London", ""),
    ],
)
def test_only_the_outcode_of_a_postcode_is_public(postcode: str, outcode: str) -> None:
    assert privacy.outcode(postcode) == outcode


@pytest.mark.parametrize("text", ["a" * 100_000, "12 " * 30_000, "A1 " * 30_000, "1," * 50_000])
def test_masking_takes_time_in_proportion_to_the_text(text: str) -> None:
    began = time.perf_counter()
    privacy.Masks("12, 12", "High Street").text(text)
    privacy.caption(text)
    privacy.address(text, "12")
    home = privacy.Masks("12, 12A, Rose", "", name="A 12", mobile="1212121212", thoughts=text)
    home.text(text)

    assert time.perf_counter() - began < 3


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_no_text_makes_masking_raise(text: str, number: str, street: str) -> None:
    privacy.Masks(number, street.strip()).text(text)
    privacy.address(text, number)
    privacy.outcode(text)


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
