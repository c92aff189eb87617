"""What is caught, and what only looks like it: sentences both ways, code by code."""

from datetime import date
from typing import Any

import pytest

from sync.advert.judge import judge
from sync.advert.rules import rules_for
from sync.model import Listing, Offer
from tests.sync.samples import known

TODAY = date(2026, 11, 22)
RENT = Offer(channel="rent", pence=150_000)
SALE = Offer(channel="sale", pence=42_500_000)


def codes(listing: Listing) -> set[str]:
    """What the words of an advert in England are caught for."""
    verdict = judge(listing, rules_for("england"), TODAY)
    found = (*verdict.reasons, *verdict.findings)
    return {finding.code for finding in found if finding.kind != "missing"}


def said(text: str, *offers: Offer) -> set[str]:
    return codes(known(description=text, offers=offers or (RENT,)).listing)


def priced(text: str, *offers: Offer) -> set[str]:
    return codes(known(display_price=text, offers=offers or (RENT,)).listing)


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ("POA", "rent_on_application"),
        ("P.O.A.", "rent_on_application"),
        ("Price on application", "rent_on_application"),
        ("Rent upon request", "rent_on_application"),
        ("Rent TBC", "rent_on_application"),
        ("£1,500 pcm, to be agreed", "rent_on_application"),
        ("Call for price", "rent_on_application"),
        ("£1,200 - £1,500 pcm", "rent_range"),
        ("£1,200–1,500 pcm", "rent_range"),
        ("£1,200 to £1,500", "rent_range"),
        ("£1,200 or £1,300 pcm", "rent_range"),
        ("£300 pw - £350 pw", "rent_range"),
        ("between £1,200 and £1,500", "rent_range"),
        ("From £1,200 pcm", "rent_range"),
        ("from only £950 pcm", "rent_range"),
        ("Up to £1,500", "rent_range"),
        ("£1,500+ pcm", "rent_range"),
        ("£1,500 pcm and above", "rent_range"),
        ("Offers over £1,500 pcm", "rent_offers"),
        ("Offers in excess of £1,500", "rent_offers"),
        ("£1,500 OIRO", "rent_offers"),
        ("OIEO £1,500", "rent_offers"),
        ("£1,500 o.n.o.", "rent_offers"),
        ("Guide £1,500 pcm", "rent_offers"),
        ("£1,500 pcm (negotiable)", "rent_offers"),
    ],
)
def test_a_price_that_is_no_single_rent_is_caught(price: str, code: str) -> None:
    assert code in priced(price)


@pytest.mark.parametrize(
    "price",
    [
        "",
        "£1,500 pcm",
        "£1,500.50 per month",
        "£1,500 pcm (£346 pw)",
        "£1,500 pcm / £346 pw",
        "£1,500 pcm - £346 pw",
        "£30,007 pcm (Holiday Let: £45 pd)",
        "£1,500 pcm plus bills",
        "£1,500 pcm + council tax",
        "£1,500 pcm, no offers",
        "£1,500 pcm - 2 bedrooms",
        "£1,500 pcm from 1 March",
        "£1,500 pcm Under Offer",
        "£1,500 pcm including bills",
        "£1,500 pcm, deposit £1,730",
    ],
)
def test_one_stated_rent_is_left_alone(price: str) -> None:
    assert priced(price) == set()


@pytest.mark.parametrize(
    ("price", "caught"),
    [
        ("Guide price £425,000 or £1,500 pcm", set()),
        ("Offers over £425,000 / £1,500 pcm", set()),
        ("POA", {"rent_on_application"}),
        ("£425,000 or POA", {"rent_on_application"}),
        ("£425,000 or offers over £1,500 pcm", {"rent_offers"}),
        ("Price on application", set()),
    ],
)
def test_what_a_home_sells_for_may_be_a_guide_while_its_rent_may_not(
    price: str, caught: set[str]
) -> None:
    assert priced(price, RENT, SALE) == caught


