"""What a generation keeps of the answers it has worked out."""

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest

from edge import table
from edge.query import routes
from edge.query.parameters import ListQuery
from edge.query.routes import Generation, Made, Question, Revision
from edge.results import FORGOTTEN, RESULTS, Results
from tests.snapshot.made import generation

TABLE = table.build(*generation(1, {}, []), None)


def test_only_what_takes_more_than_a_look_up_is_kept() -> None:
    results = Results()

    assert results.of(TABLE, Revision()) is not None
    assert results.of(TABLE, ListQuery()) is not None

    assert list(results.kept) == [ListQuery()]


def test_what_nobody_has_asked_yet_is_the_first_to_go() -> None:
    """A generation is asked what the last one was: the latest question first, behind visitors' own."""
    results = Results()
    before = [ListQuery(page=page) for page in (2, 3, 4)]
    results.of(TABLE, ListQuery(page=9))

    for question in before:
        assert results.prepare(TABLE, question) is not None
    assert list(results.kept)[::-1] == [ListQuery(page=9), *before]

    results.of(TABLE, before[-1])
    results.prepare(TABLE, ListQuery(page=9))
    assert list(results.kept)[::-1] == [before[-1], ListQuery(page=9), *before[:-1]]


def test_what_visitors_have_not_asked_for_some_flips_is_not_asked_again() -> None:
    results = Results()
    pages = [ListQuery(page=page) for page in range(2, 6)]
    for page, flips in zip(pages, (3, FORGOTTEN - 1, FORGOTTEN, FORGOTTEN - 2), strict=True):
        results.prepare(TABLE, page, flips)
    results.of(TABLE, pages[0])

    assert results.asked() == {pages[0]: 1, pages[3]: FORGOTTEN - 1}
    assert list(results.asked()) == [pages[0], pages[3]]


def test_kept_results_are_bounded_in_number() -> None:
    results = Results()

    for page in range(RESULTS + 50):
        results.of(TABLE, ListQuery(page=page + 1))

    assert len(results.kept) == RESULTS
    assert ListQuery(page=2) not in results.kept
    assert ListQuery() in results.kept  # everybody asks for this one


def test_kept_results_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.results.RESULTS_BYTES", 4_000)
    results = Results()

    for page in range(100):
        results.of(TABLE, ListQuery(page=page + 1))

    kept = sum(len(s.body) for one in results.kept.values() for s in one.stored.values())
    assert 2_000 < results.size == kept <= 4_000


def test_threads_may_make_results_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.results.RESULTS", 2)
    results = Results()

    def make(start: int) -> None:
        for page in range(300):
            results.of(TABLE, ListQuery(page=start + page % 7))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, (1, 3, 5, 7)))
    assert len(results.kept) == 2


def test_a_visitor_who_meets_an_answer_just_prepared_has_asked_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was made on another thread while the visitor's own was in the making."""
    results, asked, answered = Results(), ListQuery(page=2), routes.answered

    def late(question: Question, of: Generation) -> Made | None:
        monkeypatch.setattr(routes, "answered", answered)
        results.prepare(TABLE, ListQuery(page=3))
        results.prepare(TABLE, question)
        return answered(question, of)

    monkeypatch.setattr(routes, "answered", late)
    results.of(TABLE, asked)

    assert results.asked() == {asked: 1}
    assert list(results.kept) == [ListQuery(page=3), asked]


@pytest.mark.parametrize("question", [ListQuery(), ListQuery(page=2)])
def test_an_answer_is_the_same_whether_it_was_prepared_or_asked(question: Question) -> None:
    """On any edge, or a visitor who is sent to another would have to take it again."""
    prepared, asked = Results().prepare(TABLE, question), Results().of(TABLE, question)

    assert prepared is not None
    assert prepared == asked
    stored = prepared.stored
    assert gzip.decompress(stored["gzip"].body) == stored["identity"].body
