"""One row to one listing: docs/rentman.md row by row, and its fixtures."""

from datetime import date

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import RowError
from sync.model import Listing, MediaName, Offer
from sync.rentman import normalise
from sync.rentman.normalise import Reader, take
from tests.sync.samples import listed, row, warned

SALE = {"rentorbuy": 2, "STATUS": "For Sale", "rentmonth": "0.00"}
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats() | st.text()


@pytest.mark.parametrize(
    ("given_", "name", "value"),
    [
        ({"propref": 42.0}, "id", "42"),
        ({"displayaddress": "12 High Street , Camden"}, "address", "High Street, Camden"),
        ({"street": "12 High Street"}, "street", "High Street"),
        ({"address3": " LONDON "}, "town", "London"),
        ({"address4": "Surrey"}, "county", "Surrey"),
        ({"postcode": "nw12ab"}, "outcode", "NW1"),
        ({"area": "CAMDEN"}, "area", "Camden"),
        ({"area": "SW11"}, "area", "SW11"),
        ({"area": "King's Cross"}, "area_slug", "kings-cross"),
        ({"nearesttsation": "", "neareststation": "Euston"}, "station", "Euston"),
        ({"displayprice": " £1,500 pcm "}, "display_price", "£1,500 pcm"),
        ({"nonres": "\x01"}, "residential", False),
        ({"commercial": "T"}, "residential", False),
        ({"beds": "0"}, "beds", 0),
        ({"nonres": 1, "beds": "3"}, "beds", None),
        ({"baths": 0}, "baths", 0),
        ({"receps": ""}, "receptions", None),
        ({"furnished": 3}, "furnishing", "part_furnished"),
        ({"FLOOR": "LGF"}, "floor", "LGF"),
        ({"heating": "GCH"}, "heating", "Gas central heating"),
        ({"available": "2026-02-01"}, "available_from", date(2026, 2, 1)),
        ({"available": "0000-00-00"}, "available_from", None),
        ({"STATUS": "Valuation"}, "status", "off_market"),
        ({"servicecharges": "£900 pa"}, "service_charge", "£900 pa"),
        ({"leaselength": "0"}, "lease_length", ""),
        ({"leaselength": "99 years"}, "lease_length", "99 years"),
        ({"tenure": "2"}, "tenure", "leasehold"),
        ({"taxband": "b"}, "council_tax_band", "B"),
        ({}, "council_tax_band", "C"),
        ({"shortlet": "\x01"}, "short_let", True),
        ({"age": "Victorian "}, "age", "Victorian"),
        ({"DESCRIPTION": "One\r\ntwo"}, "summary", "One two"),
        ({"comments": "One\r\nTwo\rThree\x07"}, "description", "One\nTwo\nThree"),
        ({"strapline": " Bright "}, "strapline", "Bright"),
        ({"branch": None}, "branch", ""),
        ({"branchtel": "01632 960001"}, "branch_phone", "01632 960001"),
        ({"featured": "\x01"}, "upstream_featured", True),
        ({"geolocation": "51.539012,-0.142345"}, "latitude", 51.539),
        ({"geolocation": "-0.142345,51.539012"}, "longitude", -0.142),
        ({"geolocation": "0,0"}, "latitude", None),
        ({"geolocation": None}, "longitude", None),
    ],
)
def test_each_field_is_normalised(given_: dict[str, object], name: str, value: object) -> None:
    assert getattr(listed(**given_), name) == value


def test_what_the_contract_keeps_private_has_no_place_in_a_listing() -> None:
    private = {
        "number": "771",
        "postcode": "NW1 9ZZ",
        "thoughts": "CANARY",
        "negotiatorname": "CANARY",
        "negotiatoremail": "CANARY@agency.example",
        "negotiatormobile": "CANARY",
        "photo1binary": "CANARY",
        "rating": "CANARY",
    }
    published = msgspec.json.encode(listed(**private)).decode()

    assert not any(word in published for word in ("CANARY", "771", "9ZZ"))


