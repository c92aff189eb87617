"""The rules as data: whole, dated, sourced, told in the documentation, and each nation's own."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from sync.advert.rules import Fact, Nation, Wording, book, nation_of, rules_for
from sync.model import Listing

DOCUMENT = (Path(__file__).parents[3] / "docs" / "adverts.md").read_text()
NATIONS: list[Nation] = [each for each in get_args(Nation) if each != "unknown"]
ITEMS: list[Wording | Fact] = [*book().wording, *book().fact]


def test_each_code_is_asked_for_by_a_law_and_each_law_asks_for_what_is_there() -> None:
    codes = [item.code for item in ITEMS]

    assert len(codes) == len(set(codes))
    assert {code for law in book().law for code in law.codes} == {*codes}


def test_each_law_is_of_a_nation_and_names_its_source() -> None:
    assert {nation for law in book().law for nation in law.nations} == {*NATIONS}
    for law in book().law:
        assert law.source
        assert law.link.startswith("https://www.legislation.gov.uk/")
        assert law.since <= book().taken


def test_each_pattern_is_one_and_each_field_is_a_listing_s() -> None:
    for item in ITEMS:
        assert item.patterns
        assert all(re.compile(pattern) for pattern in item.patterns)
    for fact in book().fact:
        assert {*fact.fields} <= {*Listing.__struct_fields__}


def test_refusals_are_of_prices_alone() -> None:
    wordings = {item.code: item for item in book().wording}
    refused = {code for law in book().law if law.effect == "refuse" for code in law.codes}

    assert {wordings[code].where for code in refused} == {"price"}


def test_the_document_tells_each_code_each_source_and_the_day_they_were_read() -> None:
    for item in ITEMS:
        assert f"`{item.code}`" in DOCUMENT, item.code
    for law in book().law:
        assert law.link in DOCUMENT, law.link
    assert book().taken.isoformat() in DOCUMENT


@pytest.mark.parametrize(
    ("outcode", "nation"),
    [
        ("NW1", "england"),
        ("E1", "england"),
        ("EC1A", "england"),
        ("EH3", "scotland"),
        ("G12", "scotland"),
        ("GL1", "england"),
        ("ZE1", "scotland"),
        ("CF10", "wales"),
        ("CH2", "england"),
        ("CH7", "wales"),
        ("SY1", "england"),
        ("SY23", "wales"),
        ("BT1", "northern_ireland"),
        ("TD15", "unknown"),
        ("LL13", "unknown"),
        ("JE2", "unknown"),
        ("IM1", "unknown"),
        ("XX1", "unknown"),
        ("", "unknown"),
        ("12", "unknown"),
    ],
)
def test_an_outcode_is_in_a_nation_or_in_none_that_is_known(outcode: str, nation: Nation) -> None:
    assert nation_of(outcode) == nation


def test_no_place_is_in_two_nations() -> None:
    for table in (book().areas, book().districts):
        names = [name for each in table.values() for name in each]
        assert len(names) == len(set(names))


def test_every_postcode_area_of_the_kingdom_is_in_the_table() -> None:
    assert sum(len(names) for names in book().areas.values()) == 121


def test_the_unknown_nation_has_each_rule_in_its_strictest_form() -> None:
    strictest = rules_for("unknown")
    for nation in NATIONS:
        rules = rules_for(nation)
        for code in rules.laws:
            for day in (date(2026, 4, 30), date(2026, 5, 31), book().taken):
                law, held = rules.law(code, day), strictest.law(code, day)
                assert law is None or (held is not None and held.effect in ("refuse", law.effect))


def test_a_rule_is_not_in_force_before_its_day() -> None:
    rules = rules_for("wales")

    assert rules.law("children", date(2026, 5, 31)) is None
    assert rules.law("children", date(2026, 6, 1)) is not None
