"""The demo as a black box: started as a user starts it, asked over HTTP, troubled by its simulator."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import ssl
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.edgebench.processes import (
    HOST,
    ROOT,
    BenchError,
    cpu_s,
    family,
    free_port,
    own_bytes,
    running,
    until,
)
from bench.load.behaviour import CODINGS, LIST, repertoire
from bench.load.profiles import USUAL_S, Trouble

COMES_UP_S, PICTURES_S = 120, 600
HEALTH = "/api/framer/health"
RENTMAN = "rentman"  # the simulated one, which no installation has
OURS = ("caddy", "edge", "sync", "store")
PARTS = {
    "caddy run": "caddy",
    "-m edge": "edge",
    "-m sync": "sync",
    "valkey-server": "store",
    "bench.upstream": RENTMAN,
}
OTHERS = "others"  # what starts and supervises the parts


@dataclass(frozen=True, slots=True)
class Stack:
    port: int
    state: Path
    upstream: int  # the simulated Rentman's port
    pid: int

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def spent(self) -> dict[str, float]:
        """CPU seconds so far, by part."""
        return self._by_part(cpu_s)

    def memory(self) -> dict[str, int]:
        """Bytes of their own, by part."""
        return {part: round(held) for part, held in self._by_part(own_bytes).items()}

    def _by_part(self, amount: Callable[[list[int]], float]) -> dict[str, float]:
        found = dict.fromkeys((*PARTS.values(), OTHERS), 0.0)
        for pid in family(self.pid):
            with contextlib.suppress(OSError):
                found[self._part(pid)] += amount([pid])
        return found

    def _part(self, pid: int) -> str:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return next((name for word, name in PARTS.items() if word in command), OTHERS)

    def health(self) -> dict[str, object]:
        return next(self.read([HEALTH]))

    def know(self, port: int = 0) -> None:
        """Ask all that visitors may ask, as earlier ones have: measured is a site that has been at work.

        `port`: of another server before the same edges.
        """
        try:
            (first,) = self.read([f"{LIST}?per_page=100"])
            asked = sorted(repertoire(first["items"]))
            deque(self._answers(asked, {"Accept-Encoding": CODINGS}, port), maxlen=0)
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"the demo said {error}") from error

    def read(self, paths: Iterable[str]) -> Iterator[dict[str, Any]]:
        yield from (dict(json.loads(body)) for body in self._answers(paths, {}))

    def _answers(
        self, paths: Iterable[str], headers: dict[str, str], port: int = 0
    ) -> Iterator[bytes]:
        context = ssl._create_unverified_context()  # noqa: S323, SLF001 - the demo's own certificate
        connection = http.client.HTTPSConnection(
            "localhost", port or self.port, timeout=5, context=context
        )
        with contextlib.closing(connection):
            for path in paths:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != http.HTTPStatus.OK:
                    raise http.client.HTTPException(f"{answer.status} to {path}")
                yield body

    def do(self, what: Trouble) -> None:
        if what == "forget":
            self._forget()
        elif what == "publish":
            self._order("POST", "/admin/life", event="price_cut")
        elif what == "upstream_down":
            self._order("POST", "/admin/faults", mode="503")
        else:
            self._order("DELETE", "/admin/faults")

    def edges(self) -> list[str]:
        """Where they listen, as our Caddy is told."""
        for pid in family(self.pid):
            if self._part(pid) == "caddy":
                lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
                (found,) = (line for line in lines if line.startswith("CADDY_EDGES="))
                return found.partition("=")[2].split()
        raise BenchError("no Caddy is at work")

    def has_tree(self) -> bool:
        return (self.state / "tree" / "live").exists()

    def _forget(self) -> None:
        """All that visitors were answered with: the published tree, and what edges keep in memory."""
        shutil.rmtree(self.state / "tree", ignore_errors=True)
        edges = {pid for pid in family(self.pid) if self._part(pid) == "edge"}
        parents = {pid for pid in edges if len(edges & set(family(pid))) > 1}
        if not edges - parents:
            raise BenchError("no edge is at work")
        for pid in edges - parents:  # their parents replace them at once
            os.kill(pid, signal.SIGKILL)

    def _order(self, method: str, path: str, **order: str) -> None:
        connection = http.client.HTTPConnection(HOST, self.upstream, timeout=10)
        try:
            connection.request(method, path, json.dumps(order) if order else None)
            answer = connection.getresponse()
            if answer.status != http.HTTPStatus.OK:
                raise BenchError(f"the simulator said {answer.status}: {answer.read()!r}")
        finally:
            connection.close()


@contextlib.contextmanager
def started(folder: Path, listings: int, interval_s: int = USUAL_S) -> Iterator[Stack]:
    """The whole demo, every picture ready; life stands still but for what a profile does.

    As it was when all were ready for the first time: prices fall in one run, and their history grows.
    """
    state, prepared = folder / "state", folder / "prepared"
    if not prepared.exists():
        shutil.rmtree(state, ignore_errors=True)
        with _running(folder, listings, interval_s):
            pass
        state.rename(prepared)
    renew(state, prepared)
    with _running(folder, listings, interval_s) as stack:
        yield stack


def renew(state: Path, prepared: Path) -> None:
    shutil.rmtree(state, ignore_errors=True)
    copied = partial(_copied, prepared / "media")
    shutil.copytree(prepared, state, symlinks=True, copy_function=copied)


def _copied(media: Path, there: str, here: str) -> None:
    """Pictures are never changed in their place, and there are many."""
    (os.link if Path(there).is_relative_to(media) else shutil.copy2)(there, here)


@contextlib.contextmanager
def _running(folder: Path, listings: int, interval_s: int) -> Iterator[Stack]:
    port, upstream, state = free_port(), free_port(), folder / "state"
    environ = {
        "DEMO_PORT": str(port),
        "DEMO_STATE": str(state),
        "DEMO_UPSTREAM_PORT": str(upstream),
        "UPSTREAM_LISTINGS": str(listings),
        "UPSTREAM_LIFE": "0",
        "SYNC_INTERVAL_S": str(interval_s),
        "SYNC_PACE_S": "0",
        "EDGE_STALE_AFTER_S": str(4 * interval_s),
    }
    log = folder / "demo.log"
    with running([sys.executable, "-m", "deploy.demo"], log, environ, cwd=ROOT) as process:
        stack = Stack(port, state, upstream, process.pid)
        until(lambda: stack.health().get("status") == "ok", COMES_UP_S, "the demo", log, 0.2)
        until(lambda: _pictures_ready(stack), PICTURES_S, "its pictures", log, 1.0)
        yield stack


def _pictures_ready(stack: Stack) -> bool:
    counts = stack.health()["counts"]
    return isinstance(counts, dict) and 0 < counts["pictures_named"] == counts["pictures"]