def test_code_three_makes_two_offers_on_one_listing() -> None:
    made = listed(rentorbuy="3", saleprice="425000.00")

    assert made.offers == (
        Offer(channel="rent", pence=150_000),
        Offer(channel="sale", pence=42_500_000),
    )


@pytest.mark.parametrize("code", [7, "7", 0, "", None, "rent", 1.5], ids=repr)
def test_an_unknown_code_is_a_row_error_that_names_rentorbuy(code: object) -> None:
    with pytest.raises(RowError, match="unknown code") as caught:
        normalise.listing(row(rentorbuy=code))

    assert caught.value.field == "rentorbuy"


@pytest.mark.parametrize("rent", ["0.00", "0", "", None, "POA", "NaN"], ids=repr)
def test_a_letting_without_a_rent_is_not_advertised(rent: object) -> None:
    with pytest.raises(RowError) as caught:
        normalise.listing(row(rentmonth=rent, displayprice="£30,007 pcm"))

    assert caught.value.field == "rentmonth"


def test_a_home_offered_both_ways_without_a_rent_is_for_sale_only() -> None:
    made = listed(rentorbuy=3, rentmonth="0.00", saleprice=425_000)

    assert [offer.channel for offer in made.offers] == ["sale"]


@pytest.mark.parametrize(
    ("price", "text", "offer"),
    [
        ("£450,000.00", "", Offer(channel="sale", pence=45_000_000)),
        (0, "Guide £450,000", Offer(channel="sale", pence=45_000_000, derived=True)),
        (None, "POA", Offer(channel="sale", pence=0, derived=True)),
        ("", "£" + "9" * 40, Offer(channel="sale", pence=0, derived=True)),
    ],
)
def test_a_missing_sale_price_is_derived_from_the_display_text(
    price: object, text: str, offer: Offer
) -> None:
    assert listed(**SALE, saleprice=price, displayprice=text).offers == (offer,)


def test_digits_are_never_stripped_out_of_a_display_price_with_two_amounts() -> None:
    text = "£30,007 pcm (Holiday Let: £45 pd) "
    made = listed(displayprice=text, **SALE)

    assert made.display_price == text.strip()
    assert made.offers[0].pence == 3_000_700


