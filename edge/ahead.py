"""Answers that are worked out before a visitor asks: what was asked of the generation before, and what is
asked most. Nobody waits for them, so one that cannot be worked out is said and left out.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from edge.query import usual
from edge.query.parameters import ListQuery
from edge.query.reading import InvalidParameterError
from edge.query.routes import LISTS, Question
from edge.reply import RESULTS, Results, View
from edge.table import Answer, Table

log = logging.getLogger("edge.ahead")
RESTS = (
    1  # times the CPU that a question took: flips may come every second, and visitors with them
)
T = TypeVar("T")


async def most_asked(table: Table, results: Results) -> dict[str, Answer]:
    """By address. One at a time, for visitors ask meanwhile."""
    questions = [*((path, ListQuery()) for path in LISTS), *usual.questions()]
    found = {at: await _apart(partial(results.prepare, table, one)) for at, one in questions}
    return {at: answer for at, answer in found.items() if answer is not None}


async def ask_again(asked: asyncio.Queue[list[Question]], current: Callable[[], View]) -> None:
    """For ever: what comes into `asked` with each flip, the latest first; what is left of a flip before, after.

    `current`: what is shown now.
    """
    left: list[Question] = []
    while True:
        left = list(dict.fromkeys([*await _latest(asked), *left]))[:RESULTS]
        view = current()
        while left and view.table is not None and view.results.takes_more:
            took = await _apart(partial(_cpu_s_of, view.table, view.results, left[0])) or 0.0
            await asyncio.sleep(RESTS * took)
            if current().results is not view.results:
                break  # this one, too, is asked of the next
            del left[0]


async def _latest(asked: asyncio.Queue[list[Question]]) -> list[Question]:
    """Of all flips since one looked."""
    found = await asked.get()
    while not asked.empty():
        found = [*asked.get_nowait(), *found]
    return found


def _cpu_s_of(table: Table, results: Results, question: Question) -> float:
    began = time.thread_time()
    results.prepare(table, question)
    return time.thread_time() - began


async def _apart(work: Callable[[], T]) -> T | None:
    """Done on another thread; None when it fails, whatever the reason: an edge does not end by it."""
    task = asyncio.create_task(asyncio.to_thread(work))
    await asyncio.wait({task})
    error = task.exception()
    if error is None:
        return task.result()
    if not isinstance(error, InvalidParameterError):  # a cursor of another list
        log.error("an answer cannot be worked out", exc_info=error)
    return None
