"""Edge processes that die behind Caddy: visitors get whole answers, and can kill none themselves."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from functools import partial

import pytest

from tests.conftest import eventually
from tests.edge.test_processes import BAD_CHUNK, has_a_new_one, ready
from tests.stack.small import Stack, flip_often, small_stack, visiting

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
KILLS = 10
MALFORMED = [
    BAD_CHUNK,
    BAD_CHUNK.replace(b"POST", b"GET"),
    BAD_CHUNK.replace(b"POST /livez", b"GET /api/%61"),
    BAD_CHUNK.replace(b"zz", b"fffffffffffffffff"),
    BAD_CHUNK.replace(b"zz", b"-1"),
    BAD_CHUNK.replace(b"zz\r\n", b"5\r\nab"),
    BAD_CHUNK.replace(b"chunked", b"chunked, identity"),
    BAD_CHUNK.replace(b"chunked\r\n", b"chunked\r\ncontent-length: 3\r\n"),
    BAD_CHUNK.replace(b"POST /livez", b"GET /api/framer/properties?beds_min=1"),
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


@pytest.mark.parametrize("malformed", MALFORMED, ids=range(len(MALFORMED)))
def test_no_malformed_request_reaches_a_process_through_caddy(
    stack: Stack, malformed: bytes
) -> None:
    """One that does would end it: tests/edge/test_processes.py."""
    (edge,) = stack.edges
    before = ready(edge)

    with socket.create_connection(("127.0.0.1", stack.port), 5) as hostile:
        hostile.settimeout(5)
        hostile.sendall(malformed)
        answer = hostile.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 ")
    assert ready(edge) == before
    assert edge.http.get("/api/a").is_success
