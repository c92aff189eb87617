"""The follower on a real Valkey: whatever goes wrong, what is loaded stays."""

import asyncio
import contextlib
import gc
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
import redis.asyncio

from edge.query import routes
from edge.query.parameters import ListQuery
from edge.refresh import Follower
from edge.tree import Tree
from snapshot import FORMAT, Manifest, Reader, connect, digest, encode, keys
from tests.conftest import running_valkey
from tests.edge.conftest import until
from tests.snapshot.made import entry, generation, publish, row

Store = redis.asyncio.Redis
PAGES = {"/a": entry(b"a"), "/b": entry(b"b")}


@contextlib.asynccontextmanager
async def following(
    url: str, poll_s: float = 0.05, tree: Tree | None = None
) -> AsyncIterator[Follower]:
    client = connect(url, timeout_s=1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        follower = Follower(Reader(client), poll_s, tree or Tree(Path(directory)))
        task = asyncio.ensure_future(follower.run())
        yield follower
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await client.aclose()


def showing(follower: Follower) -> int:
    return follower.view.table.generation if follower.view.table else 0


async def shows(follower: Follower, number: int, within_s: float = 6) -> None:
    await until(lambda: showing(follower) == number, within_s)


async def point_at(store: Store, manifest: Manifest, number: int | None = None) -> None:
    """Move the pointer by force, as a damaged store or a newer release might; under another `number`."""
    data = encode(manifest)
    await store.hset(keys.MANIFESTS, digest(data), data)
    pointer = {"generation": number or manifest.generation, "manifest": digest(data)}
    await store.hset(keys.POINTER, mapping=pointer)  # type: ignore[arg-type] # invariant


async def test_it_follows_by_polling(store: Store, valkey_url: str) -> None:
    async with following(valkey_url) as follower:
        for number in (1, 2):
            manifest, objects = generation(number, PAGES)
            await store.hset(keys.ENTRIES, mapping=objects)  # type: ignore[arg-type] # invariant
            await point_at(store, manifest)
            await shows(follower, number)
        assert follower.flips == 2


async def test_it_follows_by_message_between_polls(store: Store, valkey_url: str) -> None:
    async with following(valkey_url, poll_s=60) as follower:
        await until(lambda: follower.reader)
        await asyncio.sleep(0.2)
        await publish(store, 1, PAGES)
        await shows(follower, 1, within_s=1)


async def test_before_anything_is_published_it_waits(store: Store, valkey_url: str) -> None:
    async with following(valkey_url) as follower:
        await asyncio.sleep(0.2)
        assert (showing(follower), follower.faults) == (0, 0)
        await publish(store, 1, PAGES)
        await shows(follower, 1)


async def test_the_list_that_everybody_asks_for_is_ready(store: Store, valkey_url: str) -> None:
    await publish(store, 1, PAGES, [row()])
    async with following(valkey_url) as follower:
        await shows(follower, 1)
        assert ListQuery() in follower.view.results.kept


async def test_a_list_that_cannot_be_made_keeps_no_page_from_visitors(
    store: Store, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is odd about a home, it ends no edge."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(routes, "answered", fails)
    await publish(store, 1, PAGES, [row()])
    async with following(valkey_url) as follower:
        await shows(follower, 1)
        await until(lambda: follower.tree.generation() == 1)
        follower.start_from_tree()
        await publish(store, 2, PAGES, [row()])
        await shows(follower, 2)


async def spoil_missing_entry(store: Store) -> None:
    await point_at(store, generation(2, {"/lost": entry(b"lost")})[0])


async def spoil_altered_entry(store: Store) -> None:
    manifest, objects = generation(2, {"/bad": entry(b"bad")})
    await store.hset(keys.ENTRIES, next(iter(objects)), b"altered")
    await point_at(store, manifest)


async def spoil_missing_manifest(store: Store) -> None:
    await store.hset(keys.POINTER, mapping={"generation": 2, "manifest": "none"})


async def spoil_newer_format(store: Store) -> None:
    await point_at(store, msgspec.structs.replace(generation(2, PAGES)[0], format=FORMAT + 1))


async def spoil_wrong_number(store: Store) -> None:
    await point_at(store, generation(7, PAGES)[0], number=8)


async def spoil_impossible_date(store: Store) -> None:
    await point_at(store, msgspec.structs.replace(generation(2, PAGES)[0], published_at=2**60))


async def spoil_type(store: Store) -> None:
    await store.delete(keys.POINTER)
    await store.set(keys.POINTER, "text")


SPOILERS = [
    spoil_missing_entry,
    spoil_altered_entry,
    spoil_missing_manifest,
    spoil_newer_format,
    spoil_wrong_number,
    spoil_impossible_date,
    spoil_type,
]


@pytest.mark.parametrize("spoil", SPOILERS)
async def test_a_bad_generation_is_skipped_and_the_next_good_one_followed(
    store: Store, valkey_url: str, spoil: Callable[[Store], Awaitable[None]]
) -> None:
    await publish(store, 1, PAGES)
    async with following(valkey_url) as follower:
        await shows(follower, 1)
        await spoil(store)
        await until(lambda: follower.faults)
        assert showing(follower) == 1
        await store.delete(keys.POINTER)
        await publish(store, 9, PAGES, after=0)
        await shows(follower, 9)


@pytest.mark.parametrize(
    "word",
    [b"{not json", b'{"outcome":"\xff"}', b'{"checked_at_s":9999999999999999999999}', b"[" * 9999],
)
async def test_a_bad_source_report_stops_nothing(
    store: Store, valkey_url: str, word: bytes
) -> None:
    await store.set(keys.SOURCE, word)
    async with following(valkey_url) as follower:
        await until(lambda: follower.faults)
        await publish(store, 1, PAGES)
        await store.set(keys.SOURCE, b'{"outcome":"published","later":1}')
        await until(lambda: follower.view.source.outcome == "published")
        assert showing(follower) == 1


async def test_it_never_goes_back(store: Store, valkey_url: str) -> None:
    await publish(store, 5, PAGES, after=0)
    async with following(valkey_url) as follower:
        await shows(follower, 5)
        for older in (4, 5):
            await point_at(store, generation(older, {"/a": entry(b"old")})[0])
            await asyncio.sleep(0.15)
        assert (showing(follower), follower.flips) == (5, 1)
        assert follower.faults == 1  # and it says so, once


async def test_it_keeps_serving_without_the_store_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.ExitStack() as first:
        url = first.enter_context(running_valkey(tmp_path))
        client = connect(url)
        await publish(client, 1, PAGES)
        await client.aclose()
        async with following(url) as follower:
            await shows(follower, 1)
            first.close()
            with caplog.at_level(logging.WARNING):
                await until(lambda: follower.faults >= 5)
            assert showing(follower) == 1
            assert len(caplog.records) < 5  # the same fault is said once
            with running_valkey(tmp_path):
                client = connect(url)
                await publish(client, 2, PAGES, after=0)
                await client.aclose()
                await shows(follower, 2)


async def test_many_flips_leave_nothing_behind(store: Store, valkey_url: str) -> None:
    def alive() -> int:
        return gc.get_freeze_count() + len(gc.get_objects())

    async with following(valkey_url, poll_s=0.01) as follower:
        counts = []
        for number in range(1, 41):
            await publish(store, number, {"/a": entry(b"%d" % number)}, [row()])
            await shows(follower, number)
            counts.append(alive())
    gc.unfreeze()
    assert max(counts[20:]) - max(counts[5:20]) < 500


async def test_a_new_generation_is_asked_what_visitors_asked_the_one_before(
    store: Store, valkey_url: str
) -> None:
    questions = [ListQuery(beds_min=number) for number in range(4)]
    await publish(store, 1, PAGES, [row()])
    async with following(valkey_url) as follower:
        await shows(follower, 1)
        held = follower.view
        assert held.table is not None
        for question in questions:
            held.results.of(held.table, question)

        await publish(store, 2, PAGES, [row(bedrooms=3)])
        await shows(follower, 2)

        await until(lambda: {*questions} <= {*follower.view.results.kept})
        assert b'"total":1' in follower.view.results.kept[questions[3]].stored["identity"].body


async def test_one_that_is_cut_off_follows_what_another_lays_out(
    store: Store, valkey_url: str, tmp_path: Path
) -> None:
    """They share a disk: visitors who are sent to both would see generations come and go."""
    await publish(store, 1, PAGES)
    tree = Tree(tmp_path)
    async with following(valkey_url, tree=tree) as well:
        await shows(well, 1)
        cut_off = Follower(Reader(connect("unix:///nowhere.sock")), 0.05, tree)
        task = asyncio.ensure_future(cut_off.run())
        await shows(cut_off, 1)
        await publish(store, 2, {**PAGES, "/c": entry(b"c")})
        await shows(cut_off, 2)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

        held = cut_off.view.table
        assert held is not None
        assert {answer.stored["identity"].body for answer in held.answers.values()} == {
            b"a",
            b"b",
            b"c",
        }