@pytest.mark.parametrize("separator", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_bullets_are_split_on_every_line_ending(separator: str) -> None:
    bullets = separator.join(["Garden ", "", "Lift", "Garden", ""])

    assert listed(bullets=bullets).features == ("Garden", "Lift")


def test_media_keep_their_order_and_their_kind() -> None:
    made = listed(
        photo2="tour.mp4", photo3="CC.png", floorplan="p.png", epc="e.jpg", brochure="b.pdf"
    )

    assert [(item.kind, item.filename, item.position) for item in made.media] == [
        ("photo", "AAAA.jpg", 1),
        ("video", "tour.mp4", 1),
        ("photo", "CC.png", 2),
        ("floorplan", "p.png", 1),
        ("epc", "e.jpg", 1),
        ("brochure", "b.pdf", 1),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "F",
        "../../etc/passwd.jpg",
        "..\\epc.png",
        "a..b.jpg",
        ".jpg",
        "a/b.jpg",
        "a.svg",
        "a.jpg\x00x",
    ],
)
def test_unsafe_media_names_are_dropped_and_counted(name: str) -> None:
    assert listed(photo2=name).media == (MediaName(kind="photo", filename="AAAA.jpg"),)
    assert warned(photo2=name)["photo2"] == 1


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_blank_media_names_are_nothing_to_count(blank: object) -> None:
    assert listed(photo1=blank, photo2=blank).media == ()
    assert warned(photo1=blank) == {}


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("tour.example.com/1", "https://tour.example.com/1"),
        ("//tour.example.com/1", "https://tour.example.com/1"),
        ("http://tour.example.com", "http://tour.example.com"),
        ("tour.example.com:8080/1", "https://tour.example.com:8080/1"),
        ("javascript:alert(1)", ""),
        ("javascript:/alert(1).x", ""),
        ("javascript://a.example/%0aalert(1)", ""),
        ("data:text/html,<script>", ""),
        ("mailto:someone@agency.example", ""),
        ("https://user:pass@tour.example.com", ""),
        ("https://[", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_outside_addresses_are_http_or_nothing(given_: str, shown: str) -> None:
    assert listed(evt=given_).virtual_tour_url == shown
    assert listed(url=given_).external_url == shown


def test_script_in_comments_stays_plain_text() -> None:
    text = "<script>alert(1)</script> &amp; <b>bold</b>"

    assert listed(comments=text).description == text.replace("&amp;", "&")


def test_a_row_may_lack_everything_but_its_reference_code_and_rent() -> None:
    made, warnings = normalise.listing({"propref": 1, "rentorbuy": 1, "rentmonth": 900})

    assert made == Listing(
        id="1", address="", offers=(Offer(channel="rent", pence=90_000),), beds=None
    )
    assert not warnings


def test_numbers_for_strings_and_keys_in_capitals_make_the_same_listing() -> None:
    numbers = {"propref": 42, "rentmonth": 1500, "rentorbuy": 1.0, "beds": 2, "baths": 1}
    spoken = row(**numbers, receps=0, furnished=1, number=12, nonres=False, commercial=0)

    assert normalise.listing({k.upper(): v for k, v in spoken.items()})[0] == listed()


def test_trailing_spaces_change_nothing() -> None:
    padded = {key: f" {value} " for key, value in row().items() if "\x00" not in str(value)}

    assert listed(**padded) == listed()


@pytest.mark.parametrize("reference", ["", " ", None, True, "x" * 101])
def test_a_row_without_a_usable_reference_is_a_row_error(reference: object) -> None:
    with pytest.raises(RowError) as caught:
        normalise.listing(row(propref=reference))

    assert caught.value.field == "propref"


def test_a_list_that_says_the_same_again_is_the_same_and_one_that_does_not_is_read_anew() -> None:
    rows = [row(), row(propref="B2", available="soon"), row(propref="B3", rentorbuy="?")]
    reader = Reader()
    first = reader.take(rows)
    changed = [rows[0] | {"rentmonth": "1.00"}, *rows[1:], rows[1] | {"propref": "B4"}]

    assert reader.take(rows) == first
    assert reader.take(changed) == take(changed)
    assert reader.take(rows) == first


def test_what_is_kept_from_list_to_list_holds_nothing_private() -> None:
    private = row(
        number="1234567", negotiatorname="Canary Person", thoughts="A canary of the owner."
    )
    reader = Reader()
    reader.take([private])
    kept = zstandard.decompress(reader._before)

    assert str(private["displayaddress"]).split(",")[-1].strip().encode() in kept
    for canary in (b"1234567", b"Canary Person", b"canary of the owner"):
        assert canary not in kept


def test_a_bad_row_goes_to_quarantine_and_the_others_go_on() -> None:
    bad = {key.upper(): value for key, value in row(propref="7.00", rentorbuy=7).items()}
    intake = take([row(), bad, row(propref=43, STATUS="New")])

    assert [listing.id for listing in intake.listings] == ["42", "43"]
    assert [(item.id, item.field) for item in intake.quarantine] == [("7", "rentorbuy")]
    assert intake.warnings == {"status": 1}


@given(st.dictionaries(st.sampled_from([*row(), "saleprice", "evt", "photo3"]), SCALARS))
def test_no_row_makes_anything_but_a_row_error(changes: dict[str, object]) -> None:
    intake = take([row(**changes)])

    assert len(intake.listings) + len(intake.quarantine) == 1
    assert all(msgspec.msgpack.encode(listing) for listing in intake.listings)
