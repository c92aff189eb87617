"""Publishing and following on a real Valkey."""

import asyncio
import contextlib
from typing import Any

import pytest
import redis.asyncio

from snapshot import (
    ConflictError,
    DamagedError,
    IncompleteError,
    Lease,
    LeaseLostError,
    PinnedError,
    Pointer,
    Publisher,
    Reader,
    StoreUnavailableError,
    connect,
    digest,
    encode,
    keys,
)
from tests.snapshot.made import TTL_S, entry, generation, publish, row

Store = redis.asyncio.Redis


@pytest.fixture
def publisher(store: Store) -> Publisher:
    return Publisher(store)


async def dump(store: Store) -> dict[str, Any]:
    """Everything a reader could see."""
    return {
        "pointer": await store.hgetall(keys.POINTER),
        "entries": await store.hgetall(keys.ENTRIES),
        "manifests": await store.hgetall(keys.MANIFESTS),
        "history": await store.zrange(keys.HISTORY, 0, -1, withscores=True),
        "lease": await store.get(keys.LEASE),
        "fence": await store.get(keys.FENCE),
        "pin": await store.get(keys.PIN),
    }


async def test_an_empty_store_has_no_pointer_history_or_source(publisher: Publisher) -> None:
    assert await publisher.pointer() is None
    assert await publisher.history() == []
    assert await publisher.source() == b""


async def test_what_was_published_is_what_is_read(store: Store) -> None:
    pages = {"/a": entry(b"a"), "/b": entry(b"b")}
    pointer = await publish(store, 1, pages, [row()])

    manifest = await Reader(store).manifest(pointer.manifest)

    assert await Reader(store).pointer() == pointer == Pointer(1, pointer.manifest)
    assert manifest == generation(1, pages, [row()])[0]
    assert await Reader(store).objects(manifest.digests()) == generation(1, pages, [row()])[1]


async def test_a_flip_without_the_lease_changes_nothing(store: Store) -> None:
    await publish(store, 1, {"/a": entry(b"a")})
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)
    await publisher.release(lease)
    before = await dump(store)

    with pytest.raises(LeaseLostError):
        await publisher.flip(generation(2, {"/a": entry(b"a")})[0], lease, after=1)
    assert await dump(store) == before


@pytest.mark.parametrize(("number", "after"), [(3, 0), (3, 2), (1, 1), (2**60, 7)])
async def test_a_flip_on_another_generation_changes_nothing(
    store: Store, number: int, after: int
) -> None:
    """`(1, 1)` is a number that does not grow: no edge would follow it."""
    await publish(store, 1, {"/a": entry(b"a")})
    lease = await Publisher(store).acquire("test", TTL_S)
    before = await dump(store)

    with pytest.raises(ConflictError):
        await Publisher(store).flip(generation(number, {"/a": entry(b"a")})[0], lease, after=after)
    assert await dump(store) == before


async def test_a_flip_to_an_entry_that_was_never_sent_changes_nothing(store: Store) -> None:
    await publish(store, 1, {"/a": entry(b"a")})
    lease = await Publisher(store).acquire("test", TTL_S)
    before = await dump(store)

    with pytest.raises(IncompleteError):
        await Publisher(store).flip(generation(2, {"/b": entry(b"b")})[0], lease, after=1)
    assert await dump(store) == before


async def test_a_pin_holds_the_pointer_until_replaced_or_lifted(store: Store) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)
    await publisher.pin("sale day")
    before = await dump(store)

    with pytest.raises(PinnedError):
        await publisher.flip(generation(1, {})[0], lease, after=0)
    assert await dump(store) == before
    assert await publisher.pinned() == "sale day"
    await publisher.flip(generation(1, {})[0], lease, after=0, pin="rollback")
    assert await publisher.pinned() == "rollback"
    assert await publisher.unpin() is True
    assert await publisher.unpin() is False
    await publisher.flip(generation(2, {})[0], lease, after=1)


async def test_only_absent_objects_are_missing(store: Store) -> None:
    await publish(store, 1, {"/a": entry(b"a")})
    _, objects = generation(2, {"/a": entry(b"a"), "/b": entry(b"b")})

    assert await Publisher(store).missing(objects) == {digest(encode(entry(b"b")))}
    assert await Publisher(store).missing([]) == set()


async def test_batches_lose_nothing(store: Store) -> None:
    pages = {f"/{number}": entry(b"%d" % number + bytes(10_000)) for number in range(1_200)}
    pointer = await publish(store, 1, pages)

    manifest = await Reader(store).manifest(pointer.manifest)

    assert len(await Reader(store).objects(manifest.digests())) == 1_200


async def test_collection_keeps_every_retained_generation_readable(store: Store) -> None:
    for number in range(1, 6):
        await publish(store, number, {"/same": entry(b"s"), "/new": entry(b"%d" % number)})
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)

    assert await publisher.collect(lease, retain=2) == 3
    assert [pointer.generation for pointer in await publisher.history()] == [5, 4]
    for pointer in await publisher.history():
        await publisher.objects((await publisher.manifest(pointer.manifest)).digests())
    assert await publisher.collect(lease, retain=2) == 0
    assert await store.hlen(keys.MANIFESTS) == 2


