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
from edge.reply import View
from edge.results import FORGOTTEN, Asked, Results
from edge.table import Answer, Table

log = logging.getLogger("edge.ahead")
# Times the CPU that a question took: flips may come every second, and visitors with them.
RESTS = 1
T = TypeVar("T")


async def most_asked(table: Table, results: Results) -> dict[str, Answer]:
    """By address. One at a time, for visitors ask meanwhile."""
    questions = [*((path, ListQuery()) for path in LISTS), *usual.questions()]
    found = {at: await apart(partial(results.prepare, table, one)) for at, one in questions}
    return {at: answer for at, answer in found.items() if answer is not None}


async def ask_again(asked: asyncio.Queue[Asked], current: Callable[[], View]) -> None:
    """For ever: what comes into `asked` with each flip, the latest first; what is left of a flip before, after.

    `current`: what is shown now.
    """
    left: Asked = {}
    while True:
        left = await _latest(asked, left)
        view = current()
        while left and view.table is not None and not view.results.full:
            question, flips = next(iter(left.items()))
            work = partial(_cpu_s_of, view.table, view.results, question, flips)
            await asyncio.sleep(RESTS * (await apart(work) or 0.0))
            if current().results is not view.results:
                break  # this one, too, is asked of the next
            del left[question]


async def _latest(asked: asyncio.Queue[Asked], left: Asked) -> Asked:
    """Of all flips since one looked, the newest first; what was left before is a flip older by each."""
    latest = [await asked.get()]
    while not asked.empty():
        latest.append(asked.get_nowait())
    for new in latest:
        older = {one: flips + 1 for one, flips in left.items() if flips + 1 < FORGOTTEN}
        left = new | {one: flips for one, flips in older.items() if one not in new}
    return left


def _cpu_s_of(table: Table, results: Results, question: Question, flips: int) -> float:
    began = time.thread_time()
    results.prepare(table, question, flips)
    return time.thread_time() - began


async def apart(work: Callable[[], T]) -> T | None:
    """Done on another thread; None when it fails, whatever the reason: an edge does not end by it."""
    task = asyncio.create_task(asyncio.to_thread(work))
    await asyncio.wait({task})
    error = task.exception()
    if error is None:
        return task.result()
    if not isinstance(error, InvalidParameterError):  # a cursor of another list
        log.error("an answer cannot be worked out", exc_info=error)
    return None
