"""A real edge on a free port, with a store of its own."""

import asyncio
import contextlib
import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from snapshot import connect
from tests.conftest import eventually, free_port, running, running_valkey
from tests.snapshot.made import entry, publish, row

LONG = b'{"title":"' + b"A quiet street. " * 200 + b'"}'
PAGES = {
    "/api/framer/property/42": entry(LONG, gzip=gzip.compress(LONG, mtime=0)),
    "/api/framer/property/café": entry('{"id":"café"}'.encode()),
    "/sitemap.xml": entry(b"<urlset/>", content_type="application/xml"),
}
ROWS = [row(id=str(number), bedrooms=number % 4, price=number * 10_000) for number in range(30)]
PICTURE = "ab" * 16 + "/400.webp"


@dataclass
class Edge:
    process: subprocess.Popen[bytes]
    url: str
    port: int
    http: httpx.Client
    log: Path

    def generation(self) -> int:
        return int(self.http.get("/readyz").raise_for_status().json()["generation"])


@contextlib.contextmanager
def running_edge(directory: Path, redis_url: str, **settings: str) -> Iterator[Edge]:
    """Ready, unless nothing is published: then alive."""
    port = free_port()
    environ = {
        "EDGE_REDIS_URL": redis_url,
        "EDGE_PORT": str(port),
        "EDGE_MEDIA_DIR": str(directory),
        "EDGE_TREE_DIR": str(directory / "tree"),
        "EDGE_POLL_S": "0.1",
    } | settings
    url, log = f"http://127.0.0.1:{port}", directory / "edge.log"
    with (
        running([sys.executable, "-m", "edge"], environ, log) as process,
        httpx.Client(base_url=url, trust_env=False, timeout=5) as http,
    ):
        eventually(lambda: http.get("/livez").is_success)
        yield Edge(process, url, port, http, log)


async def until(true: Callable[[], object], within_s: float = 6) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - what is looked at has no event
            await asyncio.sleep(0.01)


def published(url: str, number: int = 1, after: int | None = None) -> None:
    async def run() -> None:
        client = connect(url)
        await publish(client, number, PAGES, ROWS, after=after)
        await client.aclose()

    asyncio.run(run())


@pytest.fixture(scope="session")
def shared_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One generation of `PAGES` and `ROWS`, and one picture; for tests that only look."""
    directory = tmp_path_factory.mktemp("e")
    (directory / PICTURE).parent.mkdir()
    (directory / PICTURE).write_bytes(b"RIFF....WEBP")
    (directory / "secret.txt").write_text("secret")
    with running_valkey(directory) as url:
        published(url)
        with running_edge(directory, url) as edge:
            eventually(edge.generation)
            yield edge