def test_a_sale_is_not_held_to_the_rules_of_lettings() -> None:
    assert priced("Offers over £400,000", SALE) == set()
    assert said("No DSS, professionals only, no children, no pets.", SALE) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Offers over £1,500 pcm.", "rent_bidding"),
        ("Best offers by Friday noon.", "rent_bidding"),
        ("Best and final offers are due.", "rent_bidding"),
        ("Sealed bids only.", "rent_bidding"),
        ("The rent is negotiable.", "rent_bidding"),
        ("Rents from £900 a month.", "rent_bidding"),
        ("Offers are invited above the asking rent.", "rent_bidding"),
        ("Sorry, no DSS.", "benefits"),
        ("NO D.S.S. PLEASE", "benefits"),
        ("No pets or DSS", "benefits"),
        ("No pets/DSS", "benefits"),
        ("No housing benefit", "benefits"),
        ("No Universal Credit.", "benefits"),
        ("DSS not accepted", "benefits"),
        ("Housing benefit tenants will not be considered.", "benefits"),
        ("Not suitable for people on benefits.", "benefits"),
        ("We do not accept applicants in receipt of housing benefit.", "benefits"),
        ("Working tenants only", "benefits"),
        ("Applicants must be in full-time employment.", "benefits"),
        ("No children", "children"),
        ("No pets, no children", "children"),
        ("No pets or children.", "children"),
        ("Sorry no families", "children"),
        ("Children are not permitted.", "children"),
        ("Not suitable for children", "children"),
        ("This flat is unsuitable for pets or children.", "children"),
        ("Adults only", "children"),
        ("Couples only", "children"),
        ("Strictly single person", "children"),
        ("Child-free building", "children"),
        ("Professionals only", "professionals_only"),
        ("Professional couple only.", "professionals_only"),
        ("Available to professional tenants only", "professionals_only"),
        ("Only suitable for working professionals", "professionals_only"),
        ("Strictly professionals", "professionals_only"),
        ("No pets", "pets"),
        ("No smokers or pets", "pets"),
        ("Pets are not allowed.", "pets"),
        ("Six months rent in advance", "rent_in_advance"),
        ("6 months’ rent up front is required.", "rent_in_advance"),
    ],
)
def test_a_text_that_turns_people_away_is_caught(text: str, code: str) -> None:
    assert code in said(text)
    assert code in said(f"A bright home. {text}\nClose to the park.")


@pytest.mark.parametrize(
    "text",
    [
        "The flat offers over 700 sq ft of space.",
        "Offers in excess of 1,000 sq ft.",
        "Garages nearby to rent from £90 a month.",
        "Council tax from £1,200 a year.",
        "The rent is not negotiable.",
        "We do not invite offers above the rent: no bids, please.",
        "What the area offers over the seasons is plain.",
        "No children's play area nearby.",
        "No childrens nursery within a mile.",
        "There are no children’s facilities in the block.",
        "No child seats can be stored in the hall.",
        "Children and families welcome.",
        "Ideal for families, couples or sharers.",
        "Close to schools and a family-friendly park.",
        "The steep stairs are not suitable for young children.",
        "The roof terrace is unsuitable for small children without supervision.",
        "The residents' gym is for adults only.",
        "Adults only swimming pool on the ground floor.",
        "A child-free zone in the lounge.",
        "Professionally cleaned; professional photography only of common parts.",
        "Ideal for professionals.",
        "Suitable for not only professionals but anyone.",
        "Professional management only a call away.",
        "DSS welcome.",
        "Housing benefit considered.",
        "No benefit of hindsight is needed.",
        "The home benefits from gas central heating.",
        "Benefits include no onward chain.",
        "No fees, with the benefit of parking.",
        "Universal Credit accepted.",
        "Working fireplace in the only reception.",
        "Applicants must be able to show that the rent is affordable.",
        "Pets considered.",
        "No pet fee.",
        "Dogs and cats are welcome.",
        "No cathedral view is better.",
        "One month's rent in advance.",
        "We never ask for six months in advance.",
        "Fully refurbished six months ago, with advance notice of viewings.",
        "No dssasters here.",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert said(text) == set()


@pytest.mark.parametrize("place", ["strapline", "summary", "description", "features"])
def test_every_text_a_visitor_reads_is_read(place: str) -> None:
    texts: dict[str, Any] = {place: ("Lift", "No DSS") if place == "features" else "No DSS"}
    listing = known(**texts).listing
    (found,) = [
        it for it in judge(listing, rules_for("england"), TODAY).findings if it.code == "benefits"
    ]

    assert (found.field, found.quote, found.kind) == (place, "No DSS", "wording")
    assert found.source.startswith("Renters' Rights Act 2025")


def test_what_is_no_dwelling_may_be_let_as_its_owner_likes() -> None:
    shop = known(residential=False, display_price="POA", description="No DSS.").listing

    assert codes(shop) == set()
