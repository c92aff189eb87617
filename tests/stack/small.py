"""Caddy in front of edges that follow a store of ours, and visitors who check every answer."""

import asyncio
import contextlib
import gzip
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import redis.asyncio

from edge.layout import POLICY
from edge.tags import moment, tag
from snapshot import Entry, digest
from tests.conftest import ROOT, eventually, free_port, running, running_valkey
from tests.edge.conftest import Edge, running_edge
from tests.snapshot.made import entry, publish, row

PATHS = ["/api/a", "/api/a?edge"]  # laid out; and with a query, so that only the edge answers
CODINGS = ["gzip", "identity"]


def page(number: int) -> Entry:
    """Its tag is its digest, so that anybody can tell a body from another's tag."""
    body = b'{"generation":%d,"filling":"%s"}' % (number, b"x" * (2000 + number % 50))
    return entry(body, gzip=gzip.compress(body, mtime=0), cache_control=POLICY)


async def flip_often(store: str, first: int, count: int, pause_s: float = 0.01) -> None:
    client = redis.asyncio.Redis.from_url(store)
    for number in range(first, first + count):
        await publish(client, number, {"/api/a": page(number)}, [row()])
        await asyncio.sleep(pause_s)
    await client.aclose()


def tag_of(answer: httpx.Response) -> str:
    """What an answer with this body has to be tagged with."""
    coding = answer.headers.get("content-encoding", "identity")
    made = moment(f'"{digest(answer.content)[:20]}"', coding)
    return tag(made, int(answer.headers["content-length"]))


@dataclass
class Visitor:
    """Asks without pause and notes whatever is not a whole page of one generation."""

    url: str
    asked: int = 0
    from_tree: int = 0  # answers of Caddy's file server
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
        found = answer.headers.get("etag", "")
        if answer.status_code != 200 or found != tag_of(answer):
            self.wrong.append(f"{answer.status_code} {found} {len(answer.content)} bytes")
            return
        self.from_tree += answer.headers.get("cache-status") == "tree; hit"
        if found := re.match(rb'\{"generation":(\d+)', answer.content):
            self.generations.add(int(found[1]))


@contextlib.contextmanager
def visiting(url: str, count: int = 3) -> Iterator[list[Visitor]]:
    visitors = [Visitor(url) for _ in range(count)]
    done = threading.Event()
    threads = [threading.Thread(target=visitor.visit, args=(done,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    try:
        yield visitors
    finally:
        done.set()
        for thread in threads:
            thread.join()


@dataclass
class Stack:
    store: str
    url: str
    port: int
    edges: list[Edge]


LOCAL = """
auto_https disable_redirects
local_certs
skip_install_trust
storage file_system {directory}/caddy
"""


@contextlib.contextmanager
def small_stack(
    directory: Path, edges: int, *, secure: bool = False, **settings: str
) -> Iterator[Stack]:
    """One generation, published; `edges` programs that share a tree, behind one Caddy.

    `secure`: by https, with a certificate that Caddy's own authority makes.
    """
    tree = str(directory / "tree")
    with contextlib.ExitStack() as parts:
        (directory / "v").mkdir()
        (directory / "extra").mkdir()
        store = parts.enter_context(running_valkey(directory / "v"))
        asyncio.run(flip_often(store, 1, 1))
        started = []
        for number in range(edges):
            (directory / str(number)).mkdir()
            place = running_edge(directory / str(number), store, EDGE_TREE_DIR=tree, **settings)
            started.append(parts.enter_context(place))
        port = free_port()
        url = f"https://localhost:{port}" if secure else f"http://127.0.0.1:{port}"
        if secure:
            (directory / "extra" / "global.caddy").write_text(LOCAL.format(directory=directory))
        parts.enter_context(running(*_caddy(directory, url, started, tree)))
        eventually(lambda: httpx.get(f"{url}/readyz", verify=not secure).is_success)
        yield Stack(store, url, port, started)


def _caddy(
    directory: Path, url: str, edges: list[Edge], tree: str
) -> tuple[list[str], dict[str, str], Path]:
    environ = {
        "SITE_ADDRESS": url,
        "SYNC_PUBLIC_URL": url,
        "CADDY_EDGES": " ".join(f"127.0.0.1:{edge.port}" for edge in edges),
        "CADDY_EXTRA": str(directory / "extra"),
        "CADDY_ADMIN": f"unix/{directory}/caddy.sock",
        "EDGE_TREE_DIR": tree,
    }
    caddy = str(Path(sys.executable).with_name("caddy"))
    command = [caddy, "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"]
    return command, environ, directory / "caddy.log"
