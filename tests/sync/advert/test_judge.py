"""Verdicts: which offers stay, what is missing, and how nation and day change both."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.advert.judge import NO_RENT, Verdict, judge
from sync.advert.rules import Nation, rules_for
from sync.advert.site import Refused, advertised
from sync.model import Known, Listing, Offer, PricePoint
from tests.sync.samples import NOON, known

TODAY = date(2026, 11, 22)
IN_FORCE = date(2026, 5, 1)
RENT = Offer(channel="rent", pence=150_000)
SALE = Offer(channel="sale", pence=42_500_000)


def verdict(nation: Nation = "england", today: date = TODAY, **fields: Any) -> Verdict:
    return judge(known(**fields).listing, rules_for(nation), today)


def missing(nation: Nation = "england", **fields: Any) -> set[str]:
    found = verdict(nation, **fields).findings
    return {finding.code for finding in found if finding.kind == "missing"}


def test_a_letting_without_a_rent_is_refused_everywhere_and_always() -> None:
    free = Offer(channel="rent", pence=0)
    for nation in ("england", "scotland", "wales", "northern_ireland", "unknown"):
        made = verdict(nation, date(2000, 1, 1), offers=(free,), residential=False)

        assert (made.publish, made.offers) == (False, ())
        assert [reason.code for reason in made.reasons] == [NO_RENT]


def test_a_refused_letting_keeps_its_sale() -> None:
    made = verdict(offers=(RENT, SALE), display_price="£425,000 or rent on application")

    assert (made.publish, made.offers) == (True, (SALE,))
    assert [reason.code for reason in made.reasons] == ["rent_on_application"]
    assert verdict(offers=(RENT, SALE)).offers == (RENT, SALE)


@pytest.mark.parametrize(
    ("nation", "day", "publish", "reported"),
    [
        ("england", IN_FORCE - timedelta(days=1), True, False),
        ("england", IN_FORCE, False, False),
        ("scotland", IN_FORCE, True, True),
        ("wales", IN_FORCE, True, True),
        ("northern_ireland", IN_FORCE, True, True),
        ("unknown", IN_FORCE, False, False),
    ],
)
def test_a_range_is_refused_where_and_when_the_law_does(
    nation: Nation, day: date, publish: bool, reported: bool
) -> None:
    made = verdict(nation, day, display_price="£1,200 - £1,500 pcm")

    assert made.publish is publish
    assert ("rent_range" in {it.code for it in made.findings}) is reported


@pytest.mark.parametrize(
    ("nation", "first"),
    [
        ("england", date(2026, 5, 1)),
        ("scotland", date(2026, 5, 1)),
        ("wales", date(2026, 6, 1)),
        ("northern_ireland", None),
        ("unknown", date(2026, 5, 1)),
    ],
)
def test_turning_families_away_is_reported_from_the_day_the_law_holds(
    nation: Nation, first: date | None
) -> None:
    days = [date(2026, 4, 30) + timedelta(days=n) for n in range(40)]
    caught = [
        day
        for day in days
        if "children" in {it.code for it in verdict(nation, day, strapline="No children").findings}
    ]

    assert (caught[0] if caught else None) == first
    assert verdict(nation, strapline="No children").publish


@pytest.mark.parametrize(
    ("nation", "lacks"),
    [
        ("england", {"epc_rating", "deposit", "council_tax_band"}),
        ("wales", {"epc_rating", "deposit", "council_tax_band"}),
        ("scotland", {"epc_rating", "deposit", "council_tax_band", "landlord_registration"}),
        ("northern_ireland", {"epc_rating", "deposit", "rates"}),
        (
            "unknown",
            {"epc_rating", "deposit", "council_tax_band", "landlord_registration", "rates"},
        ),
    ],
)
def test_a_bare_letting_lacks_what_its_nation_asks_for(nation: Nation, lacks: set[str]) -> None:
    assert missing(nation) == lacks


def test_a_bare_sale_lacks_its_tenure_and_a_leasehold_the_terms_of_its_lease() -> None:
    assert missing(offers=(SALE,)) == {"epc_rating", "council_tax_band", "tenure"}
    assert missing(offers=(SALE,), tenure="freehold") == {"epc_rating", "council_tax_band"}
    leasehold = missing(offers=(SALE,), tenure="leasehold")
    assert leasehold == {"epc_rating", "council_tax_band", "lease_length", "service_charge"}


def test_a_shop_lacks_only_what_every_building_needs() -> None:
    assert missing(residential=False) == {"epc_rating"}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("epc_rating", "Energy rating C"),
        ("epc_rating", "EPC rating: D"),
        ("epc_rating", "EPC: B"),
        ("epc_rating", "EPC exempt"),
        ("council_tax_band", "Council Tax Band E"),
        ("council_tax_band", "Council tax: D"),
        ("council_tax_band", "Council tax included"),
        ("deposit", "Deposit: £1,730.76"),
        ("deposit", "A deposit of five weeks' rent"),
        ("deposit", "5 weeks' rent deposit"),
        ("deposit", "£1,500 security deposit"),
        ("deposit", "No deposit option"),
    ],
)
def test_a_fact_may_be_stated_in_any_text(code: str, text: str) -> None:
    assert code not in missing(features=(text,))
    assert code not in missing(description=f"Bright.\n{text}.\nCalm.")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("epc_rating", "EPC available on request"),
        ("epc_rating", "Energy rating to follow"),
        ("council_tax_band", "Council tax payable by the tenant"),
        ("council_tax_band", "Council tax a year ahead"),
        ("epc_rating", "An EPC a surveyor drew up"),
        ("deposit", "The deposit is protected."),
        ("deposit", "Safe deposit boxes in the lobby; two lifts."),
    ],
)
def test_a_fact_that_is_only_mentioned_is_not_stated(code: str, text: str) -> None:
    assert code in missing(description=text)


def test_a_field_states_its_fact() -> None:
    assert "council_tax_band" not in missing(council_tax_band="C")
    assert "landlord_registration" not in missing("scotland", summary="Reg. 123456/230/12345")


def test_the_gate_shows_what_may_be_shown_and_says_what_was_refused() -> None:
    both = known("2", offers=(RENT, SALE), display_price="£425,000 or POA")
    prices = (
        PricePoint(channel="rent", since=NOON, pence=1),
        PricePoint(channel="sale", since=NOON, pence=2),
    )
    both = msgspec.structs.replace(both, prices=prices)
    let, refused = known("1"), known("3", display_price="Offers over £1,500 pcm")
    shown, told = advertised([let, both, refused], TODAY)

    assert shown[0] is let
    assert [it.listing.id for it in shown] == ["1", "2"]
    assert (shown[1].listing.offers, shown[1].prices) == ((SALE,), prices[1:])
    assert told == (
        Refused(
            id="2", code="rent_on_application", reason="the rent is not stated: POA", sale=True
        ),
        Refused(
            id="3",
            code="rent_offers",
            reason="offers are invited on the rent: Offers over £1,500 pcm",
            sale=False,
        ),
    )


def test_where_the_nation_is_not_known_the_strictest_rule_holds() -> None:
    def at(outcode: str) -> list[Known]:
        return advertised([known(outcode=outcode, display_price="POA")], TODAY)[0]

    assert at("EH3") != []
    assert at("CF10") != []
    assert at("NW1") == at("TD15") == at("") == []


TEXTS = st.text(max_size=80) | st.sampled_from(
    ["£" * 50, "£1,2" * 40, "no no no DSS", "deposit " * 30, "9" * 80, "P.O.A. " * 9]
)


@given(
    TEXTS, TEXTS, st.lists(TEXTS, max_size=3), st.sets(st.sampled_from([RENT, SALE]), min_size=1)
)
def test_a_verdict_is_given_on_any_text(
    price: str, text: str, features: list[str], offers: set[Offer]
) -> None:
    listing: Listing = known(
        display_price=price, description=text, features=tuple(features), offers=tuple(offers)
    ).listing
    made = judge(listing, rules_for("unknown"), TODAY)

    assert {*made.offers} <= offers
    assert made.publish is bool(made.offers)
    assert all(it.source and it.says for it in (*made.reasons, *made.findings))
    assert all(it.kind == "refusal" for it in made.reasons)
