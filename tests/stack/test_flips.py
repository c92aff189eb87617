"""Many generations in a row under load: no error, no short body, no mix of two generations."""

import asyncio
import gzip
import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import redis.asyncio

from edge.layout import POLICY
from snapshot import Entry, digest
from tests.conftest import eventually, free_port, running, running_valkey
from tests.edge.conftest import running_edge
from tests.snapshot.made import entry, publish, row

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
FLIPS = 500
PATHS = ["/api/a", "/api/%61"]  # laid out; and spelled so that only the edge answers
CODINGS = ["gzip", "identity"]


def page(number: int) -> Entry:
    """Its tag is its digest, so that anybody can tell a body from another's tag."""
    body = b'{"generation":%d,"filling":"%s"}' % (number, b"x" * (2000 + number % 50))
    return entry(body, gzip=gzip.compress(body, mtime=0), cache_control=POLICY)


@dataclass
class Visitor:
    """Asks without pause and notes whatever is not a whole page of one generation."""

    url: str
    asked: int = 0
    from_tree: int = 0  # answers of Caddy's file server: only that offers ranges
    generations: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def visit(self, done: threading.Event) -> None:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            while not done.is_set():
                path = PATHS[self.asked % 2]
                coding = CODINGS[self.asked // 2 % 2]
                self.asked += 1
                try:
                    self.judge(client.get(path, headers={"accept-encoding": coding}))
                except httpx.HTTPError as error:
                    self.wrong.append(repr(error))

    def judge(self, answer: httpx.Response) -> None:
        tag = answer.headers.get("etag", "").strip('"').removesuffix(".gz")
        if answer.status_code != 200 or tag != digest(answer.content)[:20]:
            self.wrong.append(f"{answer.status_code} {tag} {len(answer.content)} bytes")
            return
        self.from_tree += answer.headers.get("accept-ranges") == "bytes"
        if found := re.match(rb'\{"generation":(\d+)', answer.content):
            self.generations.add(int(found[1]))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The store's URL and Caddy's, in front of two edges that share a tree."""
    tree = str(tmp_path / "tree")
    for name in ("v", "1", "2", "extra"):
        (tmp_path / name).mkdir()
    with (
        running_valkey(tmp_path / "v") as store,
        running_edge(tmp_path / "1", store, EDGE_TREE_DIR=tree) as one,
        running_edge(tmp_path / "2", store, EDGE_TREE_DIR=tree) as two,
    ):
        asyncio.run(flip_often(store, 1, 1))
        url = f"http://127.0.0.1:{free_port()}"
        environ = {
            "SITE_ADDRESS": url,
            "CADDY_EDGES": f"127.0.0.1:{one.port} 127.0.0.1:{two.port}",
            "CADDY_EXTRA": str(tmp_path / "extra"),
            "CADDY_ADMIN": f"unix/{tmp_path}/caddy.sock",
            "EDGE_TREE_DIR": tree,
        }
        caddy = str(Path(sys.executable).with_name("caddy"))
        command = [caddy, "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
        with running(command, environ, tmp_path / "caddy.log"):
            eventually(lambda: httpx.get(f"{url}/readyz").is_success)
            yield store, url


async def flip_often(store: str, first: int, count: int) -> None:
    client = redis.asyncio.Redis.from_url(store)
    for number in range(first, first + count):
        await publish(client, number, {"/api/a": page(number)}, [row()])
        await asyncio.sleep(0.01)
    await client.aclose()


def test_flips_under_load_are_seen_whole_and_by_nobody_as_an_error(
    stack: tuple[str, str],
) -> None:
    store, url = stack
    visitors = [Visitor(url) for _ in range(3)]
    done = threading.Event()
    threads = [threading.Thread(target=visitor.visit, args=(done,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(flip_often(store, 2, FLIPS))
        eventually(lambda: httpx.get(f"{url}/api/a").json()["generation"] == FLIPS + 1)
        time.sleep(0.1)
    finally:
        done.set()
        for thread in threads:
            thread.join()

    assert [visitor.wrong for visitor in visitors] == [[], [], []]
    seen: set[int] = set().union(*(visitor.generations for visitor in visitors))
    assert len(seen) > FLIPS / 10
    assert sum(visitor.asked for visitor in visitors) > FLIPS
    assert sum(visitor.from_tree for visitor in visitors) > FLIPS / 5
