"""The peer that answers queries too (`bench/peers/sqlite_search.py`): started, and held against the edge."""

import contextlib
import http
import json
import platform
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from bench.edgebench import fixture
from bench.edgebench.fixture import Store
from bench.edgebench.load import fetch
from bench.edgebench.processes import BenchError, free_port, running, until
from bench.query.mix import LIST, WORDED, Portfolio, paths

CHECKED = 200  # queries
START_S = 240.0  # reads each of ten thousand homes
PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools")
SAME = ("total", "page", "pages", "per_page", "has_more", "facets")

Found = dict[str, tuple[int, int]]  # kind of words -> what the edge found, and the peer


@dataclass(frozen=True, slots=True)
class Peer:
    port: int
    found: Found  # of the queries checked


def versions() -> str:
    packages = (f"{name} {metadata.version(name)}" for name in PACKAGES)
    return ", ".join(
        (f"Python {platform.python_version()}", *packages, f"SQLite {sqlite3.sqlite_version}")
    )


@contextlib.contextmanager
def started(store: Store) -> Iterator[Peer]:
    """With the homes of an edge on this store, which is gone again once the two agree."""
    port, log = free_port(), store.folder / "peer.log"
    command = [sys.executable, "-m", "bench.peers.sqlite_search"]
    with contextlib.ExitStack() as stack:
        with fixture.edge(store) as (edge, _):
            environ = {"PEER_ORIGIN": str(edge), "PEER_PORT": str(port)}
            stack.enter_context(running(command, log, environ))
            until(lambda: fetch(port, LIST).status == http.HTTPStatus.OK, START_S, "the peer", log)
            found = agreed(edge, port)
        yield Peer(port, found)


def agreed(edge: int, peer: int, count: int = CHECKED) -> Found:
    """`BenchError` unless both find the same homes in the same order, with the same counts. Of words, which
    each has rules of its own for, how many both find."""
    found: Found = {}
    for kind, path in paths(Portfolio.of(edge), count):
        ours, theirs = _answer(edge, path), _answer(peer, path)
        if kind in WORDED:
            one, other = found.get(kind, (0, 0))
            found[kind] = one + ours["total"], other + theirs["total"]
        elif _told(ours) != _told(theirs):
            raise BenchError(
                f"the peer answers otherwise: {theirs['total']}, not {ours['total']}, for {path}"
            )
    return found


def _told(answer: dict[str, Any]) -> tuple[object, ...]:
    homes = [(item["id"], item["channel"]) for item in answer["items"]]
    return (homes, *(answer[name] for name in SAME))


def _answer(port: int, path: str) -> dict[str, Any]:
    answer = fetch(port, path)
    if answer.status != http.HTTPStatus.OK:
        raise BenchError(f"{answer.status} for {path}: {answer.body[:300]!r}")
    found: dict[str, Any] = json.loads(answer.body)
    if not isinstance(found["items"], list):
        raise BenchError(f"no items for {path}")
    return found
