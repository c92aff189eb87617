"""The lease that one publisher holds, on a real Valkey."""

import asyncio

import pytest
import redis.asyncio

from snapshot import LeaseLostError, Publisher, keys
from tests.snapshot.made import TTL_S, publish

Store = redis.asyncio.Redis


@pytest.fixture
def publisher(store: Store) -> Publisher:
    return Publisher(store)


async def test_only_one_owner_holds_the_lease(publisher: Publisher) -> None:
    await publisher.acquire("one", TTL_S)

    with pytest.raises(LeaseLostError):
        await publisher.acquire("two", TTL_S)


@pytest.mark.parametrize(
    ("holder", "other"), [("one", "o"), ("o", "one"), ("a/b", "a"), ("a", "a/1")]
)
async def test_an_owner_with_a_similar_name_is_another(
    publisher: Publisher, holder: str, other: str
) -> None:
    await publisher.acquire(holder, TTL_S)

    with pytest.raises(LeaseLostError):
        await publisher.acquire(other, TTL_S)


async def test_acquiring_again_fences_the_older_token(store: Store) -> None:
    publisher = Publisher(store)
    older = await publisher.acquire("one", TTL_S)
    younger = await publisher.acquire("one", TTL_S)

    with pytest.raises(LeaseLostError):
        await publisher.renew(older, TTL_S)
    with pytest.raises(LeaseLostError):
        await publish(store, 1, {}, lease=older)
    assert (await publish(store, 1, {}, lease=younger)).generation == 1


async def test_an_expired_lease_is_free_and_cannot_publish(store: Store) -> None:
    publisher = Publisher(store)
    expired = await publisher.acquire("one", 0.02)
    await asyncio.sleep(0.05)

    with pytest.raises(LeaseLostError):
        await publisher.renew(expired, TTL_S)
    with pytest.raises(LeaseLostError):
        await publish(store, 1, {}, lease=expired)
    with pytest.raises(LeaseLostError):
        await publisher.collect(expired)
    await publisher.acquire("two", TTL_S)


async def test_renewing_prolongs(store: Store) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("one", 0.5)

    await publisher.renew(lease, TTL_S)

    assert await store.pttl(keys.LEASE) > 1000


async def test_releasing_frees_only_ones_own_lease(publisher: Publisher) -> None:
    older = await publisher.acquire("one", TTL_S)
    younger = await publisher.acquire("one", TTL_S)

    await publisher.release(older)
    with pytest.raises(LeaseLostError):
        await publisher.acquire("two", TTL_S)
    await publisher.release(younger)
    await publisher.acquire("two", TTL_S)
