"""Words to homes: forms, endings, misspellings, ranking, highlights; and nothing hostile costs much."""

import itertools
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.query.highlight import Marks, pieces
from edge.query.reading import InvalidParameterError
from edge.query.vocabulary import Vocabulary
from snapshot import Index
from snapshot.index import pack
from snapshot.text import spans
from tests.edge.homes import SHOWN, asked, generation, ids, published
from tests.sync.samples import known


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("Belsize", {"cut", "later"}),
        ("belsize park", {"cut", "later"}),
        ("st johns gdns", {"cut", "later"}),
        ("Saint John’s Gardens", {"cut", "later"}),
        ("NW3", {"cut", "later"}),
        ("nw3 1aa", {"cut", "later"}),
        ("nw", {"cut", "later", "new", "pets", "about", "house"}),
        ("bels", {"cut", "later"}),
        ("belzise", {"cut", "later"}),
        ("kitchen heath", {"about"}),
        ("kitchne", {"about"}),
        ("four bedroom house", {"house"}),
        ("house for sale", {"house"}),
        ("pet", {"pets", "new"}),
        ("nw4", set()),
        ("camden -rent", {"new", "pets", "about"}),
        ("xyzzy", set()),
        ("nw3 2", {"cut", "later"}),
        ("NW3 2B", {"cut", "later"}),
        ("nw32", {"cut", "later"}),
        ("NW3-2AB", {"cut", "later"}),
        ("\uff2e\uff37\uff13 2ab", {"cut", "later"}),
        ("nw3 2 bed", {"cut", "later"}),
    ],
)
def test_words_find_homes(q: str, found: set[str]) -> None:
    assert set(ids(q=q)) >= found
    if q not in ("camden -rent", "pet"):
        assert set(ids(q=q)) == found


def test_a_place_counts_more_than_a_feature_and_a_feature_more_than_prose() -> None:
    homes = [
        known("prose", description="Near a garden."),
        known("feature", features=("Garden",)),
        known("place", street="Garden Road", address="Garden Road"),
        known("both", street="Garden Road", address="Garden Road", features=("Garden",)),
    ]
    shown = generation(published(homes))

    assert ids(shown, q="garden")[2:] == ["feature", "prose"]
    assert set(ids(shown, q="garden")[:2]) == {"place", "both"}


def test_a_whole_word_counts_more_than_its_beginning_and_ties_are_newest_first() -> None:
    homes = [
        known("begun", seen=3, description="Gardening is nearby."),
        known("old", seen=1, description="A garden."),
        known("young", seen=2, description="The garden."),
    ]

    assert ids(generation(published(homes)), q="garden") == ["young", "old", "begun"]


def test_a_misspelling_is_looked_for_only_where_nothing_is_spelt_so() -> None:
    homes = [known("a", description="A study."), known("b", description="A sturdy door.")]
    shown = generation(published(homes))

    assert ids(shown, q="study") == ["a"]
    assert ids(shown, q="studu") == ["a"]
    assert ids(shown, q="sturdu") == ["b"]


@pytest.mark.parametrize(
    ("word", "typed", "found"),
    [
        ("kensington", "kensingotn", True),
        ("kensington", "kengsinton", True),
        ("kensington", "kensxxxton", False),
        ("heath", "heeth", True),
        ("heath", "hxxth", False),
        ("bow", "bxw", False),
    ],
)
def test_long_words_bear_two_wrong_letters_short_ones_fewer(
    word: str, typed: str, found: bool
) -> None:
    words = {"place": {word: pack([0], 1)}}
    vocabulary = Vocabulary.of(Index(count=1, values={}, numbers={}, words=words))

    assert bool(vocabulary.search([typed]).rows) is found


@pytest.mark.parametrize("q", ["the", "of, the!", "'", "\x00"])
def test_words_that_say_nothing_are_no_question(q: str) -> None:
    assert asked(q=q) == asked() == asked(path="/api/properties/search", q=q)


def test_an_address_for_words_needs_words() -> None:
    for query in ({}, {"q": ""}):
        with pytest.raises(InvalidParameterError, match="say what"):
            asked(path="/api/properties/search", **query)


def test_a_beginning_stands_for_every_word_that_begins_so() -> None:
    homes = [known(f"{n}", description=f"sa{n:03}x") for n in range(300)]

    assert asked(generation(published(homes)), q="sa")["total"] == 300


def test_filters_and_words_are_joined_by_and() -> None:
    assert ids(q="camden", features="pets") == ["pets"]
    assert asked(q="xyzzy", channel="rent")["relax"][0]["parameters"] == ["q"]


