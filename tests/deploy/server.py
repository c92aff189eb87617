"""A machine with the product installed on it and at work, and a simulated Rentman beside it."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT, TOKEN, eventually, running
from tests.deploy.machine import Machine, booted

HOMES, RENTMAN = 3, 9900
URL = "https://localhost"
LOOKED_UP, WORKED_OUT = "/api/framer/featured", "/api/framer/properties?beds_min=0"
QUICK = {"UV_COMPILE_BYTECODE": "0"}  # a start is slower, an installation much faster
SETTINGS = f"""
SYNC_RENTMAN_URL=http://127.0.0.1:{RENTMAN}
SYNC_INTERVAL_S=2
SYNC_PACE_S=0
SYNC_CALLS_PER_HOUR=1000000
SYNC_PICTURE_PROFILE=fast
SYNC_PICTURE_WORKERS=1
SYNC_PUBLIC_URL={URL}
"""


@dataclass
class Load:
    """What the visitors told when they had ended."""

    asked: int = 0
    wrongs: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Server:
    machine: Machine
    directory: Path

    def run(self, *words: str, check: bool = True) -> str:
        return self.machine.run(*words, check=check)

    def get(self, path: str, url: str = URL) -> str:
        """The body; fails unless the status says success."""
        return self.run("curl", "--silent", "--show-error", "--insecure", "--fail", f"{url}{path}")

    def generation(self, port: int = 8000) -> int:
        return int(json.loads(self.get("/readyz", f"http://127.0.0.1:{port}"))["generation"])

    def health(self) -> dict[str, object]:
        return dict(json.loads(self.get("/api/framer/health")))

    def active(self, unit: str) -> bool:
        return self.run("systemctl", "is-active", unit, check=False).startswith("active")

    def pid(self, unit: str) -> int:
        return int(self.run("systemctl", "show", "--property=MainPID", "--value", unit))

    def fault(self, mode: str, **options: object) -> None:
        self._rentman("POST", "/admin/faults", {"mode": mode} | options)

    def heal(self) -> None:
        self._rentman("DELETE", "/admin/faults", {})

    def life(self, event: str) -> None:
        self._rentman("POST", "/admin/life", {"event": event})

    def _rentman(self, method: str, path: str, body: dict[str, object]) -> None:
        url = f"http://127.0.0.1:{RENTMAN}{path}"
        words = ("curl", "-sSf", "-X", method, "-H", "content-type: application/json")
        self.run(*words, "-d", json.dumps(body), url)

    @contextlib.contextmanager
    def visited(self) -> Iterator[Load]:
        """Visitors all the while; afterwards the block's value says how they fared."""
        told = Load()
        program = str(Path(__file__).with_name("visitor.py"))
        command = [sys.executable, program, URL, LOOKED_UP, WORKED_OUT]
        process = subprocess.Popen(
            self.machine.beside(*command), stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout
        try:
            assert process.stdout.readline() == "visiting\n"
            yield told
        finally:
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=20)
            for name, value in json.loads(said).items():
                setattr(told, name, value)


@contextlib.contextmanager
def served(directory: Path) -> Iterator[Server]:
    """Installed by its own installer, everything started, every picture there."""
    token = directory / "token"
    token.write_text(TOKEN)
    with booted(directory) as machine, _rentman(machine, directory):
        server = Server(machine, directory)
        install(server, "--no-start", "--host", "localhost", "--token-file", str(token))
        machine.write("/etc/rentman-edge/sync.env", SETTINGS)
        server.run("systemctl", "start", "rentman.target")
        try:
            eventually(lambda: server.generation(8000) and server.generation(8001), 30)
            eventually(lambda: _pictured(server), 30)
        except (AssertionError, pytest.fail.Exception) as error:
            journal = server.run("journalctl", "--no-pager", "-n", "80", "--output=cat")
            raise AssertionError(f"{error}\n{journal}") from error
        yield server


def install(server: Server, *words: str, source: str = ".") -> str:
    environ = [f"{name}={value}" for name, value in QUICK.items()]
    return server.run("env", "-C", source, *environ, "deploy/install.sh", *words)


@contextlib.contextmanager
def _rentman(machine: Machine, directory: Path) -> Iterator[None]:
    (directory / "rentman").mkdir()
    words = [sys.executable, "-m", "bench.upstream", "--port", str(RENTMAN), "--state"]
    words += [str(directory / "rentman"), "--listings", str(HOMES)]
    with running(machine.beside(*words), log=directory / "rentman.log"):
        yield


def _pictured(server: Server) -> bool:
    """Whether a picture has come through the sandbox of the workers."""
    counts = server.health()["counts"]
    assert isinstance(counts, dict)
    return bool(counts["pictures"])
