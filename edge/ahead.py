"""Answers that are worked out before a visitor asks: what was asked of the generation before, and what is
asked most; and the words of homes, which the lists that nobody has asked yet show. Nobody waits for them, so
one that cannot be worked out is said and left out.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
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
# Times the CPU that questions took, after what visitors asked of the generation before and after what they
# asked of older ones: flips may come every second, and visitors with them.
RESTS, LEISURE = 1, 20
TURN_S = 0.002  # of CPU
LONGEST_REST_S = 0.2  # for a flip is looked for after it
T = TypeVar("T")


async def most_asked(table: Table, results: Results) -> dict[str, Answer]:
    """By address. One at a time, for visitors ask meanwhile."""
    questions = [*((path, ListQuery()) for path in LISTS), *usual.questions()]
    found = {at: await apart(partial(results.prepare, table, one)) for at, one in questions}
    return {at: answer for at, answer in found.items() if answer is not None}


async def ask_again(asked: asyncio.Queue[Asked], current: Callable[[], View]) -> None:
    """For ever, with each flip: the words of new details, and then what comes into `asked`, the latest first; what
    is left of a flip before, after.

    `current`: what is shown now.
    """
    left: Asked = {}
    while True:
        left = await _latest(asked, left)
        view = current()
        shown = partial(_is_shown, view, current)
        if view.table is not None:
            await _read_on(view.table, shown)
        while shown() and left and view.table is not None and not view.results.full:
            rests = RESTS if next(iter(left.values())) <= 1 else LEISURE
            tried: list[Question] = []
            cpu_s = await apart(partial(_prepare, view.table, view.results, left, tried))
            await _rest(rests, cpu_s)
            for question in tried if shown() else ():  # else these, too, are asked of the next
                del left[question]


def _is_shown(view: View, current: Callable[[], View]) -> bool:
    return current().results is view.results


async def _rest(times: int, cpu_s: float | None) -> None:
    await asyncio.sleep(min(times * (cpu_s or 0.0), LONGEST_REST_S))


async def _read_on(table: Table, shown: Callable[[], bool]) -> None:
    texts = table.read_on()
    while shown() and (cpu_s := await apart(partial(_turn, texts))):
        await _rest(RESTS, cpu_s)


def _turn(steps: Iterator[object]) -> float:
    """The next of them, for as long as it pays to change threads; the CPU seconds it took, 0 after the last."""
    began = time.thread_time()
    for _ in steps:
        if (spent := time.thread_time() - began) > TURN_S:
            return spent
    return 0.0


async def _latest(asked: asyncio.Queue[Asked], left: Asked) -> Asked:
    """Of all flips since one looked, the newest first; what was left before is a flip older by each."""
    latest = [await asked.get()]
    while not asked.empty():
        latest.append(asked.get_nowait())
    for new in latest:
        older = {one: flips + 1 for one, flips in left.items() if flips + 1 < FORGOTTEN}
        left = new | {one: flips for one, flips in older.items() if one not in new}
    return left


def _prepare(table: Table, results: Results, left: Asked, tried: list[Question]) -> float:
    """The first of them, for as long as it pays to change threads; the CPU seconds it took.

    What was `tried` is told also when the last of it fails.
    """
    began, spent = time.thread_time(), 0.0
    for question, flips in left.items():
        tried.append(question)
        results.prepare(table, question, flips)
        spent = time.thread_time() - began
        if spent > TURN_S or results.full:
            break
    return spent


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
