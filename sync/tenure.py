"""Whether this process is the writer: its lease is renewed by a task of its own, so that nothing
else it does, however long it takes, can lose the lease.

A lease that could not be renewed in its time may be another's: whoever works under it is told to
stop. What is published nonetheless is refused by the fencing token.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import structlog

from snapshot import LeaseLostError, SnapshotError, StoreUnavailableError
from sync.publish import Press

T = TypeVar("T")
log = structlog.stdlib.get_logger("sync.daemon")
RENEW_S = 2.0  # between two renewals, at the most
SHARE = 3  # renewals in the time of a lease, at the least


@dataclass(slots=True)
class Tenure:
    """Begins without the lease. `writing` is set while it is ours, `idle` while it is not."""

    press: Press
    writing: asyncio.Event = field(default_factory=asyncio.Event)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    terms: int = 0  # times that the lease was taken
    _until: float = 0.0  # of the loop's clock: from then on it may be another's
    _stood_by: bool = False

    def __post_init__(self) -> None:
        self.idle.set()

    @property
    def pause_s(self) -> float:
        return min(RENEW_S, self.press.lease_s / SHARE)

    async def renew(self) -> bool:
        """Whether the lease is ours now; `StoreUnavailableError` when that cannot be told."""
        self.expire()  # we may have been asleep, and another may have come and gone
        lease_s, began = self.press.lease_s, asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(lease_s / SHARE):  # a store that hangs is one that is away
                await self.press.hold_lease()
        except LeaseLostError:
            self._stand_by()
            return False
        except TimeoutError as error:
            raise StoreUnavailableError("the lease could not be renewed in time") from error
        self._until = began + lease_s  # the store counts from later on: we give up first
        if not self.writing.is_set():
            self.terms += 1
            log.info("lease_taken", owner=self.press.owner)
        self.writing.set()
        self.idle.clear()
        return True

    def expire(self) -> None:
        """Stand by when the lease may have ended."""
        if self.writing.is_set() and asyncio.get_running_loop().time() >= self._until:
            self._stand_by()

    def _stand_by(self) -> None:
        if self.writing.is_set() or not self._stood_by:
            log.warning("standing_by", owner=self.press.owner)
        self._stood_by = True
        self.writing.clear()
        self.idle.set()


async def as_writer(press: Press, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What `work` returns, done with the lease held, which is let go of at the end.

    `LeaseLostError` when another is the writer, or may have become it meanwhile: `work` has ended
    by then.
    """
    await press.hold_lease()
    working, keeping = asyncio.create_task(work()), asyncio.create_task(_keep(Tenure(press)))
    try:
        await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else keeping.result()
    finally:
        working.cancel()
        keeping.cancel()
        await asyncio.wait({working, keeping})
        with contextlib.suppress(SnapshotError):
            await press.release()


async def _keep(tenure: Tenure) -> NoReturn:
    await tenure.renew()
    while True:
        await asyncio.sleep(tenure.pause_s)
        with contextlib.suppress(StoreUnavailableError):
            await tenure.renew()
        tenure.expire()
        if tenure.idle.is_set():
            raise LeaseLostError("another may be the writer by now; nothing more is published")
