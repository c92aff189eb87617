"""The loops of `sync run`: the list on its interval, pictures as they are wanted, the store healed.

They share one cycle and one source connection, so a slow download delays a list by one call.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from snapshot import SnapshotError
from sync.cycle import Cycle
from sync.errors import SyncError

T = TypeVar("T")
log = logging.getLogger("sync.daemon")
HEAL_S = 2.0  # between looks at the store
HEAL_AGAIN_S = 10.0  # between tries to publish: each renders the whole site
AGAIN_S = 60.0  # after a pass that failed or was held, at the latest
PICTURES_AGAIN_S = 600.0  # looks for files whose second chance has come


@dataclass(slots=True)
class Daemon:
    cycle: Cycle
    interval_s: float
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _not_before: float = 0.0
    _said: dict[str, str] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lists(), name="lists")
            group.create_task(self._pictures(), name="pictures")
            group.create_task(self._heal(), name="heal")

    async def _lists(self) -> None:
        while True:
            report = await self._supervised(self.cycle.refresh)
            if report is not None and report.outcome in ("published", "unchanged"):
                self._wanted.set()
                await asyncio.sleep(self.interval_s)
            else:
                asked = report.retry_after_s if report is not None else 0.0
                await asyncio.sleep(max(min(self.interval_s, AGAIN_S), asked))

    async def _pictures(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PICTURES_AGAIN_S):
                    await self._wanted.wait()
            self._wanted.clear()
            await self._supervised(self.cycle.pictures)

    async def _heal(self) -> None:
        """Renew the lease; publish what the store has lost or could not take."""
        while True:
            await self._supervised(self._check)
            await asyncio.sleep(HEAL_S)

    async def _check(self) -> bool:
        press = self.cycle.press
        await press.hold_lease()
        current = await press.current()
        lost = current < press.floor
        press.floor = max(current, press.floor)  # an operator's rollback counts too
        now = asyncio.get_running_loop().time()
        if (lost or self.cycle.unpublished) and now >= self._not_before:
            self._not_before = now + HEAL_AGAIN_S
            await self.cycle.publish("the store is back")
            await self.cycle.tell()
        return True

    async def _supervised(self, step: Callable[[], Awaitable[T]]) -> T | None:
        """The one place where anything at all may go wrong and the daemon goes on."""
        try:
            done = await step()
        except (SnapshotError, SyncError) as error:
            self._say(step.__name__, f"{type(error).__name__}: {error}")
        except Exception:
            log.exception("%s failed in a way that nobody foresaw", step.__name__)
        else:
            self._said.pop(step.__name__, None)
            return done
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # lost on the way by a library
            raise asyncio.CancelledError
        return None

    def _say(self, step: str, fault: str) -> None:
        """Once for each new fault: a store that is away for an hour is one line, not thousands."""
        if self._said.get(step) != fault:
            log.warning("%s: %s", step, fault)
        self._said[step] = fault
