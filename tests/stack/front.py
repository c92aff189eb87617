"""The real Caddyfile in front of an upstream that notes what it is asked and answers what it is told."""

import contextlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import httpx

from tests.conftest import ROOT, eventually, free_port, running

STOCK = Path(sys.executable).with_name("caddy")
CACHE = ROOT / "deploy" / "caddy" / "cache"
LIST = "/api/properties"
PICTURE = f"/api/framer/images/{'ab' * 16}/400.webp"
DATE = 1_300_000_000_123_456_789  # of a file, in ns: what its tag is made of
POLICY = "public, max-age=30, stale-while-revalidate=600, stale-if-error=86400"


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: Mapping[str, str]


@dataclass
class Upstream:
    """In an edge's place. Empty `headers` are those of a list."""

    port: int = 0
    body: bytes = b'{"items":[]}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def says(self, body: bytes = b'{"items":[]}', status: int = 200, **headers: str) -> None:
        """From now on; `headers` with `_` for `-`. What was asked before is forgotten."""
        self.body, self.status = body, status
        self.headers = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        self.asked.clear()


@dataclass
class Front:
    url: str
    port: int
    http: httpx.Client
    upstream: Upstream
    tree: Path
    log: Path
    environ: dict[str, str]
    twins: list[Upstream]
    stop_upstream: Callable[[], None]

    def raw(self, request: bytes, within_s: float = 5.0) -> bytes:
        """What comes back for these bytes, until Caddy closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as visitor:
            visitor.settimeout(within_s)
            with contextlib.suppress(TimeoutError, ConnectionError):
                visitor.sendall(request)
            received = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                while more := visitor.recv(65_536):
                    received += more
            return received

    def publish(self, generation: int, pages: Mapping[str, bytes]) -> None:
        """Files by path below /api, as an edge lays them out."""
        for path, body in pages.items():
            file = self.tree / "live" / f"{path.lstrip('/')}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_bytes(body)
            os.utime(file, ns=(DATE + generation, DATE + generation))
        draft = self.tree / ".GENERATION"
        draft.write_text(str(generation))
        draft.rename(self.tree / "GENERATION")


@contextlib.contextmanager
def front(
    directory: Path,
    caddy: Path = STOCK,
    snippets: tuple[Path, ...] = (),
    *,
    upstreams: int = 1,
    twins: int = 0,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Front]:
    """`snippets` are imported as a host's own. Of the `upstreams` one answers; so do the `twins`."""
    for name in ("extra", "tree", "media"):
        (directory / name).mkdir()
    for snippet in snippets:
        shutil.copy(snippet, directory / "extra")
    picture = directory / "media" / PICTURE.removeprefix("/api/framer/images/")
    picture.parent.mkdir()
    picture.write_bytes(b"RIFF....WEBP")
    (directory / "media" / "secret.txt").write_text("secret")
    port, log = free_port(), directory / "caddy.log"
    url = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(contextlib.ExitStack())
        upstream = first.enter_context(recording())
        others = [stack.enter_context(recording()) for _ in range(twins)]
        ports = [one.port for one in (upstream, *others)]
        ports += [free_port() for _ in range(upstreams - 1)]
        settings = _environ(directory, url, ports) | dict(environ)
        command = [
            str(caddy),
            "run",
            "--config",
            str(ROOT / "Caddyfile"),
            "--adapter",
            "caddyfile",
        ]
        stack.enter_context(running(command, settings, log))
        client = stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=10))
        eventually(lambda: client.get("/readyz").is_success)
        made = Front(
            url, port, client, upstream, directory / "tree", log, settings, others, first.close
        )
        made.publish(1, {"/api/framer/featured": b'{"items":[1]}'})
        yield made


def _environ(directory: Path, url: str, ports: list[int]) -> dict[str, str]:
    return {
        "SITE_ADDRESS": url,
        "CADDY_EDGES": " ".join(f"127.0.0.1:{port}" for port in ports),
        "CADDY_EXTRA": str(directory / "extra"),
        "CADDY_ADMIN": f"unix/{directory}/caddy.sock",
        "EDGE_TREE_DIR": str(directory / "tree"),
        "SYNC_MEDIA_DIR": str(directory / "media"),
        "SYNC_PUBLIC_URL": "https://homes.example",
    }


PLAIN = {
    "content-type": "application/json",
    "cache-control": POLICY,
    "vary": "Accept-Encoding",
    "cache-status": "edge; hit",
    "access-control-allow-origin": "*",
}


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    upstream: Upstream
    away = False

    def handle_error(self, *_: object) -> None:
        """Nothing: Caddy may hang up when a visitor does."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        upstream = self.server.upstream
        if self.server.away:  # on a connection that was open before
            self.close_connection = True
            return None
        if self.path == "/readyz":
            return self.answer(200, b"{}", {})
        length = int(self.headers.get("content-length", "0"))
        if len(self.rfile.read(length)) < length:
            self.close_connection = True
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        upstream.asked.append(Asked(self.command, self.path, headers))
        return self.answer(upstream.status, upstream.body, upstream.headers)

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**PLAIN, **headers}.items():
            if value:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at what was asked."""


@contextlib.contextmanager
def recording() -> Iterator[Upstream]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.upstream = Upstream(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.upstream
        finally:
            server.away = True
            server.shutdown()
            thread.join()


def built_with_cache() -> Path:
    """The Caddy of deploy/caddy, built if it has not been."""
    done = subprocess.run(
        [ROOT / "deploy" / "caddy" / "build.sh"], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(done.stdout.strip())
