"""What is retained is known from flip to flip, and exactly."""

import asyncio

import pytest
import redis.asyncio

from snapshot import (
    Lease,
    Manifest,
    NewerFormatError,
    Pointer,
    Publisher,
    SnapshotError,
    StoreUnavailableError,
    keys,
)
from tests.snapshot.made import TTL_S, entry, generation

RETAIN = 3
Store = redis.asyncio.Redis
# Bodies of two pages by generation: what went comes back, what stays is shared, two show the same.
SHOWN = ("ab", "ac", "bd", "ab", "bb", "cb", "ad", "ad", "be", "ac")


class Counting(Publisher):
    read = 0

    async def manifest(self, name: str) -> Manifest:
        self.read += 1
        return await super().manifest(name)


async def flip(publisher: Publisher, lease: Lease, number: int) -> Pointer:
    pages = {f"/{at}": entry(body.encode()) for at, body in enumerate(SHOWN[number - 1])}
    manifest, objects = generation(number, pages)
    await publisher.send(objects)
    return await publisher.flip(manifest, lease, after=number - 1)


async def stored(store: Store) -> set[bytes | str]:
    return set(await store.hkeys(keys.ENTRIES))


async def needed(store: Store) -> set[bytes | str]:
    """By the history, read anew."""
    reader = Publisher(store)
    retained = [await reader.manifest(one.manifest) for one in await reader.history()]
    return {name.encode() for manifest in retained for name in manifest.digests()}


async def test_from_flip_to_flip_what_is_kept_is_what_is_named(store: Store) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)
    for number in range(1, len(SHOWN) + 1):
        await flip(publisher, lease, number)
        both = (publisher.collect(lease, retain=RETAIN) for _ in range(2))  # each once
        await asyncio.gather(*both)

        assert len(await publisher.history()) == min(number, RETAIN)
        assert await stored(store) == await needed(store)


async def test_a_flip_costs_the_manifest_that_comes_and_the_one_that_goes(store: Store) -> None:
    publisher = Counting(store)
    lease = await publisher.acquire("test", TTL_S)
    for number in range(1, len(SHOWN) + 1):
        await flip(publisher, lease, number)
        publisher.read = 0
        await publisher.collect(lease, retain=RETAIN)

        assert publisher.read == (1 if number <= RETAIN else 2)


async def test_room_is_made_at_the_cost_of_what_stays(store: Store) -> None:
    publisher = Counting(store)
    lease = await publisher.acquire("test", TTL_S)
    for number in range(1, len(SHOWN) + 1):
        await flip(publisher, lease, number)
    await publisher.collect(lease)
    publisher.read = 0

    await publisher.collect(lease, retain=2)
    assert publisher.read == 2
    assert await stored(store) == await needed(store)


async def test_a_manifest_that_is_lost_after_it_was_counted_is_no_longer_retained(
    store: Store,
) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)
    made = [await flip(publisher, lease, number) for number in range(1, 5)]
    await publisher.collect(lease)
    await store.hdel(keys.MANIFESTS, made[1].manifest)

    await publisher.collect(lease)
    assert await publisher.history() == [made[3], made[2], made[0]]
    assert await stored(store) == await needed(store)


class Unlucky(Publisher):
    """What it raises instead of reading a manifest, if anything."""

    raised: SnapshotError | None = None

    async def manifest(self, name: str) -> Manifest:
        if self.raised is not None:
            raise self.raised
        return await super().manifest(name)


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), NewerFormatError("later")])
async def test_nothing_is_removed_when_a_manifest_cannot_be_read_for_now(
    store: Store, error: SnapshotError
) -> None:
    """Nobody knows what it names; one that comes and one that goes alike."""
    publisher = Unlucky(store)
    lease = await publisher.acquire("test", TTL_S)
    for number in range(1, len(SHOWN) + 1):
        await flip(publisher, lease, number)
        before = await stored(store)
        publisher.raised = error
        with pytest.raises(type(error)):
            await publisher.collect(lease, retain=RETAIN)
        publisher.raised = None
        assert await stored(store) == before

        await publisher.collect(lease, retain=RETAIN)
        assert await stored(store) == await needed(store)


@pytest.mark.parametrize("harm", [b"spoiled", None])
async def test_a_manifest_that_went_bad_after_it_was_counted_leaves_nothing_behind(
    store: Store, harm: bytes | None
) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)
    for number in range(1, len(SHOWN) + 1):
        pointer = await flip(publisher, lease, number)
        await publisher.collect(lease, retain=RETAIN)
        if number == 4 and harm is not None:
            await store.hset(keys.MANIFESTS, pointer.manifest, harm)
        elif number == 4:
            await store.hdel(keys.MANIFESTS, pointer.manifest)

    assert await stored(store) == await needed(store)
    assert len(await publisher.history()) == RETAIN


async def test_fewer_are_retained_for_once_and_more_again_later(store: Store) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)
    for number in range(1, len(SHOWN) + 1):
        await flip(publisher, lease, number)
        await publisher.collect(lease, retain=1 if number == 6 else RETAIN)

        assert await stored(store) == await needed(store)
