"""Answers that have to be worked out: apart from look-ups, one at a time, and not without end."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edge.server import WAITING_MAX, _unless_late
from tests.conftest import eventually, free_port, running
from tests.edge.conftest import Edge

SCRIPT = Path(__file__).with_name("slow_edge.py")
MANY = httpx.Limits(max_connections=None)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {"PYTHONPATH": "."}
    with running([sys.executable, str(SCRIPT), str(port)], environ, tmp_path / "log"):
        eventually(lambda: httpx.get(f"{url}/page").is_success)
        yield url


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/page"), ("GET", "/list?ready=yes"), ("HEAD", "/list?ready=yes")],
)
async def test_look_ups_do_not_wait_for_questions_and_too_many_of_these_are_refused(
    slow: str, method: str, path: str
) -> None:
    async with httpx.AsyncClient(base_url=slow, limits=MANY, timeout=30) as client:
        lists = [asyncio.create_task(client.get("/list")) for _ in range(WAITING_MAX + 40)]
        await asyncio.wait(lists, return_when=asyncio.FIRST_COMPLETED)
        pages = [await client.request(method, path) for _ in range(5)]
        waiting = sum(not task.done() for task in lists)
        answers = [await task for task in lists]

    refused = [answer for answer in answers if answer.status_code == 503]
    assert [page.status_code for page in pages] == [200] * 5
    assert waiting > 0
    assert 0 < len(refused) <= 40
    assert all(answer.status_code == 200 for answer in answers if answer not in refused)
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert {answer.json()["type"] for answer in refused} == {"/problems/busy"}


def test_what_has_waited_too_long_is_not_worked_out() -> None:
    done: list[str] = []

    assert not _unless_late(lambda: done.append("late"), time.monotonic() - 1)()
    assert _unless_late(lambda: done.append("in time"), time.monotonic() + 60)()

    assert done == ["in time"]


def test_another_spelling_of_a_list_is_sent_to_its_own(shared_edge: Edge) -> None:
    """Else it would be worked out on a thread that looks up."""
    answer = shared_edge.http.get("/api/framer/propertie%73?beds_min=3")

    assert answer.status_code == 308
    assert answer.headers["location"] == "/api/framer/properties?beds_min=3"


def test_lists_say_how_long_they_took(shared_edge: Edge) -> None:
    answer = shared_edge.http.get("/api/framer/properties", params={"baths_min": "1"})

    again = shared_edge.http.get("/api/framer/properties", params={"baths_min": "1"})
    assert answer.headers["cache-status"] == "edge; fwd=miss; stored"
    assert again.headers["cache-status"] == "edge; hit"
    for timed in (answer, again):
        name, _, duration = timed.headers["server-timing"].partition(";dur=")
        assert name == "query"
        assert 0 <= float(duration) < 10_000


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data"])
def test_a_list_that_is_worked_out_does_not_mind_a_body(shared_edge: Edge, kind: str) -> None:
    """Robyn hands the request back to itself, body and all."""
    bodies = (b"", b"{}", b"\xff\x00\x80", b"x" * 10_000)
    for number, body in enumerate(bodies):
        sent = {"content-type": kind} if kind != "multipart/form-data" else {}
        files = {"file": body} if kind == "multipart/form-data" else None
        answer = shared_edge.http.request(
            "GET",
            "/api/framer/properties",
            params={"price_min": f"{number}{len(kind)}"},
            headers=sent,
            content=body if files is None else None,
            files=files,
        )

        assert answer.status_code == 200
        assert answer.headers["cache-status"] == "edge; fwd=miss; stored"


@pytest.mark.parametrize("given", ["5 1.5,-0.1", "51.5, - 0.1", "1 2 3,4 5", " 51.5 , -0.1 "])
def test_a_point_with_spaces_is_read_or_refused(shared_edge: Edge, given: str) -> None:
    answer = shared_edge.http.get("/api/framer/properties", params={"near": given})

    assert answer.status_code in (200, 400)
