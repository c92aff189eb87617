"""What may stand before the edges of one stack: our Caddy, nginx with the same files, a plain proxy."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.edgebench.capture import FEATURED
from bench.edgebench.peers import PEERS, caddy_version, nginx_version
from bench.edgebench.processes import cpu_s, family, free_port
from bench.front.servers import OURS, collector, on_caddy, on_nginx
from bench.load.stack import Stack

NGINX, PROXY = "nginx, files and edges", "caddy, all to the edges"
Spent = tuple[float, float]  # CPU: its own, and the edges'


@dataclass(frozen=True, slots=True)
class Server:
    """`spent`: CPU seconds so far."""

    name: str
    port: int
    spent: Callable[[], Spent]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


def ours(stack: Stack) -> Server:
    def spent() -> Spent:
        found = stack.spent()
        return found["caddy"], found["edge"]

    return Server(OURS, stack.port, spent)


@contextlib.contextmanager
def nginx(stack: Stack, folder: Path) -> Iterator[Server]:
    lines = "\n    ".join(f"server {edge};" for edge in stack.edges())
    places = {"tree": f"{stack.state}/tree/live", "media": f"{stack.state}/media"}
    run = _emptied(folder / "nginx")
    with on_nginx(PEERS / "nginx_site.conf", run, FEATURED, edges=lines, **places) as (port, pid):
        yield _beside(NGINX, port, pid, stack)


@contextlib.contextmanager
def proxy(stack: Stack, folder: Path) -> Iterator[Server]:
    run, port = _emptied(folder / "proxy"), free_port()
    run.mkdir()
    environ = {
        "PEER_PORT": f"{port}",
        "PEER_EDGES": " ".join(stack.edges()),
        **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), f"{run}"),
    } | collector()
    config = PEERS / "stock_proxy.caddyfile"
    with on_caddy(PROXY, config, run, port, environ, FEATURED) as pid:
        yield _beside(PROXY, port, pid, stack)


def version(name: str) -> str:
    """`AbsentError` where it is not installed."""
    return nginx_version() if name == NGINX else caddy_version()


def _beside(name: str, port: int, pid: int, stack: Stack) -> Server:
    return Server(name, port, lambda: (cpu_s(family(pid)), stack.spent()["edge"]))


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder
