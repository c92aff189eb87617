"""What is worked out before anybody asks: the latest first, within bounds, and without harm."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from unittest.mock import Mock

import pytest

from edge import ahead, results, table
from edge.query import routes
from edge.query.parameters import ListQuery
from edge.query.routes import Question
from edge.reply import View
from edge.results import FORGOTTEN, Asked, Results
from tests.snapshot.made import entry, generation, row

TABLE = table.build(*generation(1, {}, [row()]), None)


def asked(*pages: int) -> list[Question]:
    return [ListQuery(page=page) for page in pages]


async def worked_out(view: View, flips: Sequence[list[Question] | Asked]) -> list[Question]:
    """What is kept after these flips, in the order in which it was made.

    What no number says was asked so long ago that the flip after the next forgets it.
    """
    queue: asyncio.Queue[Asked] = asyncio.Queue()
    for flip in flips:
        queue.put_nowait(flip if isinstance(flip, dict) else dict.fromkeys(flip, FORGOTTEN - 2))
    task = asyncio.create_task(ahead.ask_again(queue, lambda: view))
    done = -1
    while done < len(view.results.kept):
        done = len(view.results.kept)
        await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return list(reversed(view.results.kept))


async def test_the_latest_flip_comes_first_and_each_question_once() -> None:
    view = View(table=TABLE)

    assert await worked_out(view, [asked(2, 3), asked(4, 2)]) == asked(4, 2, 3)
    assert view.results.asked() == dict.fromkeys(asked(4, 2), FORGOTTEN - 1)


async def test_what_was_asked_of_the_generation_before_comes_at_once_and_the_rest_at_leisure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "TURN_S", 0.0)  # one at a time
    monkeypatch.setattr(ahead, "LEISURE", 10**6)
    view = View(table=TABLE)

    recent, older = dict.fromkeys(asked(2, 3), 1), dict.fromkeys(asked(4, 5), 2)
    assert await worked_out(view, [recent | older]) == asked(2, 3, 4)


async def test_what_is_left_of_many_flips_is_forgotten() -> None:
    view = View(table=TABLE)

    assert await worked_out(view, [asked(2), asked(3), asked(4)]) == asked(4, 3)


@pytest.mark.parametrize(("limit", "value"), [("RESULTS", 3), ("RESULTS_BYTES", 2_000)])
async def test_nothing_that_a_visitor_asked_makes_room_for_it(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    """And when there is no more room, nothing more is worked out."""
    monkeypatch.setattr(results, limit, value)
    made = Mock(wraps=routes.answered)
    monkeypatch.setattr(routes, "answered", made)
    view = View(table=TABLE)
    view.results.of(TABLE, ListQuery(page=9))

    kept = await worked_out(view, [asked(*range(2, 9))])
    assert kept == asked(9, 2, 3)[: len(kept)]
    assert 2 <= len(kept) <= 3
    assert made.call_count == len(kept) + 1


async def test_one_that_fails_is_said_and_the_others_are_made(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answered = routes.answered

    def some(question: Question, generation: Any) -> Any:
        if getattr(question, "beds_min", None) == 3 or question == ListQuery(page=3):
            raise ZeroDivisionError("of a home that is odd")
        return answered(question, generation)

    monkeypatch.setattr(routes, "answered", some)
    view = View(table=TABLE)
    with caplog.at_level(logging.ERROR, "edge.ahead"):
        assert await worked_out(view, [asked(2, 3, 4)]) == asked(2, 4)
        found = await ahead.most_asked(TABLE, Results())

    assert "of a home that is odd" in caplog.text
    assert len(found) == 2 + 40
    assert not [at for at in found if "beds_min=3" in at]


async def test_the_words_of_homes_are_read_in_turns_before_anybody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "TURN_S", 0.0)
    pages = {f"/api/properties/{n}": entry(b'{"summary": "Airy %d"}' % n) for n in range(5)}
    view = View(table=table.build(*generation(1, pages), None))

    await worked_out(view, [asked(2)])
    assert view.table is not None
    assert sorted(view.table.texts.values()) == [f"Airy {n}" for n in range(5)]


async def test_what_is_no_longer_shown_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "TURN_S", 0.0)
    pages = {f"/api/properties/{n}": entry(b'{"summary": "Airy %d"}' % n) for n in range(5)}
    made = table.build(*generation(1, pages), None)
    shown = iter([View(table=made), View(table=made)])

    queue: asyncio.Queue[Asked] = asyncio.Queue()
    queue.put_nowait({})
    task = asyncio.create_task(ahead.ask_again(queue, lambda: next(shown)))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert made.texts == {}
