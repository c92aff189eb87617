"""From a rendered site to a published generation: only what changed is compressed and sent."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from snapshot import (
    RETAINED,
    DamagedError,
    Lease,
    LeaseLostError,
    Manifest,
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

log = logging.getLogger("sync.publish")
ROLLBACK = "rollback to"  # begins the reason of such a generation
RETAINED_WHEN_FULL = 2  # generations: a site that goes on is worth more than its history
LEASE_S = 20.0  # a dead writer is replaced after this long


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

    async def publish(self, site: Site, reason: str, source_digest: str) -> Manifest | None:
        """The new generation, or None when nothing a visitor sees would change."""
        async with self._lock:
            await self.hold_lease()
            after, before = await self._current()
            draft = await asyncio.to_thread(Draft.of, site, before, int(self.clock()))
            draft.missing(await self.publisher.missing(draft.names()))
            if after and before is not None and draft.same(before):
                return None
            if pinned := await self.publisher.pinned():
                raise PinnedError(f"not published: {pinned}")  # before anything is sent
            await self._send(draft)
            made = draft.manifest(self._next(after), reason, source_digest, int(self.clock()))
            return await self._flip(made, after)

    async def _send(self, draft: Draft) -> None:
        """What a store that ran full has kept of it is removed, or it would stay full."""
        batches = draft.fill()
        try:
            while objects := await asyncio.to_thread(next, batches, None):
                await self.publisher.send(objects)
        except StoreUnavailableError as error:
            retain = RETAINED_WHEN_FULL if "OutOfMemory" in str(error) else RETAINED
            with contextlib.suppress(SnapshotError):
                await self.publisher.collect(await self.hold_lease(), retain)
            raise

    async def revert(self, generation: int) -> Manifest:
        """Publish what an older generation showed, as a new one, and hold it by a pin."""
        async with self._lock:
            await self.hold_lease()
            after, _ = await self._current()
            found = [p for p in await self.publisher.history() if p.generation == generation]
            if not found:
                raise LookupError(f"generation {generation} is not retained")
            old = await self.publisher.manifest(found[0].manifest)
            made = msgspec.structs.replace(
                old,
                generation=self._next(after),
                published_at=int(self.clock()),
                reason=f"{ROLLBACK} {generation}",
            )
            was = await self.publisher.pinned()
            await self.publisher.pin(made.reason)  # first: nothing may slip in between
            try:
                return await self._flip(made, after, overrule_pin=True)
            except PublishRefusedError:
                await (self.publisher.pin(was) if was else self.publisher.unpin())
                raise

    async def hold_lease(self) -> Lease:
        """Ours, renewed; or acquired, with a younger token than any before."""
        if self.lease is not None:
            try:
                await self.publisher.renew(self.lease, self.lease_s)
            except LeaseLostError:  # expired, or the store was emptied: compete for it again
                self.lease = None
        if self.lease is None:
            self.lease = await self.publisher.acquire(self.owner, self.lease_s)
        return self.lease

    async def release(self) -> None:
        if self.lease is not None:
            await self.publisher.release(self.lease)
            self.lease = None

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
                log.warning("generation %d cannot be read: %s", pointer.generation, error)
                continue
            return {row.id.lower() for row in rows}
        return set()

    async def _current(self) -> tuple[int, Manifest | None]:
        """The published generation, 0 for none, and the newest manifest that can be read."""
        pointer = await self._pointer()
        newest = pointer or next(iter(await self.publisher.history()), None)
        if newest is None:
            self.floor = max(self.floor, self.promised)  # that pointer may have been seen
            return 0, None
        self.floor = max(self.floor, newest.generation)
        after = pointer.generation if pointer else 0
        try:
            return after, await self.publisher.manifest(newest.manifest)
        except DamagedError as error:
            log.warning("publishing everything anew: %s", error)
            return after, None

    async def _pointer(self) -> Pointer | None:
        try:
            return await self.publisher.pointer()
        except DamagedError as error:
            log.warning("as good as none: %s", error)
            return None

    def _next(self, after: int) -> int:
        return max(after, self.floor) + 1

    async def _flip(self, made: Manifest, after: int, *, overrule_pin: bool = False) -> Manifest:
        lease = await self.hold_lease()
        if self.promise is not None:
            await asyncio.to_thread(self.promise, made.generation)
        self.promised = made.generation
        await self.publisher.flip(made, lease, after=after, overrule_pin=overrule_pin)
        self.floor = made.generation
        log.debug("published generation %d: %s", made.generation, made.reason)
        with contextlib.suppress(
            LeaseLostError
        ):  # a daemon has taken it: it shows, and is collected later
            await self.publisher.collect(lease)
        return made
