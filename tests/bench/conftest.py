"""The simulator as a real process on a free loopback port, ended by its own pid."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.conftest import free_port

TOKEN = "demo%2Btoken%2F1%3D"
LIST, MEDIA = "/propertyadvertising.php", "/propertymedia.php"
ROOT = Path(__file__).parents[2]


class Upstream:
    """A running simulator, with the calls that tests make of it."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, ready: str) -> None:
        self.process, self.url, self.ready = process, url, ready
        self.http = httpx.Client(base_url=url, timeout=20, trust_env=False)

    def get(self, path: str = LIST, **options: Any) -> httpx.Response:
        headers = {"token": TOKEN} | options.pop("headers", {})
        return self.http.get(path, params=options, headers=headers)

    def rows(self, **options: Any) -> Any:
        response = self.get(LIST, **{"noimage": 1, "limit": 200, "page": 1} | options)
        assert response.status_code == 200
        return msgspec.json.decode(response.content)

    def admin(self, method: str, path: str, **order: Any) -> Any:
        body = msgspec.json.encode(order) if order else None
        return self.http.request(method, f"/admin/{path}", content=body)

    def fault(self, mode: str, **order: Any) -> Any:
        response = self.admin("POST", "faults", mode=mode, **order)
        assert response.status_code == 200, response.text
        return response.json()

    def state(self) -> Any:
        return self.admin("GET", "state").json()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()
        return status


@contextmanager
def running(state: Path, *flags: str, **environ: str) -> Iterator[Upstream]:
    port = free_port()
    fixed = ("--port", str(port), "--state", str(state), "--today", "2026-11-20")
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.upstream", *fixed, *flags],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    ready = process.stdout.readline() if process.stdout else ""
    upstream = Upstream(process, f"http://127.0.0.1:{port}", ready)
    try:
        yield upstream
    finally:
        upstream.stop()


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures drawn once serve the whole folder."""
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture(scope="session")
def simulator(drawn: Path) -> Iterator[Upstream]:
    with running(drawn, "--listings", "60") as upstream:
        yield upstream


@pytest.fixture
def upstream(simulator: Upstream) -> Upstream:
    """The shared simulator, healed and with its counters at zero."""
    simulator.admin("DELETE", "faults")
    simulator.admin("DELETE", "requests")
    defaults = {"list_latency": 0.0, "media_latency": 0.0, "token": TOKEN, "token_form": "any"}
    simulator.admin("POST", "settings", **defaults, refusal="401")
    return simulator
