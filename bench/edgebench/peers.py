"""The peers: how each is installed, started and asked for its version."""

import contextlib
import getpass
import http
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
from bench.edgebench.processes import HOST, BenchError, running, until
from bench.edgebench.results import Subject

PEERS = Path(__file__).parents[1] / "peers"
NPM = STATE / "npm"
NPM_PARTS = PEERS / "npm"  # what of npm's, exactly
BUN = NPM / "node_modules" / "@oven" / "bun-linux-x64" / "bin" / "bun"
CADDY = Path(sys.executable).with_name("caddy")
START_S = 30.0
POLICY = Path("/usr/sbin/policy-rc.d")  # Debian asks it before a package starts a service


class AbsentError(Exception):
    """This peer cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one peer runs: the captured files, a folder and a port of its own, the store."""

    files: Path
    run: Path
    port: int
    store: Store
    origin: int  # the edge's port, for a cache in front of it
    source: int  # the simulated Rentman's

    def environ(self) -> dict[str, str]:
        return {
            "PEER_FILES": str(self.files),
            "PEER_PORT": str(self.port),
            "PEER_REDIS": str(self.store.socket),
            "PEER_SOURCE": f"http://{HOST}:{self.source}",
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
    codings: tuple[str, ...] = ("", "gzip")
    only: frozenset[str] = frozenset()  # subjects that it can answer at all; empty: every one
    same: bool = True  # the very bytes of the edge

    def answers(self, subject: Subject) -> bool:
        """None of these works out a list query: `bench.query.beside` has one that does."""
        asked = subject.name in self.only if self.only else not subject.name.startswith("list")
        return asked and subject.accept_encoding in self.codings


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


def nginx_version() -> str:
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


def caddy_version() -> str:
    """By its name: what stands before ours, and is called otherwise, is this Caddy, too."""
    return f"Caddy {_told(CADDY, 'version').split()[0]}"


def bun_version() -> str:
    found = [f"bun {_told(BUN, '--version')}"]
    for name in ("hono", "ioredis", "sharp"):
        package = NPM / "node_modules" / name / "package.json"
        if not package.exists():
            raise AbsentError(f"{name} is not installed")
        line = next(ln for ln in package.read_text().splitlines() if '"version"' in ln)
        found.append(f"{name} {_quoted(line)}")
    return ", ".join(found)


def _quoted(line: str) -> str:
    return line.rpartition(":")[2].strip(' ",')


def bun() -> list[str]:
    """From beside node_modules, which is where imports are looked up."""
    shutil.copy(PEERS / "bun_hono.ts", NPM / "bun_hono.ts")
    return [str(BUN), "run", str(NPM / "bun_hono.ts")]


def _module(name: str) -> Callable[[Place], list[str]]:
    return lambda _place: [sys.executable, "-m", f"bench.peers.{name}"]


def _varnish_version() -> str:
    return _told("varnishd", "-V").partition("varnish-")[2].split()[0]


def _varnish(place: Place) -> list[str]:
    """Both encodings are kept as they came: Varnish at its best does not unpack."""
    file = place.run / "varnish.vcl"
    vcl = Template((PEERS / "varnish.vcl").read_text()).substitute(origin=place.origin)
    file.write_text(vcl)
    command = ["varnishd", "-F", "-j", "none", "-n", str(place.run / "n"), "-T", "none"]
    command += ["-a", f"{HOST}:{place.port}", "-f", str(file), "-s", "malloc,64M"]
    return [*command, "-p", "http_gzip_support=off"]


ALL = (
    Peer("nginx", nginx_version, _nginx),
    Peer("varnish", _varnish_version, _varnish),
    Peer("caddy", caddy_version, _caddy),
    Peer("caddy-respond", caddy_version, _module("caddy_respond"), codings=("",)),
    Peer("granian-rsgi", _python("granian"), _module("granian_rsgi")),
    Peer("bun-hono", bun_version, lambda _place: bun()),
    Peer(
        "fastapi", _python("fastapi", "uvicorn", "uvloop", "httptools"), _module("fastapi_uvicorn")
    ),
    Peer(
        "naive-proxy",
        _python("starlette", "httpx", "uvicorn"),
        _module("naive_proxy"),
        only=frozenset({"detail"}),
        same=False,
    ),
)


@contextlib.contextmanager
def started(peer: Peer, place: Place, pages: list[Page]) -> Iterator[tuple[int, int]]:
    """The peer, serving and checked byte by byte against the capture: its port and pid."""
    place.run.mkdir()
    log = place.run / "log"
    asked = pages[-1].path  # a home: even the naive proxy knows it
    with running(peer.command(place), log, place.environ()) as process:
        until(
            lambda: fetch(place.port, asked).status == http.HTTPStatus.OK, START_S, peer.name, log
        )
        for page in pages if peer.same else ():
            _checked(peer, place.port, page, place.files / "tree" / page.path[1:])
        yield place.port, process.pid


def _checked(peer: Peer, port: int, page: Page, file: Path) -> None:
    for coding in peer.codings:
        answer = fetch(port, page.path, {"accept-encoding": coding} if coding else {})
        twin = file.with_name(f"{file.name}.gz") if coding else file
        if answer.body != twin.read_bytes():
            raise BenchError(f"{peer.name} does not answer {page.path} with the captured bytes")


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
    """Fetch what is not a Python package: wrk, nginx, Varnish and perf from Debian, Bun and its parts
    from npm, as the lock file has them."""
    wanted = {"wrk": "wrk", "nginx": "nginx-light", "varnishd": "varnish", "perf": "linux-perf"}
    missing = [package for binary, package in wanted.items() if shutil.which(binary) is None]
    if missing:
        _debian(missing)
    with contextlib.suppress(AbsentError):
        wants = msgspec.json.decode((NPM_PARTS / "package.json").read_bytes())["dependencies"]
        if bun_version() == ", ".join(f"{name} {version}" for name, version in wants.items()):
            return
    if shutil.which("npm") is None:
        print("npm is not installed: Bun stays absent")
        return
    NPM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NPM_PARTS / name, NPM / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=NPM, check=False, timeout=300)


def _debian(packages: list[str]) -> None:
    """Without starting the services that these packages bring."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"install these packages yourself: {' '.join(packages)}")
        return
    with _no_services():
        for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends"]):
            names = packages if "install" in command else []
            subprocess.run(["apt-get", *command, *names], check=False, timeout=300)  # noqa: S607


@contextlib.contextmanager
def _no_services() -> Iterator[None]:
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
