"""Caddy when edges are away, and what it tells its operators."""

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, eventually, free_port
from tests.stack.front import LIST, PICTURE, STOCK, Front, front

pytestmark = [pytest.mark.stack]
LOG = (ROOT / "deploy" / "caddy.d" / "site-log.caddy",)
METRICS = tuple((ROOT / "deploy" / "caddy.d").glob("*-metrics.caddy"))
RELOAD = f"{STOCK} reload --force --adapter caddyfile --config {ROOT}/Caddyfile".split()
NOTHING_LISTENS = 502, 503
RELOADS = 2


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def caddy(tmp_path_factory: pytest.TempPathFactory, metrics_port: int) -> Iterator[Front]:
    """One edge lives; of two more nobody has ever heard."""
    environ = {"CADDY_METRICS_PORT": str(metrics_port)}
    with front(
        tmp_path_factory.mktemp("f"), snippets=METRICS, upstreams=3, environ=environ
    ) as found:
        yield found


def test_no_visitor_notices_that_two_of_three_edges_are_dead(caddy: Front) -> None:
    answers = [caddy.http.get(f"{LIST}?page={number}").status_code for number in range(60)]

    assert answers == [200] * 60


def test_the_same_question_goes_to_the_same_edge(tmp_path: Path) -> None:
    with front(tmp_path, upstreams=1, twins=2) as caddy:
        edges = [caddy.upstream, *caddy.twins]
        for number in range(40):
            for _ in range(2):
                caddy.http.get(f"{LIST}?page={number}")
                caddy.http.get(f"{LIST}?page={number}&utm_source=mail")

        seen = [{asked.target for asked in edge.asked} for edge in edges]
    assert all(seen)
    assert sum(map(len, seen)) == 40


def test_with_every_edge_away_pages_are_still_there_and_the_rest_says_when_to_come_back(
    tmp_path: Path,
) -> None:
    with front(tmp_path) as caddy:
        caddy.stop_upstream()
        page = caddy.http.get("/api/framer/featured")
        answer = caddy.http.get(f"{LIST}?page=2")

    assert (page.status_code, page.headers["cache-status"]) == (200, "tree; hit")
    assert answer.status_code in NOTHING_LISTENS
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["type"] == "/problems/unavailable"


@pytest.mark.parametrize(
    "path",
    [
        "/api/framer/property/sold",
        "/api/framer/featured.json/below-a-file",
        "/api/framer/what%3F",
        "/api/framer/100%25",
        "/api/framer/caf%C3%A9",
        "/api/framer/a;b",
        "/api/framer/.hidden",
        "/api/" + "y" * 2000,
        PICTURE.replace("ab", "cd"),
    ],
    ids=lambda path: path[:32],
)
def test_what_is_no_file_comes_from_an_edge_as_it_says_it(caddy: Front, path: str) -> None:
    said = {"cache-control": "no-store", "access-control-allow-origin": "*"}
    caddy.upstream.says(b"{}", 200, **said)

    answer = caddy.http.get(path)

    assert path in [asked.target for asked in caddy.upstream.asked]
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert {name: answer.headers.get_list(name) for name in said} == {
        name: [value] for name, value in said.items()
    }
    assert answer.headers.get_list("cache-status") == ["edge; hit"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_fault_of_an_edges_own_server_is_not_called_a_page_of_the_tree(caddy: Front) -> None:
    """What answers when a handler raises knows nothing of our headers."""
    ours = ("access-control-allow-origin", "cache-control", "cache-status", "vary")
    caddy.upstream.says(b"broken", 500, **dict.fromkeys(ours, ""))

    answer = caddy.http.get("/api/framer/property/no-file")

    assert answer.status_code == 500
    assert "cache-status" not in answer.headers
    assert "cache-control" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("query", ["%zz", "a;b", "&"])
def test_a_query_that_cannot_be_read_is_for_an_edge_to_refuse(caddy: Front, query: str) -> None:
    caddy.upstream.says()
    caddy.publish(1, {"/api/framer/featured": b"{}"})

    answer = caddy.http.get(f"/api/framer/featured?{query}")

    assert answer.headers["cache-status"] == "edge; hit"


def test_who_asks_by_date_alone_is_answered_by_an_edge(caddy: Front) -> None:
    """Dates of files are made for their tags, and say nothing."""
    date = {"if-modified-since": "Sun, 22 Nov 2026 12:00:00 GMT"}
    caddy.upstream.says()
    caddy.publish(1, {"/api/framer/dated": b"{}"})

    answers = [
        caddy.http.get("/api/framer/dated", headers=date | more)
        for more in ({}, {"if-none-match": ""}, {"if-none-match": '"other"'})
    ]

    told = [answer.headers["cache-status"] for answer in answers]
    assert told == ["edge; hit", "edge; hit", "tree; hit"]
    assert answers[2].status_code == 200
    seen, _ = [asked for asked in caddy.upstream.asked if asked.target == "/api/framer/dated"]
    assert seen.headers["if-modified-since"] == date["if-modified-since"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("range", "bytes=0-1,3-4"),
        ("if-match", '"other"'),
        ("if-unmodified-since", "Sun, 22 Nov 2015 12:00:00 GMT"),
    ],
)
def test_who_wants_a_part_of_a_page_or_sets_a_condition_is_answered_by_an_edge(
    caddy: Front, name: str, value: str
) -> None:
    """Files would say 206, 412 or 416, with a policy that is for whole pages."""
    caddy.upstream.says()
    caddy.publish(1, {f"/api/framer/{name}": b"{}"})

    answer = caddy.http.get(f"/api/framer/{name}", headers={name: value})

    assert (answer.status_code, answer.headers["cache-status"]) == (200, "edge; hit")
    assert caddy.http.get(f"/api/framer/{name}").headers["cache-status"] == "tree; hit"


