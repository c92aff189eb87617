"""Over a whole simulated portfolio, and over what its agents typed: nothing is caught that is not there."""

from datetime import date

import pytest

from bench.rentman.portfolio import generate
from bench.rentman.wire import row
from sync.advert.site import advertised
from sync.lint import Line, lines_of
from sync.model import Known
from sync.rentman.normalise import take
from tests.sync.samples import NOON

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def portfolio() -> list[Known]:
    listings = take([row(7, home) for home in generate(7, 150, TODAY)]).listings
    return [Known(listing=each, first_seen=NOON, changed_at=NOON) for each in listings]


@pytest.fixture(scope="module")
def lines(portfolio: list[Known]) -> list[Line]:
    return lines_of(portfolio, TODAY)


def test_no_honest_letting_is_refused(portfolio: list[Known]) -> None:
    shown, refused = advertised(portfolio, TODAY)

    assert refused == ()
    assert shown == portfolio


def test_the_only_words_that_are_caught_are_those_that_are_there(lines: list[Line]) -> None:
    caught = [it for line in lines for it in line.findings if it.kind == "wording"]

    assert {(it.code, it.quote) for it in caught} == {("pets", "No pets")}


def test_what_is_missing_is_missing(portfolio: list[Known], lines: list[Line]) -> None:
    missing = {
        (line.nation, it.code) for line in lines for it in line.findings if it.kind == "missing"
    }

    assert missing == {
        ("england", "deposit"),
        ("scotland", "deposit"),
        ("scotland", "landlord_registration"),
        ("wales", "deposit"),
    }
    assert len(lines) == len(portfolio) > 140
