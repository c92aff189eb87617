"""The snapshot in Redis or Valkey: one writer publishes, any number of readers follow.

Here alone redis-py is spoken to; its errors leave as `SnapshotError`s. What is read is checked
against its digest, so a reader never trusts the store with more than availability.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec
import redis.asyncio
import redis.exceptions

from snapshot import keys
from snapshot.entry import Manifest, decode_manifest, digest, encode
from snapshot.errors import (
    ConflictError,
    DamagedError,
    IncompleteError,
    LeaseLostError,
    PinnedError,
    PublishRefusedError,
    StoreUnavailableError,
)
from snapshot.retained import Retained

BATCH_BYTES = 4 * 1024 * 1024  # of entries per round trip
BATCH_COUNT = 500  # of digests per round trip
RETAINED = 20  # generations kept for rollback

_NUMBER = re.compile(rb"[1-9][0-9]{0,14}")  # as keys.FLIP has it
_DIGEST = re.compile(rb"[0-9a-fA-F]+")

_REFUSALS: dict[bytes, type[PublishRefusedError]] = {
    b"lease": LeaseLostError,
    b"pinned": PinnedError,
    b"conflict": ConflictError,
    b"incomplete": IncompleteError,
}


class Pointer(msgspec.Struct, frozen=True):
    generation: int
    manifest: str


class Lease(msgspec.Struct, frozen=True):
    """The right to write, until it expires or a younger token takes its place."""

    value: str


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """redis-py's errors as ours, and its lost cancellations as cancellations.

    It sends by `asyncio.wait_for`, which in Python 3.11 may return as if nothing had happened when
    the task was cancelled meanwhile (cpython#86296); a loop around it would then never end.
    """
    before = _cancellations()
    try:
        yield
    except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
        if _cancellations() > before:  # the cut connection was our own doing
            raise asyncio.CancelledError from error
        raise StoreUnavailableError(f"{type(error).__name__}: {error}") from error
    if _cancellations() > before:
        raise asyncio.CancelledError


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    ordered = list(names)
    for start in range(0, len(ordered), BATCH_COUNT):
        yield ordered[start : start + BATCH_COUNT]


class Reader:
    """Follows the pointer and fetches what it names."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._redis = client

    async def pointer(self) -> Pointer | None:
        """None when there is none, `DamagedError` for what no publisher wrote."""
        with translated():
            found = await of(self._redis.hmget(keys.POINTER, ["generation", "manifest"]))
        if found[0] is None or found[1] is None:
            return None
        if not _NUMBER.fullmatch(found[0]) or not _DIGEST.fullmatch(found[1]):
            raise DamagedError(f"the pointer names no generation: {found!r}"[:200])
        return Pointer(int(found[0]), found[1].decode())

    async def manifest(self, name: str) -> Manifest:
        with translated():
            data = await of(self._redis.hget(keys.MANIFESTS, name))
        if data is None:
            raise DamagedError(f"manifest {name} is missing")
        return decode_manifest(cast("bytes", data), name)

    async def objects(self, names: Iterable[str]) -> dict[str, bytes]:
        """The encoded entries or artefacts of these digests; their bytes are not yet checked."""
        found: dict[str, bytes] = {}
        async for batch in self.batches(names):
            found |= batch
        return found

    async def batches(self, names: Iterable[str]) -> AsyncGenerator[dict[str, bytes], None]:
        """As `objects`, a part at a time: all of a large snapshot at once would double its memory."""
        for batch in _batches(names):
            with translated():
                values = await of(self._redis.hmget(keys.ENTRIES, batch))
            found = dict(zip(batch, values, strict=True))
            for name, value in found.items():
                if value is None:
                    raise DamagedError(f"entry {name} is missing")
            yield found

    async def history(self) -> list[Pointer]:
        """Retained generations, newest first."""
        with translated():
            found = await of(self._redis.zrevrange(keys.HISTORY, 0, -1, withscores=True))
        return [Pointer(int(score), name.decode()) for name, score in found]

    async def source(self) -> bytes:
        """What `sync` last reported of its source, as JSON; empty when it never has."""
        with translated():
            return cast("bytes | None", await self._redis.get(keys.SOURCE)) or b""

    async def flips(self) -> AsyncGenerator[None, None]:
        """Yield when the pointer may have moved. Pub/sub may lose messages: poll as well."""
        async with self._redis.pubsub() as pubsub:
            with translated():
                await pubsub.subscribe(keys.FLIPS)
            yield  # whatever moved before we listened
            while True:
                with translated():
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1.0)
                if message is not None:
                    yield