def test_what_was_found_is_highlighted_in_pieces() -> None:
    found = asked(q="kitchens camden")["highlights"][0]

    assert found["id"] == "about"
    assert {"text": "Camden", "match": True} in found["title"]
    assert "".join(one["text"] for one in found["text"]) == (
        "A bright kitchen near the heath. Quiet."
    )
    assert {"text": "kitchen", "match": True} in found["text"]
    assert asked()["highlights"] == []


def test_markup_in_an_advert_stays_text() -> None:
    homes = [known("x", description="<script>alert(1)</script> kitchen")]
    found = asked(generation(published(homes)), q="kitchen")["highlights"][0]["text"]

    assert found[0] == {"text": "<script>alert(1)</script> ", "match": False}


def test_a_long_text_is_cut_between_words_around_the_first_match() -> None:
    homes = [known("x", description="word " * 100 + "kitchen " + "tail " * 100)]
    text = asked(generation(published(homes)), q="kitchen")["highlights"][0]["text"]
    whole = "".join(one["text"] for one in text)

    assert whole.startswith("… word")
    assert whole.endswith("tail …")
    assert "kitchen" in whole
    assert len(whole) < 200


@given(st.text(), st.sets(st.text(string.ascii_lowercase, min_size=1), max_size=4))
def test_pieces_joined_are_the_same_text(text: str, terms: set[str]) -> None:
    assert "".join(piece.text for piece in pieces(text, Marks(terms))) == text


said = st.sampled_from(
    ["garden", "Garden,", "(gardens)", "flat/garden", "café", "of", "\u2009", "\n"]
)


@given(st.lists(said | st.text(max_size=6), max_size=90).map(" ".join))
def test_marks_are_where_the_words_are(text: str) -> None:
    marks = Marks({"garden", "cafe"})

    for _ in range(2):  # when they are new, and when they are known
        cut = pieces(text, marks)
        ends = list(itertools.accumulate((len(piece.text) for piece in cut), initial=0))
        found = [
            where
            for where, piece in zip(itertools.pairwise(ends), cut, strict=True)
            if piece.match
        ]
        assert found == list(spans(text, {"garden", "cafe"}))
        assert marks.first(text) == (found[0][0] if found else 0)


@given(
    st.lists(st.text("abc1", min_size=1, max_size=4), max_size=12),
    st.text("abc1", min_size=1, max_size=3),
)
def test_a_beginning_finds_the_rows_of_every_word_that_begins_so(
    texts: list[str], typed: str
) -> None:
    count = len(texts)
    words = {
        field: {
            word: pack([n for n, one in enumerate(texts) if one == word], count) for word in texts
        }
        for field in ("place", "text")
    }
    vocabulary = Vocabulary.of(Index(count=count, values={}, numbers={}, words=words))

    whole = typed[-1].isdigit() and typed in texts
    wanted = [one == typed if whole else one.startswith(typed) for one in texts]
    if any(wanted):
        found = vocabulary.search([typed]).rows
        assert [bool(found >> row & 1) for row in range(count)] == wanted


hostile = st.text(max_size=100) | st.lists(
    st.sampled_from(
        ["'", '"', "*", "NEAR(", ") OR 1=1", "--", "flat", "AND", "NOT", "\x00", "ﷺ", "İ"]
    )
).map(lambda parts: " ".join(parts)[:100])


@given(hostile)
def test_no_words_do_harm(q: str) -> None:
    if q:
        assert asked(q=q)["total"] <= len(SHOWN.finder.rows)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=9))
def test_scores_are_sums_however_they_are_kept(texts: list[list[str]]) -> None:
    """Against the plain sum over words, row by row."""
    count = len(texts)
    words = {
        field: {
            word: pack([n for n, text in enumerate(texts) if word in text[at : at + 2]], count)
            for word in "abc"
        }
        for field, at in (("place", 0), ("text", 2))
    }
    vocabulary = Vocabulary.of(Index(count=count, values={}, numbers={}, words=words))

    def plain(text: list[str], word: str) -> int:
        return 8 if word in text[:2] else 2 if word in text[2:] else 0

    wanted: dict[int, int] = {}
    for number, text in enumerate(texts):
        if all(plain(text, word) for word in "ab"):
            wanted[number] = sum(plain(text, word) for word in "ab")

    hits = vocabulary.search(["a", "b"])
    scored: dict[int, Any] = {
        row: score
        for score, rows in hits.best_first(hits.rows)
        for row in wanted
        if rows >> row & 1
    }
    assert hits.rows == sum(1 << number for number in wanted)
    assert scored == wanted
