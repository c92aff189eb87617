"""One property to one listing: where the XML says it in its own way."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import RowError
from sync.model import Offer
from sync.rentmanxml import codes
from sync.rentmanxml.codes import FEATURES, NAMES
from sync.rentmanxml.document import Property
from tests.sync.rentmanxml.made import LETTING, SALE, listed, warned


def bullets(*said: str) -> str:
    return f"<Bulletpoints>{''.join(f'<Bulletpoint>{it}</Bulletpoint>' for it in said)}</Bulletpoints>"


@pytest.mark.parametrize(
    ("given_", "name", "value"),
    [
        ({"Refnumber": "1.00"}, "id", "1"),
        ({"Furnished": "1"}, "furnishing", ""),
        ({"Furnished": "2"}, "furnishing", "furnished"),
        ({"Furnished": "3.00"}, "furnishing", "unfurnished"),
        ({"Furnished": "4"}, "furnishing", "part_furnished"),
        ({"Furnished": "5"}, "furnishing", "either"),
        ({"Furnished": "9"}, "furnishing", ""),
        ({"Available": "28/02/2026"}, "available_from", date(2026, 2, 28)),
        ({"Available": "1/3/2026"}, "available_from", date(2026, 3, 1)),
        ({"Available": "31/02/2026"}, "available_from", None),
        ({"Available": "2026-03-01"}, "available_from", date(2026, 3, 1)),
        ({"Floor": "LGF"}, "floor", "LGF"),
        ({"Gloc": "51.539012,-0.142345"}, "latitude", 51.539),
        ({"Tube": "Camden Town"}, "station", "Camden Town"),
        ({"Type_Commercial": "True"}, "residential", False),
        ({"Type": "Garage"}, "residential", False),
        ({"Shortlet": "True"}, "short_let", True),
        ({"Featured": "False"}, "upstream_featured", False),
        ({"Status_LetByUs": "True"}, "status", "off_market"),
        ({"Status_SoldByUs": "True"}, "status", "sold"),
        ({"Status_LetByUs": "False"}, "status", "available"),
        ({**SALE, "Saleprice_Ownership": "Freehold"}, "tenure", "freehold"),
        ({**SALE, "Saleprice_Ownership": "Leasehold"}, "tenure", "leasehold"),
        ({**SALE, "Saleprice_Ownership": "ShareFreehold"}, "tenure", "share_of_freehold"),
        ({"Postcode": "NW1 2AB"}, "outcode", "NW1"),
        ({"Area": "CAMDEN"}, "address", "High Street, Camden, London"),
        ({"Area": "London"}, "address", "High Street, London"),
        ({"Area": None}, "address", "High Street, London"),
        ({"Street": "12 High Street"}, "address", "High Street, Camden, London"),
    ],
)
def test_each_element_is_normalised(
    given_: dict[str, str | None], name: str, value: object
) -> None:
    assert getattr(listed(**given_), name) == value


@pytest.mark.parametrize(
    ("rent", "period", "pence"),
    [
        ("1500.00", "Month", 150_000),
        ("300", "Week", 130_000),
        ("325.00", "week", 140_833),
        ("305", "Week", 132_167),
    ],
)
def test_a_rent_is_kept_by_the_month_in_whole_pence(rent: str, period: str, pence: int) -> None:
    assert listed(Rent=rent, Rent_Period=period).offers == (Offer(channel="rent", pence=pence),)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Rent": "0.00"}, "Rent"),
        ({"Rent": None}, "Rent"),
        ({"Rent_Qualifier": "2"}, "Rent"),
        ({"Rent_Period": "Year"}, "Rent@Period"),
        ({"Rent_Period": None}, "Rent@Period"),
        ({"Rentorbuy": "7"}, "Rentorbuy"),
        ({"Refnumber": " "}, "Refnumber"),
    ],
    ids=repr,
)
def test_a_home_that_cannot_be_advertised_is_refused_by_the_name_of_the_element(
    changes: dict[str, str | None], field: str
) -> None:
    with pytest.raises(RowError) as caught:
        listed(**changes)

    assert caught.value.field == field


def test_one_exporter_calls_the_rent_a_price() -> None:
    assert listed(Rent=None, Price="300", Price_Per="Week").offers[0].pence == 130_000
    assert listed(**SALE | {"Saleprice": None}, Price="9000").offers[0].pence == 900_000


@pytest.mark.parametrize(
    ("changes", "pence", "words"),
    [
        ({}, (42_500_000,), "£425,000"),
        ({"Saleprice_Qualifier": "3"}, (42_500_000,), "Guide price £425,000"),
        ({"Saleprice_Qualifier": "2"}, (0,), "Price on application"),
        ({"Saleprice": "0"}, (0,), ""),
        ({"Rentorbuy": "3"}, (150_000, 42_500_000), "£425,000 or £1,500 pcm"),
        (
            {"Rentorbuy": "3", "Saleprice_Qualifier": "2"},
            (150_000, 0),
            "Price on application or 1,500 pcm",
        ),
        ({"Rentorbuy": "3", "Saleprice": ""}, (150_000, 0), "1,500 pcm"),
        (
            {"Rentorbuy": "3", "Rent_Qualifier": "2"},
            (42_500_000,),
            "£425,000 or Price on application",
        ),
    ],
    ids=repr,
)
def test_a_sale_says_its_price_as_its_qualifier_asks(
    changes: dict[str, str | None], pence: tuple[int, ...], words: str
) -> None:
    made = listed(**SALE | changes)

    assert tuple(offer.pence for offer in made.offers) == pence
    assert made.display_price == words


def test_true_facts_are_features_unless_a_bullet_speaks_of_them() -> None:
    inside = bullets("Communal gardens", "No parking", "Pets by arrangement")
    made = listed(inside, Garden="True", Parking="True", Petsallowed="True", Balcony="True")

    assert made.features == ("Communal gardens", "No parking", "Pets by arrangement", "Balcony")


def test_false_facts_say_nothing() -> None:
    assert listed(**dict.fromkeys(map(str.title, FEATURES), "False")).features == ()


def test_whether_benefits_are_taken_is_never_read() -> None:
    assert listed(Dssallowed="True") == listed(Dssallowed="False") == listed()
    assert "dssallowed" not in {*NAMES, *FEATURES}


def test_rooms_follow_the_description() -> None:
    inside = (
        "<Rooms><Room><Title>Hall</Title><Description>Long.</Description></Room>"
        "<Room><Title/><Description>Light.</Description></Room></Rooms>"
    )

    assert listed(inside).description == "One.\nTwo.\n\nHall: Long.\n\nLight."


def test_media_keep_their_order_and_unsafe_names_are_dropped_and_counted() -> None:
    names = ["A.jpg", "../../etc/passwd.jpg", "tour.mp4", *(f"P{n}.jpg" for n in range(12))]
    media = f"<Media>{''.join(f'<Item>{name}</Item>' for name in names)}</Media>"
    made = listed(media, Floorplan="http://plans.example/1.jpg", Epc="E.png", Brochure="F")

    photos = [(it.filename, it.position) for it in made.media if it.kind == "photo"]
    assert photos == [("A.jpg", 1), *((f"P{n}.jpg", n + 2) for n in range(12))]
    assert [it.filename for it in made.media if it.kind != "photo"] == ["tour.mp4", "E.png"]
    assert warned(media, Floorplan="http://plans.example/1.jpg", Brochure="F") == {
        "Photo2": 1,
        "Floorplan": 1,
        "Brochure": 1,
    }


def test_unknown_codes_are_counted_by_the_name_of_the_element() -> None:
    counted = warned(Furnished="9", Status="New", Petsallowed="perhaps", Available="99/99/2026")

    assert counted == {"Furnished": 1, "Status": 1, "Petsallowed": 1, "Available": 1}


PRIVATE = {
    "Number": "771b",
    "Postcode": "NW1 9ZZ",
    "Thoughts": "The owner is abroad until the spring of next year.",
    "Negotiatorname": "Casper Quillfeather",
    "Negotiatoremail": "casper.q@agency.example",
    "Negotiatormobile": "07700 900123",
    "Condition": "Dreadful",
}


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "Strapline",
                "Comments",
                "Description",
                "Area",
                "Url",
                "Branch",
                "Floor",
                "Age",
                "Type",
            ]
        ),
        st.sampled_from(list(PRIVATE.values())[1:6]) | st.just("771b High Street"),
    ),
    st.sampled_from(["{}", "See {}!", "({})", "a {} b"]),
)
def test_no_private_value_is_in_any_listing(said: dict[str, str], frame: str) -> None:
    texts = {name: frame.format(text) for name, text in said.items()}
    inside = bullets(*texts.values())
    shown = msgspec.json.encode(listed(inside, **PRIVATE | texts)).decode()

    for secret in (
        "771b",
        "9ZZ",
        "owner is abroad",
        "Quillfeather",
        "casper",
        "900123",
        "Dreadful",
    ):
        assert secret not in shown


@given(
    st.dictionaries(
        st.sampled_from(
            [key.lower() for key in LETTING] + [*NAMES, *FEATURES, "price", "price@per"]
        ),
        st.text(max_size=60) | st.sampled_from(["True", "1e9", "9" * 40, "NaN", "-1", "2.00"]),
    ),
    st.lists(st.text(max_size=30), max_size=3),
)
def test_no_property_makes_anything_but_a_row_error(
    values: dict[str, str], texts: list[str]
) -> None:
    given_ = {key.lower(): text for key, text in LETTING.items()} | values
    rooms = tuple((text, text) for text in texts)
    found = Property(values=given_, bullets=tuple(texts), rooms=rooms, photos=rooms)
    try:
        made, _ = codes.listing(found)
    except RowError:
        return
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=type(made)) == made
