"""The loops of `sync run`: the lease renewed, the list on its interval, pictures as they are wanted,
the store healed, and a watch over the four.

They share one cycle and one source connection, so a slow download delays a list by one call. They
work while this daemon is the writer, and stop amid their work when it may not be any more; another
one on the same store waits until the lease ends.
"""

import asyncio
import contextlib
import math
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from snapshot import SnapshotError
from sync.cycle import Cycle
from sync.errors import SyncError
from sync.journal import Journal
from sync.memory import give_back
from sync.metrics import Metrics
from sync.notify import Notifier
from sync.progress import Progress
from sync.report import GOOD, Report
from sync.state.database import CHECKED
from sync.tenure import Tenure

T = TypeVar("T")
log = structlog.stdlib.get_logger("sync.daemon")
HEAL_S = 2.0  # between looks at the store
HEAL_AGAIN_S = 10.0  # between tries to publish: each renders the whole site
AGAIN_S = 60.0  # after a pass that failed; twice as long after each further one
PICTURES_AGAIN_S = 600.0  # looks for files whose second chance has come
WATCH_S = 5.0  # between looks at the loops when nobody watches us
JITTER = 0.1  # of a wait, so that many installations do not call at the same second
Word = tuple[str, str]  # an operator's: the pin, the list that is let in
LISTS, PICTURES, STORE, LEASE = LOOPS = ("lists", "pictures", "store", "lease")


def jittered(seconds: float) -> float:
    return seconds * random.SystemRandom().uniform(1 - JITTER, 1 + JITTER)