async def test_a_generation_whose_manifest_is_damaged_is_no_longer_retained(store: Store) -> None:
    """Else the history would name entries that are gone."""
    first = await publish(store, 1, {"/a": entry(b"1")})
    await publish(store, 2, {"/a": entry(b"2")})
    await store.hset(keys.MANIFESTS, first.manifest, b"spoiled")
    publisher = Publisher(store)
    lease = await publisher.acquire("test", TTL_S)

    assert await publisher.collect(lease) == 1

    assert [pointer.generation for pointer in await publisher.history()] == [2]
    assert await store.hlen(keys.MANIFESTS) == 1


async def test_collection_never_removes_the_current_generation(store: Store) -> None:
    pointer = await publish(store, 1, {"/a": entry(b"a")})
    lease = await Publisher(store).acquire("test", TTL_S)

    await Publisher(store).collect(lease, retain=0)

    manifest = await Reader(store).manifest(pointer.manifest)
    assert await Reader(store).objects(manifest.digests())


async def test_history_is_newest_first(store: Store) -> None:
    for after, number in ((0, 2), (2, 9), (9, 10)):
        await publish(store, number, {}, after=after)

    assert [pointer.generation for pointer in await Reader(store).history()] == [10, 9, 2]


async def test_a_flip_wakes_those_who_listen(store: Store, valkey_url: str) -> None:
    other = connect(valkey_url)
    async with contextlib.aclosing(Reader(other).flips()) as flips:
        await anext(flips)  # listening from here on
        waiting = asyncio.ensure_future(anext(flips))
        await publish(store, 1, {})
        async with asyncio.timeout(2):
            await waiting
    await other.aclose()


@pytest.mark.parametrize("missing", [keys.MANIFESTS, keys.ENTRIES])
async def test_what_the_pointer_names_and_the_store_lost_is_damage(
    store: Store, missing: str
) -> None:
    pointer = await publish(store, 1, {"/a": entry(b"a")})
    manifest = await Reader(store).manifest(pointer.manifest)
    await store.delete(missing)

    with pytest.raises(DamagedError, match="missing"):
        await Reader(store).objects((await Reader(store).manifest(pointer.manifest)).digests())
    assert manifest.generation == 1


NO_POINTERS = [
    {"generation": "x", "manifest": "ab"},
    {"generation": "-1", "manifest": "ab"},
    {"generation": "0x10", "manifest": "ab"},
    {"generation": "1e3", "manifest": "ab"},
    {"generation": "007", "manifest": "ab"},
    {"generation": "9" * 16, "manifest": "ab"},
    {"generation": "7\n", "manifest": "ab"},
    {"generation": "", "manifest": ""},
    {"generation": "7", "manifest": b"\xff\xfe"},
]


@pytest.mark.parametrize("pointer", NO_POINTERS, ids=str)
async def test_a_pointer_that_names_no_generation_is_damage_and_may_be_written_over(
    store: Store, pointer: dict[str, str | bytes]
) -> None:
    await store.hset(keys.POINTER, mapping=pointer)  # type: ignore[arg-type] # invariant
    with pytest.raises(DamagedError):
        await Reader(store).pointer()

    assert (await publish(store, 1, {"/a": entry(b"a")})).generation == 1


@pytest.mark.parametrize("field", ["generation", "manifest"])
async def test_half_a_pointer_is_none_and_may_be_written_over(store: Store, field: str) -> None:
    await publish(store, 1, {"/a": entry(b"a")})
    await store.hdel(keys.POINTER, field)
    assert await Reader(store).pointer() is None

    assert (await publish(store, 2, {"/a": entry(b"a")}, after=0)).generation == 2


async def test_only_the_writer_tells_of_its_source(store: Store) -> None:
    publisher = Publisher(store)
    lease = await publisher.acquire("writer", TTL_S)
    await publisher.report(b"mine", lease)
    with pytest.raises(LeaseLostError):
        await publisher.report(b"theirs", Lease("other/1"))

    assert await publisher.source() == b"mine"


async def test_a_store_that_is_gone_is_unavailable_for_every_call() -> None:
    client = connect("redis://127.0.0.1:1", timeout_s=0.5)
    publisher = Publisher(client)
    manifest, objects = generation(1, {"/a": entry(b"a")})
    calls = (
        publisher.pointer(),
        publisher.manifest("x"),
        publisher.objects(["x"]),
        publisher.history(),
        publisher.source(),
        anext(publisher.flips()),
        publisher.acquire("test", TTL_S),
        publisher.missing(objects),
        publisher.send(objects),
        publisher.pin("x"),
        publisher.unpin(),
        publisher.pinned(),
        publisher.report(b"{}", Lease("x/1")),
    )

    for call in calls:
        with pytest.raises(StoreUnavailableError):
            await call
    assert manifest.generation == 1
    await client.aclose()


async def test_a_key_of_another_type_is_unavailable_rather_than_a_crash(store: Store) -> None:
    await store.set(keys.POINTER, "not a hash")

    with pytest.raises(StoreUnavailableError):
        await Reader(store).pointer()
