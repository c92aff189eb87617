"""Edge processes that die behind Caddy: visitors get whole answers, and can kill none themselves."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from functools import partial

import pytest

from tests.conftest import eventually
from tests.edge.test_processes import has_a_new_one, ready
from tests.stack.small import Stack, flip_often, small_stack, visiting

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
KILLS = 10
HEAD = "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
TARGETS = [("GET", "/api/a?edge"), ("GET", "/livez"), ("GET", "/api/framer/properties?beds_min=1")]
CHUNKED = "transfer-encoding: chunked\r\n"
MALFORMED = [
    f"{CHUNKED}\r\nzz\r\nnot a length\r\n0\r\n\r\n",
    f"{CHUNKED}\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n-1\r\nx\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5\r\nab\r\n0\r\n\r\n",
    f"{CHUNKED}\r\n5\r\nabcdeXX0\r\n\r\n",
    f"{CHUNKED}content-length: 3\r\n\r\nzz\r\n\r\n",
    "transfer-encoding: chunked, identity\r\n\r\nzz\r\n",
    "transfer-encoding: xchunked\r\n\r\nzz\r\n",
    "transfer-encoding:\x0bchunked\r\n\r\nzz\r\n",
    "content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "content-length: -1\r\n\r\n",
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One edge of two processes, so that the survivor is the only other."""
    with small_stack(tmp_path_factory.mktemp("s"), edges=1, EDGE_PROCESSES="2") as stack:
        eventually(lambda: len(ready(stack.edges[0])) == 2)
        yield stack


def test_processes_killed_one_after_the_other_under_load_are_noticed_by_nobody(
    stack: Stack,
) -> None:
    """New generations come meanwhile."""
    (edge,) = stack.edges
    with visiting(stack.url) as visitors:
        for number in range(KILLS):
            before = ready(edge)
            os.kill(sorted(before)[number % 2], signal.SIGKILL)
            asyncio.run(flip_often(stack.store, 2 + number, 1))
            eventually(partial(has_a_new_one, edge, before))
    assert [visitor.wrong for visitor in visitors] == [[], [], []]
    assert sum(visitor.asked - visitor.from_tree for visitor in visitors) > 10 * KILLS


def sent(stack: Stack, method: str, target: str, rest: str, within_s: float = 5) -> bytes:
    """The first of Caddy's answer to a request as these bytes; empty while it waits for more."""
    head = HEAD.format(method=method, target=target, port=stack.port)
    with socket.create_connection(("127.0.0.1", stack.port), 5) as visitor:
        visitor.settimeout(within_s)
        visitor.sendall((head + rest).encode())
        with contextlib.suppress(TimeoutError):
            return visitor.recv(65_536)
        return b""


@pytest.mark.parametrize(("method", "target"), TARGETS)
def test_a_good_request_of_that_form_does_reach_the_edge(
    stack: Stack, method: str, target: str
) -> None:
    """So that the next test is about what it says."""
    answer = sent(stack, method, target, f"{CHUNKED}\r\n3\r\nabc\r\n0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"tree; hit" not in answer
    assert len(answer) > 100


@pytest.mark.parametrize("malformed", MALFORMED, ids=range(len(MALFORMED)))
@pytest.mark.parametrize(("method", "target"), [*TARGETS, ("POST", "/livez")])
def test_no_malformed_request_ends_a_process_through_caddy(
    stack: Stack, method: str, target: str, malformed: str
) -> None:
    """One that does would: tests/edge/test_processes.py."""
    (edge,) = stack.edges
    before = ready(edge)

    answer = sent(stack, method, target, malformed, within_s=0.3)

    assert answer[:9] in (b"", b"HTTP/1.1 ")
    assert ready(edge) == before
    assert edge.http.get("/api/a").is_success