@dataclass(slots=True)
class Daemon:
    cycle: Cycle
    interval_s: float
    metrics: Metrics = field(default_factory=Metrics)
    progress: Progress = field(default_factory=Progress)
    notifier: Notifier = field(default_factory=Notifier)
    stall_s: float = 300.0
    vary: Callable[[float], float] = jittered
    tenure: Tenure = field(init=False)
    _journal: Journal = field(init=False)
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _listed: asyncio.Event = field(default_factory=asyncio.Event)  # a list was taken in this term
    _not_before: float = 0.0
    _troubles: int = 0  # passes in a row that failed
    _ready: bool = False
    _said: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tenure = Tenure(self.cycle.press)
        self._journal = Journal(self.metrics)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lead(), name=LEASE)
            group.create_task(self._lists(), name=LISTS)
            group.create_task(self._pictures(), name=PICTURES)
            group.create_task(self._heal(), name=STORE)
            group.create_task(self._watch(), name="watch")

    async def _lists(self) -> None:
        await self._supervised(self._look_at_site)
        while True:
            await self.tenure.writing.wait()
            word = await self._supervised(self._word)
            with self.progress.busy(LISTS):
                report = await self._while_writing(self._supervised(self._refresh))
                await self._supervised(self._look_at_site)
                await asyncio.to_thread(give_back)
            await self._while_writing(self._rest(report, word))

    async def _rest(self, report: Report | None, word: Word | None) -> None:
        """Until the next pass: the interval, or after a failure a wait that grows up to it.

        `word`: what operators had said before the pass; more from them ends a hold's wait.
        """
        if report is not None and report.outcome in GOOD:
            self._troubles = 0
            await asyncio.sleep(self.vary(self.interval_s))
            return
        if report is not None and report.outcome == "held":  # two lists agree at an interval
            await self._until_said_more(word, self.vary(self.interval_s))
        else:
            wait = min(self.interval_s, AGAIN_S * 2.0 ** min(self._troubles, 20))
            self._troubles += 1
            asked = report.retry_after_s if report is not None else 0.0
            await asyncio.sleep(max(self.vary(wait), asked))

    async def _until_said_more(self, word: Word | None, seconds: float) -> None:
        for _ in range(math.ceil(seconds / HEAL_S)):
            await asyncio.sleep(min(HEAL_S, seconds))
            if await self._supervised(self._word) not in (None, word):
                return

    async def _word(self) -> Word:
        """What operators have said; a hold that waits for them is the daemon's own."""
        pinned = await self.cycle.press.publisher.pinned()
        holds = await asyncio.to_thread(self.cycle.state.open_holds)
        decided = (hold for hold in holds if hold.decision != "pending")
        return pinned, ",".join(f"{hold.id} {hold.decision}" for hold in decided)

    async def _refresh(self) -> Report:
        report = await self.cycle.refresh()
        if report.taken:
            self._listed.set()
            self._wanted.set()
        if report.error:
            self.metrics.faults.labels("refresh", report.error).inc()
        self._journal.tell(report, self.cycle.clock())
        self.notifier.status(f"{report.outcome} {report.reason}".strip())
        return report

    async def _look_at_site(self) -> None:
        state = self.cycle.state
        known = await asyncio.to_thread(state.visible)
        checked = await asyncio.to_thread(state.note, CHECKED)
        self._journal.tell_of_site(known, float(checked or 0))
        self.metrics.pinned.set(bool(await self.cycle.press.publisher.pinned()))

    def data_age(self) -> float:
        """Seconds since the source's list was last taken in; endless when it never was."""
        good = self._journal.last_good
        return self.cycle.clock() - good if good else math.inf

    async def _pictures(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PICTURES_AGAIN_S):
                    await self._wanted.wait()
            self._wanted.clear()
            await self._listed.wait()
            await self.tenure.writing.wait()
            with self.progress.busy(PICTURES):
                await self._while_writing(self._supervised(self._files))
                await asyncio.to_thread(give_back)

    async def _files(self) -> None:
        began = asyncio.get_running_loop().time()
        if asked := await self.cycle.pictures():
            took = round(asyncio.get_running_loop().time() - began, 3)
            log.info("pictures", files=asked, seconds=took)

    async def _lead(self) -> None:
        """Renew the lease, whatever the other loops are at; stand by once it may be another's."""
        while True:
            with self.progress.busy(LEASE):
                await self._supervised(self._renew)
            self.tenure.expire()
            self.metrics.lease.set(self.tenure.writing.is_set())
            await asyncio.sleep(self.tenure.pause_s)

    async def _renew(self) -> None:
        terms = self.tenure.terms
        ours = await self.tenure.renew()
        if self.tenure.terms != terms:
            self._listed.clear()
            self.cycle.unpublished = False
        self._look_was_good(
            "the store and the database are there"
            if ours
            else "standing by: another daemon is the writer"
        )

    async def _heal(self) -> None:
        """Publish what the store has lost or could not take."""
        while True:
            await self.tenure.writing.wait()
            with self.progress.busy(STORE):
                await self._while_writing(self._supervised(self._check))
            await asyncio.sleep(HEAL_S)

    async def _check(self) -> None:
        press = self.cycle.press
        current = await press.current()
        self.metrics.generation.set(current)
        lost = current < press.floor
        press.floor = max(current, press.floor)  # an operator's rollback counts too
        now = asyncio.get_running_loop().time()
        ours = self._listed.is_set() or not current  # else what the last writer left is newer
        if (lost or self.cycle.unpublished) and ours and now >= self._not_before:
            if await press.publisher.pinned():
                return
            self._not_before = now + HEAL_AGAIN_S
            await self.cycle.publish("the store is back")
            await self.cycle.tell()

    def _look_was_good(self, status: str) -> None:
        if not self._ready:
            self.notifier.ready()
            self.notifier.status(status)
        self._ready = True

    async def _watch(self) -> None:
        """Ping the watchdog while every loop at work gets on; a blocked event loop pings nothing."""
        while True:
            if stuck := self.progress.stuck(self.stall_s):
                self._say("watch", f"no step for {self.stall_s:g} s: {', '.join(stuck)}")
                self.notifier.status(self._said["watch"])
            else:
                self._said.pop("watch", None)
                self.notifier.ping()
            await asyncio.sleep(self.notifier.watchdog_s / 3 or WATCH_S)

    async def _while_writing(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do it, and give it up as soon as another may be the writer."""
        task = asyncio.create_task(work)
        idle = asyncio.create_task(self.tenure.idle.wait())
        try:
            await asyncio.wait({task, idle}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.cancel()
            task.cancel()
            await asyncio.wait({task, idle})
        return None if task.cancelled() else task.result()

    async def _supervised(self, step: Callable[[], Awaitable[T]]) -> T | None:
        """The one place where anything at all may go wrong and the daemon goes on."""
        name = step.__name__.lstrip("_")
        try:
            done = await step()
        except (SnapshotError, SyncError) as error:
            self._failed(name, error)
            self._say(name, f"{type(error).__name__}: {error}")
        except Exception as error:
            self._failed(name, error)
            log.exception("unforeseen", step=name)
        else:
            self._said.pop(name, None)
            return done
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # lost on the way by a library
            raise asyncio.CancelledError
        return None

    def _failed(self, step: str, error: Exception) -> None:
        self.metrics.faults.labels(step, type(error).__name__).inc()

    def _say(self, step: str, fault: str) -> None:
        """Once for each new fault: a store that is away for an hour is one line, not thousands."""
        if self._said.get(step) != fault:
            log.warning("fault", step=step, reason=fault)
        self._said[step] = fault
