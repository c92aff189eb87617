"""No full postcode, e-mail address or house number is left in public text; the rest survives."""

import re
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.rentman import privacy
from tests.sync.samples import TEXT_KEYS, listed

OUTCODES = st.from_regex(r"\A[A-Z]{1,2}[0-9][A-Z0-9]?\Z").filter(str.isascii)
INCODES = st.from_regex(r"\A[0-9][ABD-HJLNP-UW-Z]{2}\Z").filter(str.isascii)
GAPS = st.sampled_from(["", " ", "  ", "\t", "\n", "\u00a0", "-", " - "])
NUMBERS = st.from_regex(r"\A[1-9][0-9]{0,2}[a-d]?\Z").filter(str.isascii)
STREETS = st.sampled_from(["High Street", "Elm Road", "The Grove", "St. Mary's Lane"])
FLATS = st.sampled_from(["", "Flat 3, ", "Apartment 7 ", "Unit 9a, ", "Rose House, "])
WORDS = st.sampled_from(["A home at", "See", "(", "Near:", "", "*"])


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
