"""One slug function for every URL."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.slug import SLUG_MAX, slug


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 bed flat, Camden", "2-bed-flat-camden"),
        ("King's Cross", "kings-cross"),
        ("Château d'Été", "chateau-dete"),
        ("  --A__B--  ", "a-b"),
        ("../../etc", "etc"),
        ("日本", ""),
    ],
)
def test_a_slug_is_lower_case_ascii_words_joined_by_hyphens(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_a_long_slug_is_cut_at_a_word() -> None:
    assert slug("one two three", 10) == "one-two"
    assert slug("extraordinary", 8) == "extraord"


@given(st.text(max_size=200))
def test_every_slug_is_safe_short_and_stable(text: str) -> None:
    made = slug(text)

    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", made)
    assert len(made) <= SLUG_MAX
    assert slug(made) == made
