"""Fetch what the listings name and the ledger lacks; first photos first, one at a time, politely.

A broken file is noted with its reason and asked for again much later; it never stops the others.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import structlog

from sync import remade
from sync.errors import StorageError, UpstreamError, UpstreamRejectedError
from sync.ledger import ABSENT, REFUSED, keys, outcome, wanted, without_lost
from sync.logs import file_name
from sync.media import retention
from sync.media.errors import MediaError, MediaFailedError, MediaRejectedError
from sync.media.studio import Studio
from sync.metrics import Metrics
from sync.model import Known, MediaName, Medium
from sync.progress import Progress
from sync.source import File, Source
from sync.state.database import State
from sync.state.sql import batches

log = structlog.stdlib.get_logger("sync.gallery")
Answer = File | str | None  # a file, a reason why not, or nothing there
REFUSALS_MAX = 3  # in a row: then it is the source that is broken, not a file
REMOVED_AT_ONCE = 50


def _is_of_the_file(error: UpstreamError) -> bool:
    """A refusal that says nothing against the next file."""
    return isinstance(error, UpstreamRejectedError) and error.code != "token"


class Census(NamedTuple):
    """The ledger whole, and which of its files are named, as `State.named_media` has it.

    Read once for a round of tidying: nobody else writes the ledger meanwhile.
    """

    media: dict[str, Medium]
    named: set[str] | None


@dataclass(slots=True)
class Gallery:
    source: Source
    studio: Studio
    state: State
    clock: Callable[[], float]
    in_flight: int = 4  # files between the source and the disk
    grace_s: int = 30 * retention.DAY_S  # for files that nothing shows any more
    metrics: Metrics = field(default_factory=Metrics)
    progress: Progress = field(default_factory=Progress)
    _told: bytes = b""

    def wanted(self, listings: Iterable[Known]) -> list[MediaName]:
        return wanted(listings, self.ledger(), self.clock(), self.studio.recipes())

    def ledger(self) -> dict[str, Medium]:
        """What became of each file, less what has since gone from the store: that is wanted anew."""
        media = self.state.media()
        try:
            kept = self.studio.store.kept()
        except MediaFailedError as error:  # news of homes need not wait for the store
            log.warning("ledger_unchecked", reason=error.reason)
            return media
        found = {name: without_lost(medium, kept) for name, medium in media.items()}
        return {name: medium for name, medium in found.items() if medium is not None}

    def tell(self) -> None:
        """Leave the ledger beside the pictures, when it has changed. Raises `StorageError`."""
        data = remade.told(self.state.media())
        if data != self._told:
            with _storage_errors():
                self.studio.store.set_made(data)
            self._told = data

    def recall(self, listings: Iterable[Known]) -> int:
        """Fill the ledger of a new database with what is there already; how many files."""
        if self.state.knows_media():
            return 0
        names = {name.filename: name for known in listings for name in known.listing.media}
        store = self.studio.store
        try:
            media = remade.found(store.made(), names.values(), store, int(self.clock()))
        except MediaFailedError as error:
            log.warning("ledger_unchecked", reason=error.reason)
            return 0
        self.state.keep_media(media)
        return len(media)

    async def collect(
        self, names: Iterable[MediaName], arrived: Callable[[], Awaitable[None]]
    ) -> int:
        """Fetch and prepare `names`; `arrived` is awaited after each; how many were asked for.

        Raises `UpstreamError` when the source stops answering; what was begun is finished first.
        Raises `StorageError` when the store does. A single refused file is noted, and the others
        go on.
        """
        before = await asyncio.to_thread(self.ledger)
        slots = asyncio.Semaphore(self.in_flight)
        asked = refusals = 0
        failure: UpstreamError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    await slots.acquire()
                    record: Answer = REFUSED
                    try:
                        record = await self._asked(name.filename)
                        refusals = 0
                    except UpstreamError as error:
                        refusals += 1
                        if not _is_of_the_file(error) or refusals == REFUSALS_MAX:
                            failure = error
                            break
                        log.warning(
                            "file_refused", file=file_name(name.filename), reason=str(error)
                        )
                    asked += 1
                    old = before.get(name.filename)
                    group.create_task(self._prepare(name, record, old, slots, arrived))
        except ExceptionGroup as errors:  # one is what callers know how to handle
            raise errors.exceptions[0] from errors
        if failure is not None:
            raise failure
        return asked

    async def _asked(self, filename: str) -> Answer:
        try:
            return await self.source.media(filename)
        except MediaRejectedError as error:
            log.warning("file_quarantined", file=file_name(filename), reason=error.reason)
            return error.reason

    def census(self) -> Census:
        return Census(self.state.media(), self.state.named_media())

    def set_aside(self, listings: Iterable[Known], census: Census) -> dict[str, int]:
        """Note what no listing names now; since when, for each file that none has for its grace.

        None at all while there is a home that cannot be read. Raises `StorageError`.
        """
        if census.named is None:
            return {}
        media, now = census.media, int(self.clock())
        names = {name.filename for known in listings for name in known.listing.media}
        shown = [medium for name, medium in media.items() if name in names]
        named = {key for medium in shown for key in keys(medium)}
        with _storage_errors():
            before = self.studio.store.unnamed()
            since = retention.set_aside(self.studio.store.kept(), named, before, now)
            if since != before:
                self.studio.store.set_unnamed(since)
        return {key: at for key, at in since.items() if at <= now - self.grace_s}

    def forget(self, gone: set[str], census: Census) -> None:
        """Let no page name these from now on; nor remember what has no file and no home that has
        named it for its grace. Raises `StorageError`."""
        with _storage_errors():
            kept = self.studio.store.kept() - gone
        named, old = census.named, int(self.clock()) - self.grace_s
        self.state.forget_media(
            name
            for name, medium in census.media.items()
            if keys(medium) & gone
            or (
                (not keys(medium) & kept and named is not None and name not in named)
                and medium.checked_at <= old
            )
        )

    async def remove(self, gone: set[str]) -> None:
        """Delete these for good, after `forget`. Raises `StorageError`."""
        for batch in batches(gone, REMOVED_AT_ONCE):
            with _storage_errors():
                await asyncio.to_thread(self.studio.store.remove, batch)
            self.progress.step()

    async def _prepare(
        self,
        name: MediaName,
        record: Answer,
        old: Medium | None,
        slots: asyncio.Semaphore,
        arrived: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            medium = await self._counted(name, record)
            if medium.reason and old is not None:  # what was made before is better than nothing
                medium = msgspec.structs.replace(
                    old, reason=medium.reason, checked_at=medium.checked_at
                )
            await asyncio.to_thread(self.state.keep_medium, medium)
            self.metrics.pictures.labels(outcome(medium)).inc()
        finally:
            self.progress.file_done()
            slots.release()
        await arrived()

    async def _counted(self, name: MediaName, record: Answer) -> Medium:
        try:
            return await self._made(name, record)
        except StorageError:
            self.metrics.pictures.labels("failed").inc()
            raise

    async def _made(self, name: MediaName, record: Answer) -> Medium:
        """Raises `StorageError`."""
        now = int(self.clock())
        if not isinstance(record, File):
            return Medium(filename=name.filename, reason=record or ABSENT, checked_at=now)
        try:
            with _storage_errors():
                return await self._stored(name, record, now)
        except MediaError as error:
            log.warning("file_quarantined", file=file_name(name.filename), reason=error.reason)
            return Medium(filename=name.filename, reason=error.reason, checked_at=now)

    async def _stored(self, name: MediaName, file: File, now: int) -> Medium:
        recipe = self.studio.recipes()[name.kind]
        medium = Medium(filename=name.filename, checked_at=now, recipe=recipe)
        if name.kind == "brochure":
            document = await self.studio.document(file.data)
            return msgspec.structs.replace(medium, document=document.key)
        if name.kind == "video":
            video = await self.studio.video(file.data)
            return msgspec.structs.replace(medium, caption=file.caption, video=video)
        picture = await self.studio.picture(file.data, name.kind)
        medium = msgspec.structs.replace(medium, caption=file.caption, picture=picture)
        return await self._shared(medium, file) if name.leads else medium

    async def _shared(self, medium: Medium, file: File) -> Medium:
        """With its cut for shared links; of a photo that is too small for one, without."""
        share = None
        try:
            share = await self.studio.picture(file.data, "share")
        except MediaFailedError as error:
            if error.is_of_storage:
                raise
            return msgspec.structs.replace(medium, reason=error.reason)  # the photo is fine
        except MediaRejectedError as error:
            log.info("share_refused", file=file_name(medium.filename), reason=error.reason)
        recipe = self.studio.recipes()["share"]
        return msgspec.structs.replace(medium, share=share, share_recipe=recipe)


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except MediaFailedError as error:
        if not error.is_of_storage:
            raise
        raise StorageError(f"finished pictures cannot be kept: {error.reason}") from error
