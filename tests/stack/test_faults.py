"""Nothing upstream changes what is served, and a dead process comes back by itself."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.conftest import eventually
from tests.stack.conftest import INTERVAL_S, Demo, outcome

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
LIES = [
    {"mode": "F1"},
    {"mode": "F2"},
    {"mode": "F3"},
    {"mode": "F3", "page": 2},
    {"mode": "F4", "page": 2},
    {"mode": "F8"},
]


PASSES = 4  # calls at least: a lie that is told again is still a lie


def passes(demo: Demo) -> int:
    """List calls that Rentman has seen."""
    state = demo.upstream.admin.get("/admin/state").json()
    return int(state["requests"]["list"]["calls"])


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: "-".join(map(str, lie.values())))
def test_a_lying_source_changes_nothing_that_is_served(
    healthy: Demo, lie: dict[str, object]
) -> None:
    before = healthy.client.get("/api/properties?per_page=100").content
    seen = passes(healthy)

    healthy.upstream.fault(**lie)  # type: ignore[arg-type]

    eventually(lambda: passes(healthy) >= seen + PASSES, 60)
    eventually(lambda: outcome(healthy) in ("failed", "held"), 30)
    assert healthy.client.get("/api/properties?per_page=100").content == before


def test_news_arrives_after_trouble_has_passed(healthy: Demo) -> None:
    healthy.upstream.fault("F8")
    eventually(lambda: outcome(healthy) == "failed", 60)
    time.sleep(5 * INTERVAL_S)
    healthy.upstream.heal()

    news_arrives(healthy)


@contextmanager
def visitors(demo: Demo) -> Iterator[list[str]]:
    """Two visitors asking without pause; what went wrong for them."""
    wrong: list[str] = []
    done = threading.Event()

    def visit() -> None:
        with httpx.Client(base_url=demo.url, verify=demo.tls(), timeout=10) as client:
            while not done.wait(0.005):
                try:
                    answer = client.get("/api/framer/featured")
                except httpx.HTTPError as error:
                    wrong.append(repr(error))
                else:
                    if answer.status_code != 200:
                        wrong.append(f"HTTP {answer.status_code}")

    threads = [threading.Thread(target=visit) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("name", ["valkey", "sync", "rentman", "edge-1", "edge-2"])
def test_a_killed_process_comes_back_and_no_visitor_notices(healthy: Demo, name: str) -> None:
    victim = healthy.parts()[name].pid
    with visitors(healthy) as wrong:
        time.sleep(0.3)
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: healthy.parts().get(name) and healthy.parts()[name].pid != victim)
        time.sleep(2 * INTERVAL_S)

    assert wrong == []
    news_arrives(healthy)


def test_caddy_killed_is_back_within_seconds(healthy: Demo) -> None:
    os.kill(healthy.parts()["caddy"].pid, signal.SIGKILL)

    eventually(lambda: healthy.client.get("/livez").is_success, 10)
    news_arrives(healthy)


def news_arrives(demo: Demo) -> None:
    """The whole way from Rentman to a visitor works."""
    home = demo.client.get("/api/properties?channel=rent").json()["items"][0]
    path = f"/api/properties/{home['id']}"

    def cut() -> bool:
        try:
            demo.upstream.life("price_cut", propref=home["id"])
        except httpx.HTTPError:
            return False
        return True

    eventually(cut, 30)
    eventually(lambda: demo.client.get(path).json()["price"] < home["price"], 90)
