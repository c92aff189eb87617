"""Fetch what the listings name and the ledger lacks; first photos first, one at a time, politely.

A broken file is noted with its reason and asked for again much later; it never stops the others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from sync.errors import UpstreamError
from sync.media.base64text import decode
from sync.media.errors import MediaFailedError, MediaRejectedError
from sync.media.studio import Studio
from sync.model import Known, MediaName, Medium
from sync.rentman import privacy
from sync.rentman.client import Rentman
from sync.state.database import State

log = logging.getLogger("sync.gallery")
SOURCE_MAX = 40 * 1024 * 1024  # bytes of one decoded file
ABSENT_RETRY_S, REJECTED_RETRY_S = 3600, 86_400  # contract F13; F14
# Where the other kinds stand among the photos: a plan sells better than a fourth photo.
RANK = {"floorplan": 2.5, "epc": 3.5, "brochure": 4.5}
ABSENT = "absent"


def wanted(listings: Iterable[Known], ledger: dict[str, Medium], now: float) -> list[MediaName]:
    """What to fetch, in order: every home's first photo before any home's second."""
    names: dict[str, tuple[float, int, MediaName]] = {}
    for order, known in enumerate(listings):
        for name in known.listing.media:
            if name.kind != "video" and _is_due(ledger.get(name.filename), now):
                rank = RANK.get(name.kind, float(name.position))
                names.setdefault(name.filename, (rank, order, name))
    return [name for _, _, name in sorted(names.values(), key=lambda entry: entry[:2])]


def _is_due(medium: Medium | None, now: float) -> bool:
    if medium is None:
        return True
    if not medium.reason:
        return False
    again = ABSENT_RETRY_S if medium.reason == ABSENT else REJECTED_RETRY_S
    return now - medium.checked_at >= again


@dataclass(slots=True)
class Gallery:
    source: Rentman
    studio: Studio
    state: State
    clock: Callable[[], float]
    in_flight: int = 4  # files between the source and the disk

    async def collect(
        self, names: Iterable[MediaName], arrived: Callable[[], Awaitable[None]]
    ) -> int:
        """Fetch and prepare `names`; `arrived` is awaited after each; how many were asked for.

        Raises `UpstreamError` when the source stops answering; what was begun is finished first.
        """
        slots = asyncio.Semaphore(self.in_flight)
        asked = 0
        failure: UpstreamError | None = None
        async with asyncio.TaskGroup() as group:
            for name in names:
                await slots.acquire()
                try:
                    record = await self.source.media(name.filename)
                except UpstreamError as error:
                    failure = error
                    break
                asked += 1
                group.create_task(self._prepare(name, record, slots, arrived))
        if failure is not None:
            raise failure
        return asked

    async def _prepare(
        self,
        name: MediaName,
        record: dict[str, object] | None,
        slots: asyncio.Semaphore,
        arrived: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            medium = await self._made(name, record)
        except MediaFailedError as error:  # nothing known against the file: ask again next time
            log.warning("%s not prepared: %s", name.filename, error.reason)
        else:
            await asyncio.to_thread(self.state.keep_medium, medium)
        finally:
            slots.release()
        await arrived()

    async def _made(self, name: MediaName, record: dict[str, object] | None) -> Medium:
        now = int(self.clock())
        if record is None:
            return Medium(filename=name.filename, reason=ABSENT, checked_at=now)
        values = {key.lower(): value for key, value in record.items()}
        caption = privacy.text(" ".join(str(values.get("caption") or "").split()), "", "")
        try:
            data = await asyncio.to_thread(decode, values.get("base64data"), max_bytes=SOURCE_MAX)
            if name.kind == "brochure":
                kept = await self.studio.document(data)
                return Medium(filename=name.filename, document=kept.key, checked_at=now)
            purpose = "photo" if name.kind not in ("floorplan", "epc") else name.kind
            picture = await self.studio.picture(data, purpose)
        except MediaRejectedError as error:
            log.warning("%s is in quarantine: %s", name.filename, error.reason)
            return Medium(filename=name.filename, reason=error.reason, checked_at=now)
        return Medium(filename=name.filename, caption=caption, picture=picture, checked_at=now)