class Publisher(Reader):
    """The single writer."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__(client)
        self._acquire = client.register_script(keys.ACQUIRE)
        self._renew = client.register_script(keys.RENEW)
        self._release = client.register_script(keys.RELEASE)
        self._tell = client.register_script(keys.TELL)
        self._missing = client.register_script(keys.MISSING)
        self._flip = client.register_script(keys.FLIP)
        self._collect = client.register_script(keys.COLLECT)
        self._retained = Retained(self.manifest)

    async def acquire(self, owner: str, ttl_s: float) -> Lease:
        """Become the writer, with a token younger than any before, or raise `LeaseLostError`."""
        with translated():
            value = await self._acquire(
                keys=[keys.LEASE, keys.FENCE], args=[owner, int(ttl_s * 1000)]
            )
        if value is None:
            raise LeaseLostError("another writer holds the lease")
        return Lease(value.decode())

    async def renew(self, lease: Lease, ttl_s: float) -> None:
        with translated():
            kept = await self._renew(keys=[keys.LEASE], args=[lease.value, int(ttl_s * 1000)])
        if not kept:
            raise LeaseLostError("the lease has expired")

    async def release(self, lease: Lease) -> None:
        with translated():
            await self._release(keys=[keys.LEASE], args=[lease.value])

    async def missing(self, names: Iterable[str], among: str = keys.ENTRIES) -> set[str]:
        """Those of `names` that the store does not hold, yet or any more."""
        absent: set[str] = set()
        for batch in _batches(names):
            with translated():
                found = await of(self._missing(keys=[among], args=batch))
            absent.update(name.decode() for name in found)
        return absent

    async def send(self, objects: Mapping[str, bytes]) -> None:
        """Store these objects by digest. Until a manifest names them nobody sees them."""
        batch: dict[str, bytes] = {}
        size = 0
        for name, data in objects.items():
            batch[name], size = data, size + len(data)
            if size >= BATCH_BYTES:
                await self._send(batch)
                batch, size = {}, 0
        await self._send(batch)

    async def _send(self, batch: dict[str, bytes]) -> None:
        if batch:
            with translated():
                await of(self._redis.hset(keys.ENTRIES, mapping=cast("dict[Any, Any]", batch)))

    async def flip(
        self, manifest: Manifest, lease: Lease, *, after: int, pin: str = ""
    ) -> Pointer:
        """Make `manifest` current in one step, or raise and change nothing.

        `after` is the generation it was built on, 0 for none; the new one must be above it. `pin`:
        overrule a pin and hold the new generation by this one, in the same step.
        """
        data = encode(manifest)
        name = digest(data)
        args: list[str | bytes | int] = [
            lease.value,
            after,
            manifest.generation,
            name,
            data,
            keys.FLIPS,
            pin,
        ]
        with translated():
            outcome = await self._flip(
                keys=[
                    keys.POINTER,
                    keys.LEASE,
                    keys.ENTRIES,
                    keys.MANIFESTS,
                    keys.HISTORY,
                    keys.PIN,
                ],
                args=args + sorted(manifest.digests()),
            )
        if outcome != b"ok":
            raise _REFUSALS[outcome](f"publishing generation {manifest.generation}: {outcome!r}")
        return Pointer(manifest.generation, name)

    async def collect(self, lease: Lease, retain: int = RETAINED) -> int:
        """Remove what no retained manifest names; the number of objects removed.

        A generation whose manifest is missing, or was found damaged, is no longer retained: nothing can go
        back to it. One that is damaged later goes in its turn.
        """
        retain = max(1, retain)  # the current generation is never garbage
        names = [pointer.manifest for pointer in (await self.history())[:retain]]
        lost = await self.missing(names, keys.MANIFESTS)
        kept = await self._retained.digests([name for name in names if name not in lost])
        with translated():
            removed = await self._collect(
                keys=[keys.LEASE, keys.ENTRIES, keys.MANIFESTS, keys.HISTORY, keys.POINTER],
                args=[lease.value, *sorted(kept)],
            )
        if removed < 0:
            raise LeaseLostError("collection needs the lease")
        return int(removed)

    async def pin(self, reason: str) -> None:
        with translated():
            await self._redis.set(keys.PIN, reason)

    async def unpin(self) -> bool:
        with translated():
            return bool(await self._redis.delete(keys.PIN))

    async def pinned(self) -> str:
        with translated():
            found = cast("bytes | None", await self._redis.get(keys.PIN))
        return (found or b"").decode()

    async def report(self, source: bytes, lease: Lease) -> None:
        """Leave a word on the source for the health endpoints; only the writer may."""
        with translated():
            told = await self._tell(keys=[keys.LEASE, keys.SOURCE], args=[lease.value, source])
        if not told:
            raise LeaseLostError("a word on the source needs the lease")


async def of(pending: Awaitable[Any] | Any) -> Any:
    """redis-py types its commands as either an awaitable or a value; ours are awaitable."""
    return await pending
