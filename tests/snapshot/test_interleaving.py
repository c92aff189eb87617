"""Two writers and a follower in any order of steps: what the pointer names is always whole, numbers
only grow, and the follower shows one whole generation that was published."""

import asyncio
import contextlib
from pathlib import Path

import msgspec
import pytest
import redis.asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.refresh import Follower
from edge.tree import Tree
from snapshot import (
    Lease,
    Manifest,
    Publisher,
    PublishRefusedError,
    Reader,
    connect,
    decode_entry,
    keys,
)
from tests.snapshot.made import TTL_S, entry, generation

STEPS = ("acquire", "expire", "send", "flip", "collect", "rollback", "pin", "unpin")
FOLLOW = "follow"


class Writer:
    """One process with its own idea of the lease and the generation it builds on."""

    def __init__(self, client: redis.asyncio.Redis, name: str) -> None:
        self.publisher, self.name = Publisher(client), name
        self.client = client
        self.lease = Lease("")
        self.after, self.made = 0, generation(1, {})[0]

    async def step(self, what: str, body: int) -> None:
        with contextlib.suppress(PublishRefusedError):
            await getattr(self, what)(body)

    async def acquire(self, _: int) -> None:
        self.lease = await self.publisher.acquire(self.name, TTL_S)

    async def expire(self, _: int) -> None:
        await self.client.delete(keys.LEASE)

    async def send(self, body: int) -> None:
        pointer = await self.publisher.pointer()
        self.after = pointer.generation if pointer else 0
        pages = {"/same": entry(b"same"), "/new": entry(b"%d" % body)}
        self.made, objects = generation(self.after + 1, pages)
        missing = await self.publisher.missing(objects)
        await self.publisher.send({name: objects[name] for name in missing})

    async def flip(self, _: int) -> None:
        await self.publisher.flip(self.made, self.lease, after=self.after)

    async def collect(self, _: int) -> None:
        await self.publisher.collect(self.lease, retain=2)

    async def rollback(self, back: int) -> None:
        """To one of the retained generations, as a new one."""
        history = await self.publisher.history()
        if history:
            old = await self.publisher.manifest(history[back % len(history)].manifest)
            now = history[0].generation
            made = msgspec.structs.replace(old, generation=now + 1)
            await self.publisher.flip(made, self.lease, after=now, pin="rollback")

    async def pin(self, _: int) -> None:
        await self.publisher.pin("by an operator")

    async def unpin(self, _: int) -> None:
        await self.publisher.unpin()


steps = st.lists(
    st.tuples(st.booleans(), st.sampled_from((*STEPS, FOLLOW)), st.integers(0, 3)),
    min_size=5,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_no_interleaving_leaves_an_unreadable_generation(
    valkey_url: str, tmp_path_factory: pytest.TempPathFactory, order: list[tuple[bool, str, int]]
) -> None:
    asyncio.run(interleaved(valkey_url, order, tmp_path_factory.mktemp("tree")))


async def interleaved(url: str, order: list[tuple[bool, str, int]], tree: Path) -> None:
    client = connect(url)
    await client.flushall()
    reader, writers = Reader(client), (Writer(client, "one"), Writer(client, "two"))
    follower = Follower(reader, 1.0, Tree(tree))
    published: dict[int, Manifest] = {}
    for who, what, body in order:
        if what == FOLLOW:
            await follower.refresh()
        else:
            await writers[who].step(what, body)
        await all_whole(reader, published)
        served = follower.view.table
        if served is not None:
            assert served.manifest == published[served.generation]
            assert set(served.answers) == {p.digest for p in served.manifest.pages.values()}
    await client.aclose()


async def all_whole(reader: Reader, published: dict[int, Manifest]) -> None:
    """Each retained generation can be read in full; `published` gains those that are new."""
    history = await reader.history()
    for pointer in history:
        manifest = await reader.manifest(pointer.manifest)
        for name, data in (await reader.objects(manifest.digests())).items():
            decode_entry(data, name)
        assert published.setdefault(pointer.generation, manifest) == manifest
    current = await reader.pointer()
    assert current == (history[0] if history else None)
    assert current is None or current.generation == max(published)
