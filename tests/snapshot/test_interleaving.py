"""Two writers in any order of steps: what the pointer names is always whole, and numbers only grow."""

import asyncio
import contextlib

import redis.asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from snapshot import Lease, Publisher, PublishRefusedError, Reader, connect, keys
from tests.snapshot.made import TTL_S, entry, generation

STEPS = ("acquire", "expire", "send", "flip", "collect")


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


steps = st.lists(
    st.tuples(st.booleans(), st.sampled_from(STEPS), st.integers(0, 3)), min_size=5, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_no_interleaving_leaves_an_unreadable_generation(
    valkey_url: str, order: list[tuple[bool, str, int]]
) -> None:
    asyncio.run(interleaved(valkey_url, order))


async def interleaved(url: str, order: list[tuple[bool, str, int]]) -> None:
    client = connect(url)
    await client.flushall()
    reader, writers = Reader(client), (Writer(client, "one"), Writer(client, "two"))
    highest = 0
    for who, what, body in order:
        await writers[who].step(what, body)
        for pointer in await reader.history():
            await reader.objects((await reader.manifest(pointer.manifest)).digests())
        current = await reader.pointer()
        assert current is None or (await reader.history())[0] == current
        assert (current.generation if current else 0) >= highest
        highest = current.generation if current else 0
    await client.aclose()
