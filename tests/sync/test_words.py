"""Ready-made words, formatted once."""

from datetime import date

import pytest

from sync.model import Offer
from sync.render import words
from tests.sync.samples import known

TODAY = date(2026, 3, 1)
RENT, SALE = Offer(channel="rent", pence=150_000), Offer(channel="sale", pence=45_000_000)


def test_money_shows_pence_only_where_there_are_any() -> None:
    assert [words.money(p) for p in (150_000, 150_050, 99, 0)] == [
        "£1,500",
        "£1,500.50",
        "£0.99",
        "£0",
    ]


def test_a_price_says_its_period_or_that_it_is_on_application() -> None:
    nothing = Offer(channel="sale", pence=0)

    assert words.price_label(RENT) == "£1,500 pcm"
    assert words.price_label(SALE) == "£450,000"
    assert words.price_label(nothing) == "Price on application"


def test_a_week_is_twelve_fifty_seconds_of_a_month() -> None:
    assert words.weekly_label(RENT) == "£346 pw"
    assert words.weekly_label(Offer(channel="rent", pence=140_833)) == "£325 pw"
    assert words.weekly_label(SALE) == ""


@pytest.mark.parametrize(
    ("beds", "kind", "title"),
    [
        (2, "Flat", "2 bed flat, Camden"),
        (0, "Flat", "Studio flat, Camden"),
        (0, "Studio", "Studio, Camden"),
        (None, "Garage", "Garage, Camden"),
    ],
)
def test_a_title_is_size_kind_and_place(beds: int | None, kind: str, title: str) -> None:
    assert words.title(known(beds=beds, type_label=kind).listing) == title


def test_a_title_never_holds_an_address() -> None:
    assert words.title(known(area="", town="").listing) == "2 bed flat, NW1"
    assert words.title(known(area="", town="", outcode="").listing) == "2 bed flat"


@pytest.mark.parametrize(
    ("free", "label"),
    [
        (None, "Available now"),
        (date(2026, 2, 1), "Available now"),
        (TODAY, "Available now"),
        (date(2026, 4, 5), "Available 5 Apr 2026"),
    ],
)
def test_a_past_date_is_now(free: date | None, label: str) -> None:
    listing = known(available_from=free).listing

    assert words.available_label(listing, RENT, TODAY) == label
    assert words.available_label(listing, SALE, TODAY) == ""


def test_a_home_under_offer_is_not_available_at_any_date() -> None:
    listing = known(status="under_offer").listing

    assert words.available_label(listing, RENT, TODAY) == ""
    assert words.status_label(listing, RENT, TODAY) == "Under offer"


def test_counts_are_singular_plural_or_nothing() -> None:
    assert [words.counted(n, "bed") for n in (1, 2, None)] == ["1 bed", "2 beds", ""]
    assert words.beds_label(known(beds=0).listing) == "Studio"
