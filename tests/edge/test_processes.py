"""Several processes behind one port: one that dies is replaced, and its siblings answer meanwhile."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from edge.processes import CALM_S, LONGEST_WAIT_S, Place, _vacate
from tests.conftest import children, eventually, running_valkey
from tests.edge.conftest import PAGES, Edge, published, running_edge

DETAIL = "/api/framer/property/42"
BAD_CHUNK = (
    b"POST /livez HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    b"zz\r\nnot a length\r\n0\r\n\r\n"
)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    with running_valkey(tmp_path) as url:
        published(url)
        with running_edge(tmp_path, url, EDGE_PROCESSES="2", EDGE_LINGER_S="0.3") as edge:
            eventually(lambda: len(ready(edge)) == 2)
            time.sleep(CALM_S)  # one that has lived this long is replaced at once
            yield edge


def ready(edge: Edge) -> set[int]:
    """The processes that have started to accept: actix has its threads."""
    return {pid for pid in children(edge.process.pid) if b"actix" in _threads(pid)}


def has_a_new_one(edge: Edge, before: set[int]) -> bool:
    return len(ready(edge) - before) == 1


def _threads(pid: int) -> bytes:
    names = b""
    for thread in Path(f"/proc/{pid}/task").glob("*/comm"):
        with contextlib.suppress(OSError):
            names += thread.read_bytes()
    return names


@contextlib.contextmanager
def asking(edge: Edge) -> Iterator[Counter[str]]:
    """A visitor with a new connection for each request; every whole answer is checked."""
    seen: Counter[str] = Counter()
    over = threading.Event()

    def ask() -> None:
        fresh = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=edge.url, trust_env=False, limits=fresh) as http:
            while not over.is_set():
                try:
                    answer = http.get(DETAIL)
                except httpx.HTTPError as error:
                    seen[type(error).__name__] += 1
                else:
                    whole = answer.content == PAGES[DETAIL].body
                    seen[f"{answer.status_code} {'whole' if whole else 'damaged'}"] += 1

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join(10)


def test_a_killed_process_is_replaced_and_its_sibling_answers_meanwhile(edge: Edge) -> None:
    """At most what was in the killed process's hands is cut; nothing is refused or damaged."""
    kills = 6
    with asking(edge) as seen:
        for number in range(kills):
            before = ready(edge)
            os.kill(sorted(before)[number % 2], signal.SIGKILL)
            eventually(partial(has_a_new_one, edge, before))

    cut = seen["RemoteProtocolError"] + seen["ReadError"]
    assert set(seen) <= {"200 whole", "RemoteProtocolError", "ReadError"}
    assert seen["200 whole"] > 100
    assert cut <= kills * 3  # one connection for each visitor


def test_a_malformed_chunk_ends_one_process_which_comes_back(edge: Edge) -> None:
    """What Robyn 0.88 does; the reason for the parent, and for Caddy in front. Look on upgrade."""
    before = ready(edge)

    with socket.create_connection(("127.0.0.1", edge.port), 5) as hostile:
        hostile.sendall(BAD_CHUNK)
        hostile.settimeout(5)
        assert b"200" not in hostile.recv(4096)

    assert eventually(lambda: len(ready(edge)) == 2 and ready(edge) != before)
    assert len(before - ready(edge)) == 1
    assert "SIGABRT" in edge.log.read_text()
    assert edge.http.get(DETAIL).status_code == 200


def test_a_parent_that_is_killed_takes_its_processes_along(edge: Edge) -> None:
    """They would hold the port against the parent that is started next."""
    left = ready(edge)

    edge.process.kill()
    edge.process.wait(5)

    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))


def test_a_frozen_process_is_killed_when_the_edge_stops(edge: Edge) -> None:
    os.kill(min(ready(edge)), signal.SIGSTOP)

    edge.process.send_signal(signal.SIGTERM)

    assert edge.process.wait(10) == 1
    assert "did not end" in edge.log.read_text()


def test_a_process_that_was_well_is_replaced_at_once() -> None:
    place = Place(0, pid=7, born=100.0, wait_s=LONGEST_WAIT_S)

    _vacate(place, 100.0 + CALM_S)

    assert (place.pid, place.due) == (0, 100.0 + CALM_S)


def test_a_process_that_cannot_live_is_started_ever_more_slowly() -> None:
    place, waits = Place(0), []

    for _ in range(8):
        place.pid = 7
        _vacate(place, place.born)
        waits.append(place.due - place.born)

    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, LONGEST_WAIT_S, LONGEST_WAIT_S]