def test_metrics_are_for_loopback_and_for_no_visitor(caddy: Front, metrics_port: int) -> None:
    found = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text

    assert "caddy_http_request_duration_seconds" in found
    assert "caddy_reverse_proxy_upstreams_healthy" in found
    for path in ("/metrics", "/config/", "/debug/pprof/"):
        assert caddy.http.get(path).status_code == 404
        inside = caddy.raw(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{metrics_port}\r\nConnection: close\r\n\r\n".encode()
        )
        assert b"caddy_http" not in inside


def written(front: Front, many: int = 150) -> list[dict[str, Any]]:
    """What its access log has of two visitors who ask an edge and for a file, each so often."""

    def ask() -> None:
        with httpx.Client(base_url=front.url, trust_env=False) as client:
            for _ in range(many):
                client.get(f"{LIST}?page=2", headers={"user-agent": "Mozilla/secret"})
                client.get("/api/framer/featured")

    visitors = [threading.Thread(target=ask) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    lines = [json.loads(line) for line in front.log.read_text().splitlines()]
    return [line for line in lines if line.get("logger", "").startswith("http.log.access")]


def test_nobody_is_written_down_unless_a_host_asks_for_it(caddy: Front) -> None:
    assert written(caddy, 5) == []


def test_the_log_knows_no_visitor_and_does_not_keep_pace_with_them(tmp_path: Path) -> None:
    unfit = "/api/framer/featured.json/below-a-file"
    with front(tmp_path, snippets=LOG) as caddy:
        caddy.http.get(unfit)
        shown = written(caddy)

    asked = [line["request"]["uri"] for line in shown]
    assert 0 < asked.count(f"{LIST}?page=2") < 150
    assert 0 < asked.count("/api/framer/featured") < 150
    assert unfit in asked
    assert "/readyz" not in asked
    assert {line["request"]["client_ip"] for line in shown} == {"127.0.0.0"}
    assert "secret" not in json.dumps(shown)


def _asked(url: str, again: list[str]) -> httpx.Response:
    """Once more, and noted, if the connection met the moment in which the socket changes hands (docs/caddy.md)."""
    try:
        return httpx.get(url, trust_env=False)
    except (httpx.ReadError, httpx.RemoteProtocolError) as error:
        again.append(repr(error))
        return httpx.get(url, trust_env=False)


def test_it_takes_a_new_configuration_without_losing_a_request(caddy: Front) -> None:
    socket = f"unix/{caddy.log.parent}/caddy.sock"
    wrong: list[int] = []
    again: list[str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answer = _asked(f"{caddy.url}/api/framer/featured", again)
            wrong.extend([answer.status_code] if answer.status_code != 200 else [])

    visitor = threading.Thread(target=ask)
    visitor.start()
    try:
        for _ in range(RELOADS):
            done = subprocess.run(
                [*RELOAD, "--address", socket],
                env=caddy.environ,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    finally:
        over.set()
        visitor.join()

    assert wrong == []
    assert len(again) <= RELOADS
    eventually(lambda: caddy.http.get(f"{LIST}?page=1").is_success)
