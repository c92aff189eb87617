"""From a rendered site to a published generation: only what changed is compressed and sent."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import structlog

from snapshot import (
    RETAINED,
    ConflictError,
    DamagedError,
    Lease,
    LeaseLostError,
    Manifest,
    Page,
    PinnedError,
    Pointer,
    Publisher,
    PublishRefusedError,
    SnapshotError,
    StoreUnavailableError,
    decode_rows,
)
from sync.draft import CARDS, Draft
from sync.render.site import Site
from sync.settings import LEASE_S

log = structlog.stdlib.get_logger("sync.publish")
ROLLBACK = "rollback to"  # begins the reason of such a generation
RETAINED_WHEN_FULL = 2  # generations: a site that goes on is worth more than its history
RELEASE_S = 2.0  # whoever waits for us to end waits no longer for the store
OVERTAKEN_MAX = 3  # times that a rollback is overtaken before it is refused


@dataclass(slots=True)
class Press:
    """The one writer.

    `floor` is the last generation that was made: none follows at or below it, so that numbers
    never go back. `promise` is told of each number before the pointer moves and outlives the
    process: `promised` is what it was told last.
    """

    publisher: Publisher
    owner: str
    clock: Callable[[], float]
    floor: int = 0
    promised: int = 0
    promise: Callable[[int], None] | None = None
    lease_s: float = LEASE_S
    lease: Lease | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _leasing: asyncio.Lock = field(default_factory=asyncio.Lock)  # or two would take it twice

    async def publish(self, site: Site, reason: str, source_digest: str) -> Manifest | None:
        """The new generation, or None when nothing a visitor sees would change."""
        async with self._lock:
            lease = await self.hold_lease()  # no other later on: who lost it was overtaken
            after, before = await self._current()
            draft = await asyncio.to_thread(Draft.of, site, before, int(self.clock()))
            draft.missing(await self.publisher.missing(draft.names()))
            newest = after and after == self.floor
            if newest and before is not None and draft.same(before):
                return None
            if pinned := await self.publisher.pinned():
                raise PinnedError(f"not published: {pinned}")  # before anything is sent
            await self._send(draft, lease)
            made = draft.manifest(self._next(after), reason, source_digest, int(self.clock()))
            return await self._flip(made, lease, after)

    async def _send(self, draft: Draft, lease: Lease) -> None:
        """What a store that ran full has kept of it is removed, or it would stay full."""
        batches = draft.fill()
        try:
            while objects := await asyncio.to_thread(next, batches, None):
                await self.publisher.send(objects)
        except StoreUnavailableError as error:
            retain = RETAINED_WHEN_FULL if "OutOfMemory" in str(error) else RETAINED
            with contextlib.suppress(SnapshotError):
                await self.publisher.collect(lease, retain)
            raise

    async def revert(self, generation: int) -> Manifest:
        """Publish what an older generation showed, as a new one, and pin it in the same step.

        `LookupError` when it is not retained. After a `StoreUnavailableError` either both were done
        or neither.
        """
        async with self._lock:
            for _ in range(OVERTAKEN_MAX):
                with contextlib.suppress(LeaseLostError, ConflictError):
                    return await self._revert(generation)
            return await self._revert(generation)

    async def _revert(self, generation: int) -> Manifest:
        """A daemon of this installation at work may overtake us: it renews the lease as we do."""
        after, shown = await self._current()
        found = [p for p in await self.publisher.history() if p.generation == generation]
        if not found:
            raise LookupError(f"generation {generation} is not retained")
        old, now = await self.publisher.manifest(found[0].manifest), int(self.clock())
        made = msgspec.structs.replace(
            old,
            pages=_shown_again(old.pages, shown.pages if shown else {}, now),
            generation=self._next(after),
            published_at=now,
            reason=f"{ROLLBACK} {generation}",
        )
        return await self._flip(made, await self.hold_lease(), after, pin=made.reason)

    async def hold_lease(self) -> Lease:
        """Ours, renewed; or acquired, with a younger token than any before."""
        async with self._leasing:
            if self.lease is not None:
                try:
                    await self.publisher.renew(self.lease, self.lease_s)
                except LeaseLostError:  # expired, or the store was emptied: compete for it again
                    self.lease = None
            if self.lease is None:
                self.lease = await self.publisher.acquire(self.owner, self.lease_s)
            return self.lease

    async def release(self) -> None:
        """Let another be the writer at once; a store that hangs is not waited for."""
        lease, self.lease = self.lease, None
        if lease is None:
            return
        try:
            async with asyncio.timeout(RELEASE_S):
                await self.publisher.release(lease)
        except TimeoutError as error:
            raise StoreUnavailableError("the lease is left to end by itself") from error

    async def tell(self, word: bytes) -> None:
        """Leave a word on the source, as the writer."""
        async with self._lock:
            await self.publisher.report(word, await self.hold_lease())

    async def current(self) -> int:
        """The published generation, 0 for none that can be read."""
        pointer = await self._pointer()
        return pointer.generation if pointer else 0

    async def shown_since(self) -> int:
        """When (unix seconds) the oldest generation that can still be shown was made.

        0 while a rollback is among them, whose pages are older than itself.
        """
        since = int(self.clock())
        for pointer in await self.publisher.history():
            with contextlib.suppress(DamagedError):  # nothing can go back to it
                found = await self.publisher.manifest(pointer.manifest)
                since = min(since, 0 if found.reason.startswith(ROLLBACK) else found.published_at)
        return since

    async def published(self) -> set[str]:
        """The references of the homes that are published now, in lower case.

        Of an older generation when what is needed of the newest is damaged.
        """
        _, newest = await self._current()
        if newest is not None and CARDS not in newest.artefacts:
            return set()
        for pointer in await self.publisher.history():
            try:
                name = (await self.publisher.manifest(pointer.manifest)).artefacts[CARDS]
                rows = decode_rows((await self.publisher.objects([name]))[name], name)
            except (DamagedError, KeyError) as error:
                log.warning("unreadable", generation=pointer.generation, reason=str(error))
                continue
            return {row.id.lower() for row in rows}
        return set()

    async def _current(self) -> tuple[int, Manifest | None]:
        """The published generation, 0 for none, and the newest manifest that can be read."""
        pointer = await self._pointer()
        newest = pointer or next(iter(await self.publisher.history()), None)
        # What was promised may have been seen, even if the store has lost its last seconds since.
        self.floor = max(self.floor, self.promised, newest.generation if newest else 0)
        if newest is None:
            return 0, None
        after = pointer.generation if pointer else 0
        try:
            return after, await self.publisher.manifest(newest.manifest)
        except DamagedError as error:
            log.warning("unreadable", generation=newest.generation, reason=str(error))
            return after, None

    async def _pointer(self) -> Pointer | None:
        try:
            return await self.publisher.pointer()
        except DamagedError as error:
            log.warning("pointer_damaged", reason=str(error))
            return None

    def _next(self, after: int) -> int:
        return max(after, self.floor) + 1

    async def _flip(self, made: Manifest, lease: Lease, after: int, *, pin: str = "") -> Manifest:
        if self.promise is not None:
            await asyncio.to_thread(self.promise, made.generation)
        before, self.promised = self.promised, made.generation
        try:
            await self.publisher.flip(made, lease, after=after, pin=pin)
        except PublishRefusedError:  # the pointer did not move: nobody has seen this number
            self.promised = before
            raise
        self.floor = made.generation
        log.debug("flipped", generation=made.generation, reason=made.reason)
        with contextlib.suppress(LeaseLostError):  # a daemon took it, and will collect
            await self.publisher.collect(lease)
        return made


def _shown_again(
    pages: Mapping[str, Page], instead_of: Mapping[str, Page], now: int
) -> dict[str, Page]:
    """A page that takes another's place is new to whoever asks by date."""
    return {
        path: page
        if (was := instead_of.get(path)) and was.etag == page.etag
        else msgspec.structs.replace(page, modified=now)
        for path, page in pages.items()
    }
