"""Words and their terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshot.text import TERM_MAX, asked, fold, spans, terms


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("Café", "cafe"),
        ("JOHN’S", "john"),
        ("gardens", "garden"),
        ("gdns", "garden"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("St", "street"),
        ("Saint", "street"),
        ("two", "2"),
        ("Bedrooms", "bed"),
        ("the", ""),
        ("withs", ""),
        ("日本", "日本"),
    ],
)
def test_a_word_has_one_canonical_form(word: str, term: str) -> None:
    assert fold(word) == term


def test_what_stands_in_a_text_is_what_is_asked_for() -> None:
    text = "Two bedroom flat on St John's Road, near the park."

    assert set(asked(text)) == terms(text)
    assert [text[a:b] for a, b in spans(text, {"street", "road"})] == ["St", "Road"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("flat nw1 2ab", ["flat", "nw1"]),
        ("SW1A1AA", ["sw1a"]),
        ("m11ae house", ["m1", "house"]),
        ("nw1 flat nw1", ["nw1", "flat"]),
    ],
)
def test_of_a_postcode_only_the_outcode_is_asked_for(typed: str, found: list[str]) -> None:
    assert asked(typed) == found


@given(st.text())
def test_terms_are_short_and_folded_once(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= TERM_MAX
        assert asked(term) in ([term], []) or not term.isascii()
