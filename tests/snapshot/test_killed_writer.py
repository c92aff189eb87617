"""A writer killed at each of its steps: readers never notice, and the next writer finishes the work."""

import asyncio
import os
import signal
from typing import Any, cast

import pytest
import redis.asyncio

from snapshot import Publisher, Reader, connect, decode_entry
from tests.snapshot.made import TTL_S, entry, generation, publish

OLD = {"/same": entry(b"same"), "/page": entry(b"old")}
NEW = {"/same": entry(b"same"), "/page": entry(b"new"), "/more": entry(b"more")}
OWNER = "test"


class Fatal(redis.asyncio.Redis):
    """Dies by SIGKILL at its n-th command: before it is sent, or once it has been done."""

    left = 0
    before = True

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        self.left -= 1
        if self.left == 0 and self.before:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


async def write(client: redis.asyncio.Redis) -> None:
    """Everything that publishing a generation does; by the owner who may have been killed in it."""
    publisher = Publisher(client)
    lease = await publisher.acquire(OWNER, TTL_S)
    await publisher.renew(lease, TTL_S)
    pointer = await publisher.pointer()
    number = pointer.generation if pointer else 0
    manifest, objects = generation(number + 1, NEW)
    missing = await publisher.missing(objects)
    await publisher.send({name: objects[name] for name in missing})
    await publisher.flip(manifest, lease, after=number)
    await publisher.collect(lease, retain=1)
    await publisher.release(lease)


def killed_at(url: str, command: int, *, before: bool) -> bool:
    """Whether a writer in a process of its own was killed there; False when it got to its end."""
    pid = os.fork()
    if pid == 0:
        client = cast("Fatal", Fatal.from_url(url))
        client.left, client.before = command, before
        asyncio.run(write(client))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


async def served(url: str) -> dict[str, bytes]:
    """What a reader would show now; each object is checked against its digest."""
    client = connect(url)
    reader = Reader(client)
    pointer = await reader.pointer()
    assert pointer is not None
    manifest = await reader.manifest(pointer.manifest)
    assert manifest.generation == pointer.generation
    objects = await reader.objects(manifest.digests())
    shown = {
        path: decode_entry(objects[page.digest], page.digest).body
        for path, page in manifest.pages.items()
    }
    await client.aclose()
    return shown


async def start_over(url: str) -> None:
    client = connect(url)
    await client.flushall()
    await publish(client, 1, OLD)
    await client.aclose()


async def finish(url: str) -> int:
    """The next writer's work; how many entries are left in the store."""
    client = connect(url)
    await write(client)
    left = await client.hlen("{edge}:entries")
    await client.aclose()
    return int(left)


@pytest.mark.parametrize("before", [True, False], ids=["unsent", "done"])
def test_a_writer_killed_at_any_command_leaves_a_whole_generation(
    valkey_url: str, before: bool
) -> None:
    old, new = ({path: page.body for path, page in site.items()} for site in (OLD, NEW))
    seen = []
    command = 1
    asyncio.run(start_over(valkey_url))
    while killed_at(valkey_url, command, before=before):
        seen.append(asyncio.run(served(valkey_url)))
        assert seen[-1] in (old, new)
        assert asyncio.run(finish(valkey_url)) == len(NEW)
        assert asyncio.run(served(valkey_url)) == new
        command += 1
        asyncio.run(start_over(valkey_url))

    assert command > 10
    assert old in seen
    assert new in seen
