"""Fetch what the listings name and the ledger lacks; first photos first, one at a time, politely.

A broken file is noted with its reason and asked for again much later; it never stops the others.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sync.errors import UpstreamError, UpstreamRejectedError
from sync.media.base64text import decode
from sync.media.errors import MediaFailedError, MediaRejectedError
from sync.media.studio import MAX_BYTES, Studio
from sync.metrics import Metrics
from sync.model import Known, MediaName, Medium
from sync.progress import Progress
from sync.rentman import privacy
from sync.rentman.client import Rentman
from sync.state.database import State

log = logging.getLogger("sync.gallery")
ABSENT_RETRY_S, REJECTED_RETRY_S = 3600, 86_400  # F13; F14
# Where the other kinds stand among the photos: a plan sells better than a fourth photo.
RANK = {"floorplan": 2.5, "epc": 3.5, "brochure": 4.5}
ABSENT, REFUSED = "absent", "refused"
Answer = dict[str, object] | str | None  # a record, a reason why not, or nothing there
REFUSALS_MAX = 3  # in a row: then it is the source that is broken, not a file


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
    again = ABSENT_RETRY_S if medium.reason in (ABSENT, REFUSED) else REJECTED_RETRY_S
    return now - medium.checked_at >= again


def _is_of_the_file(error: UpstreamError) -> bool:
    """A refusal that says nothing against the next file."""
    return isinstance(error, UpstreamRejectedError) and error.code != "token"


def _outcome(medium: Medium) -> str:
    if medium.reason in (ABSENT, REFUSED):
        return medium.reason
    return "rejected" if medium.reason else "document" if medium.document else "ready"


def _key(medium: Medium) -> str:
    return medium.picture.key if medium.picture is not None else medium.document


@dataclass(slots=True)
class Gallery:
    source: Rentman
    studio: Studio
    state: State
    clock: Callable[[], float]
    root: Path
    in_flight: int = 4  # files between the source and the disk
    metrics: Metrics = field(default_factory=Metrics)
    progress: Progress = field(default_factory=Progress)

    def ledger(self) -> dict[str, Medium]:
        """What became of each file, less what has since gone from the disk: that is wanted anew."""
        on_disk = {entry.name for entry in os.scandir(self.root)} if self.root.is_dir() else set()
        return {
            name: medium
            for name, medium in self.state.media().items()
            if medium.reason or _key(medium) in on_disk
        }

    async def collect(
        self, names: Iterable[MediaName], arrived: Callable[[], Awaitable[None]]
    ) -> int:
        """Fetch and prepare `names`; `arrived` is awaited after each; how many were asked for.

        Raises `UpstreamError` when the source stops answering; what was begun is finished first.
        A single refused file is noted, and the others go on.
        """
        slots = asyncio.Semaphore(self.in_flight)
        asked = refusals = 0
        failure: UpstreamError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    await slots.acquire()
                    record: Answer = REFUSED
                    try:
                        record = await self.source.media(name.filename)
                        refusals = 0
                    except UpstreamError as error:
                        refusals += 1
                        if not _is_of_the_file(error) or refusals == REFUSALS_MAX:
                            failure = error
                            break
                        log.warning("%s is refused: %s", name.filename, error)
                    asked += 1
                    group.create_task(self._prepare(name, record, slots, arrived))
        except ExceptionGroup as errors:  # one is what callers know how to handle
            raise errors.exceptions[0] from errors
        if failure is not None:
            raise failure
        return asked

    async def _prepare(
        self,
        name: MediaName,
        record: Answer,
        slots: asyncio.Semaphore,
        arrived: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            medium = await self._made(name, record)
        except MediaFailedError as error:  # nothing known against the file: ask again next time
            log.warning("%s not prepared: %s", name.filename, error.reason)
            self.metrics.pictures.labels("failed").inc()
        else:
            await asyncio.to_thread(self.state.keep_medium, medium)
            self.metrics.pictures.labels(_outcome(medium)).inc()
        finally:
            self.progress.file_done()
            slots.release()
        await arrived()

    async def _made(self, name: MediaName, record: Answer) -> Medium:
        now = int(self.clock())
        if not isinstance(record, dict):
            return Medium(filename=name.filename, reason=record or ABSENT, checked_at=now)
        values = {key.lower(): value for key, value in record.items()}
        caption = privacy.caption(str(values.get("caption") or ""))
        try:
            data = await asyncio.to_thread(decode, values.get("base64data"), max_bytes=MAX_BYTES)
            if name.kind == "brochure":
                kept = await self.studio.document(data)
                return Medium(filename=name.filename, document=kept.key, checked_at=now)
            purpose = "photo" if name.kind not in ("floorplan", "epc") else name.kind
            picture = await self.studio.picture(data, purpose)
        except MediaRejectedError as error:
            log.warning("%s is in quarantine: %s", name.filename, error.reason)
            return Medium(filename=name.filename, reason=error.reason, checked_at=now)
        return Medium(filename=name.filename, caption=caption, picture=picture, checked_at=now)
