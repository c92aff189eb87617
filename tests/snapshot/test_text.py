"""Words and their terms."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snapshot.text import TERM_MAX, asked, fold, outward, spans, terms


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

    assert set(asked(text, 20, 100)) == terms(text)
    assert [text[a:b] for a, b in spans(text, {"street", "road"})] == ["St", "Road"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("flat nw1 2ab", ["flat", "nw1"]),
        ("SW1A1AA", ["sw1a"]),
        ("m11ae house", ["m1", "house"]),
        ("nw1 flat nw1", ["nw1", "flat"]),
        ("NW1-2AB", ["nw1"]),
        ("nw1 2", ["nw1"]),
        ("flat NW1 2a,", ["flat", "nw1"]),
        ("nw1 the 2", ["nw1"]),
        ("nw1 2 bed", ["nw1", "2", "bed"]),
        ("E1 2nd floor", ["e1", "2nd", "floor"]),
        ("e1 2nd", ["e1"]),
    ],
)
def test_of_a_postcode_only_the_outcode_is_asked_for(typed: str, found: list[str]) -> None:
    assert asked(typed, 20, 100) == found


@given(st.text())
@example("A¼AA")  # no postcode as it is written, but one as a term
def test_terms_are_short_and_folded_once(text: str) -> None:
    for term in terms(text):
        assert 0 < len(term) <= TERM_MAX
        assert asked(term, 1, TERM_MAX) in ([outward(term)], []) or not term.isascii()


@given(
    st.text() | st.lists(st.sampled_from(["nw1", "2", "2ab", "the", "st", "two"])).map(" ".join)
)
def test_what_was_asked_is_asked_again_in_the_same_words(text: str) -> None:
    found = asked(text, 8, 100)

    assert len(found) <= 8
    assert len(" ".join(found)) <= 100
    assert asked(" ".join(found), 8, 100) == found
