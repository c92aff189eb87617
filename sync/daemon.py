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
AGAIN_S = 60.0  # after a pass that failed or was held, at the latest
PICTURES_AGAIN_S = 600.0  # looks for files whose second chance has come


@dataclass(slots=True)
class Daemon:
    cycle: Cycle
    interval_s: float
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _said: str = ""

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
                await asyncio.sleep(min(self.interval_s, AGAIN_S))

    async def _pictures(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PICTURES_AGAIN_S):
                    await self._wanted.wait()
            self._wanted.clear()
            await self._supervised(self.cycle.pictures)

    async def _heal(self) -> None:
        """Renew the lease; publish again when the store has lost or aged the pointer."""
        while True:
            await self._supervised(self._check)
            await asyncio.sleep(HEAL_S)

    async def _check(self) -> bool:
        press = self.cycle.press
        await press.hold_lease()
        if await press.current() < press.floor:
            await self.cycle.publish("the store lost the pointer")
            await self.cycle.tell()
        return True

    async def _supervised(self, step: Callable[[], Awaitable[T]]) -> T | None:
        """The one place where anything at all may go wrong and the daemon goes on."""
        try:
            return await step()
        except (SnapshotError, SyncError) as error:
            self._say(f"{step.__name__}: {type(error).__name__}: {error}")
        except Exception:
            log.exception("%s failed in a way that nobody foresaw", step.__name__)
        return None

    def _say(self, fault: str) -> None:
        """Once for each new fault: a store that is away for an hour is one line, not thousands."""
        if fault != self._said:
            log.warning(fault)
        self._said = fault
