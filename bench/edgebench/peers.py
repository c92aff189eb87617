"""The peers: how each is installed, started and asked for its version."""

import contextlib
import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from string import Template
from typing import Any, cast

import msgspec

from bench.edgebench.capture import Page
from bench.edgebench.fixture import STATE, Store
from bench.edgebench.load import fetch
from bench.edgebench.processes import BenchError, free_port, running, until

PEERS = Path(__file__).parents[1] / "peers"
NPM = STATE / "npm"
NPM_PACKAGES = ("bun@1.4.5", "hono@4", "ioredis@5")
BUN = NPM / "node_modules" / "@oven" / "bun-linux-x64" / "bin" / "bun"
CADDY = Path(sys.executable).with_name("caddy")
START_S = 30.0


class AbsentError(Exception):
    """This peer cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one peer runs: the captured files, a folder and a port of its own, the store."""

    files: Path
    run: Path
    port: int
    store: Store

    def environ(self) -> dict[str, str]:
        return {
            "PEER_FILES": str(self.files),
            "PEER_PORT": str(self.port),
            "PEER_REDIS": str(self.store.socket),
            "HOME": str(self.run),
            "XDG_DATA_HOME": str(self.run),
            "XDG_CONFIG_HOME": str(self.run),
        }


@dataclass(frozen=True, slots=True)
class Peer:
    """`version` raises `AbsentError` where the peer is not installed."""

    name: str
    version: Callable[[], str]
    command: Callable[[Place], list[str]]


def _python(*packages: str) -> Callable[[], str]:
    def version() -> str:
        try:
            return ", ".join(f"{name} {metadata.version(name)}" for name in packages)
        except metadata.PackageNotFoundError as error:
            raise AbsentError(f"the package {error.name} is not installed") from None

    return version


def _told(binary: str | Path, *arguments: str) -> str:
    """What a program says of its version, on whichever stream."""
    found = shutil.which(binary)
    if found is None:
        raise AbsentError(f"{Path(binary).name} is not installed")
    done = subprocess.run(
        [found, *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode:
        raise AbsentError(f"{Path(binary).name} does not run here")
    return (done.stdout or done.stderr).strip().splitlines()[0]


def _nginx_version() -> str:
    return _told("nginx", "-v").rpartition("/")[2]


def _nginx(place: Place) -> list[str]:
    config = Template((PEERS / "nginx.conf").read_text()).substitute(
        user=getpass.getuser(), run=place.run, port=place.port, files=place.files
    )
    file = place.run / "nginx.conf"
    file.write_text(config)
    return ["nginx", "-p", str(place.run), "-e", "stderr", "-c", str(file)]


def _caddy(_place: Place) -> list[str]:
    config = PEERS / "stock.caddyfile"
    return [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(config)]


def _bun_version() -> str:
    found = [f"bun {_told(BUN, '--version')}"]
    for name in ("hono", "ioredis"):
        package = NPM / "node_modules" / name / "package.json"
        if not package.exists():
            raise AbsentError(f"{name} is not installed")
        line = next(ln for ln in package.read_text().splitlines() if '"version"' in ln)
        found.append(f"{name} {_quoted(line)}")
    return ", ".join(found)


def _quoted(line: str) -> str:
    return line.rpartition(":")[2].strip(' ",')


def _bun(_place: Place) -> list[str]:
    """From beside node_modules, which is where imports are looked up."""
    shutil.copy(PEERS / "bun_hono.ts", NPM / "bun_hono.ts")
    return [str(BUN), "run", str(NPM / "bun_hono.ts")]


def _module(name: str) -> Callable[[Place], list[str]]:
    return lambda _place: [sys.executable, "-m", f"bench.peers.{name}"]


ALL = (
    Peer("nginx", _nginx_version, _nginx),
    Peer("caddy", lambda: _told(CADDY, "version").split()[0], _caddy),
    Peer("granian-rsgi", _python("granian"), _module("granian_rsgi")),
    Peer("bun-hono", _bun_version, _bun),
    Peer(
        "fastapi", _python("fastapi", "uvicorn", "uvloop", "httptools"), _module("fastapi_uvicorn")
    ),
)


@contextlib.contextmanager
def started(peer: Peer, files: Path, store: Store, pages: list[Page]) -> Iterator[tuple[int, int]]:
    """The peer, serving and checked byte by byte against the capture: its port and pid."""
    place = Place(files, store.folder / peer.name, free_port(), store)
    place.run.mkdir()
    log = place.run / "log"
    with running(peer.command(place), log, place.environ()) as process:
        until(
            lambda: fetch(place.port, pages[0].path).status == 200,  # noqa: PLR2004
            START_S,
            peer.name,
            log,
        )
        for page in pages:
            _checked(peer.name, place.port, page, files / "tree" / page.path[1:])
        yield place.port, process.pid


def _checked(name: str, port: int, page: Page, file: Path) -> None:
    plain = fetch(port, page.path)
    packed = fetch(port, page.path, {"accept-encoding": "gzip"})
    twin = file.with_name(f"{file.name}.gz")
    if plain.body != file.read_bytes() or packed.body != twin.read_bytes():
        raise BenchError(f"{name} does not answer {page.path} with the captured bytes")


def fill(store: Store, files: Path, pages: list[Page]) -> None:
    """The captured answers in Valkey, for the peer that reads them there."""
    client = store.client(db=1)
    for page in pages:
        file = files / "tree" / page.path[1:]
        entry = {
            "headers": msgspec.json.encode(page.headers),
            "etag": page.etag,
            "etag_gzip": page.etag_gzip,
            "plain": file.read_bytes(),
            "packed": file.with_name(f"{file.name}.gz").read_bytes(),
        }
        client.hset(f"page:{page.path}", mapping=cast("dict[Any, Any]", entry))


def install() -> None:
    """Fetch what is not a Python package: wrk and nginx from Debian, Bun and its parts from npm."""
    missing = [name for name in ("wrk", "nginx") if shutil.which(name) is None]
    if missing:
        _debian([{"nginx": "nginx-light"}.get(name, name) for name in missing])
    if not BUN.exists():
        NPM.mkdir(parents=True, exist_ok=True)
        if shutil.which("npm") is None:
            print("npm is not installed: Bun stays absent")
            return
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NPM_PACKAGES],  # noqa: S607
            cwd=NPM,
            check=False,
            timeout=300,
        )


def _debian(packages: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"install these packages yourself: {' '.join(packages)}")
        return
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    subprocess.run(command, check=False, timeout=300)
