"""What stands in front: our Caddyfile over the published tree and the edge, and the others."""

import contextlib
import getpass
import secrets
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from types import MappingProxyType

from bench.edgebench import capture, fixture, processes
from bench.edgebench.load import fetch
from bench.edgebench.peers import CADDY, PEERS, AbsentError, caddy_version, nginx_version
from bench.edgebench.processes import HOST, ROOT, BenchError, free_port, running, until
from bench.edgebench.results import Subject
from bench.edgebench.stages import Server

OURS, STOCK, PROXY, NGINX = "rentman-edge", "caddy files", "caddy proxy", "nginx files"
TUNED, DUTIES = "caddy files, our collector", "caddy files, our duties"
SHIPPED = ROOT / "deploy" / "etc" / "caddy.env"
START_S = 30.0
TLS = "TLSv1.3"
PICTURE = "/api/framer/images/{name}/800.avif"
PICTURE_BYTES = 40_000
FILES = """root * {files}/tree
header Content-Type application/json
file_server {{
	precompressed gzip
}}
"""
PROXIED = "reverse_proxy {host}:{edge}\n"
CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
    *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """What they all serve: captured files, the edge's tree and media, and the edge itself."""

    folder: Path
    files: Path
    tree: Path
    media: Path
    edge_port: int
    edge_pid: int
    picture: str  # its address


@contextlib.contextmanager
def site(listings: int) -> Iterator[Site]:
    """Published by the real `sync` and laid out by an edge that has come to rest."""
    with fixture.opened(listings) as store, fixture.edge(store) as (port, process):
        files, media = store.folder / "captured", store.folder / "media"
        files.mkdir()
        capture.capture(port, files)
        picture = _picture(media, files)
        processes.calm(process.pid)
        yield Site(store.folder, files, store.folder / "tree", media, port, process.pid, picture)


def _picture(media: Path, files: Path) -> str:
    """Bytes that no encoding makes smaller, under a name as `sync` gives."""
    path = PICTURE.format(name=secrets.token_hex(16))
    body = secrets.token_bytes(PICTURE_BYTES)
    for file in (media / path.removeprefix("/api/framer/images/"), files / "tree" / path[1:]):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return path


@contextlib.contextmanager
def ours(site: Site) -> Iterator[Server]:
    """The Caddyfile of this repository; the edge's CPU counts as well."""
    run = site.folder / "ours"
    extra = run / "extra"
    extra.mkdir(parents=True)
    (extra / "global.caddy").write_text(
        f"auto_https disable_redirects\nlocal_certs\nskip_install_trust\n"
        f"storage file_system {run}/data\n"
    )
    (extra / "site.caddy").write_text(f"bind {HOST}\n")
    port = free_port()
    environ = {
        "SITE_ADDRESS": f"https://localhost:{port}",
        "CADDY_EDGES": f"{HOST}:{site.edge_port}",
        "CADDY_EXTRA": str(extra),
        "CADDY_ADMIN": f"unix/{admin(site)}",
        "EDGE_TREE_DIR": str(site.tree),
        "SYNC_MEDIA_DIR": str(site.media),
    } | collector()
    with on_caddy(OURS, ROOT / "Caddyfile", run, port, environ, "/readyz") as pid:
        yield Server(OURS, port, (pid, site.edge_pid), tls=True)


def admin(site: Site) -> Path:
    """The socket on which our Caddy is steered."""
    return site.folder / "ours" / "admin.sock"


@contextlib.contextmanager
def stock(site: Site, page: str) -> Iterator[Server]:
    """file_server over the captured files, with their gzip twins."""
    with _stock(STOCK, site, FILES.format(files=site.files), page) as (port, pid):
        yield Server(STOCK, port, (pid,), _not_a_query, tls=True)


@contextlib.contextmanager
def tuned(site: Site, page: str) -> Iterator[Server]:
    """The same with the settings of Go's garbage collector that we ship."""
    files = FILES.format(files=site.files)
    with _stock(TUNED, site, files, page, collector()) as (port, pid):
        yield Server(TUNED, port, (pid,), _not_a_query, tls=True)


@contextlib.contextmanager
def duties(site: Site, page: str) -> Iterator[Server]:
    """And with our limits and headers: what is left is how an answer is found."""
    files, config = FILES.format(files=site.files), PEERS / "stock_duties.caddyfile"
    with _stock(DUTIES, site, files, page, collector(), config) as (port, pid):
        yield Server(DUTIES, port, (pid,), _not_a_query, tls=True)


@contextlib.contextmanager
def proxy(site: Site, page: str) -> Iterator[Server]:
    """Every request goes on to the edge: what the published tree saves."""
    with _stock(PROXY, site, PROXIED.format(host=HOST, edge=site.edge_port), page) as (port, pid):
        yield Server(PROXY, port, (pid, site.edge_pid), tls=True)


@contextlib.contextmanager
def nginx(site: Site, page: str) -> Iterator[Server]:
    run = site.folder / "nginx-tls"
    with on_nginx(PEERS / "nginx_tls.conf", run, page, files=f"{site.files}") as (port, pid):
        yield Server(NGINX, port, (pid,), _not_a_query, tls=True)


def version(name: str) -> str:
    """Of the program that answers; `AbsentError` where it is not installed."""
    if name == NGINX:
        return f"nginx {nginx_version()}"
    ours = ", our Caddyfile before an edge of this commit" if name == OURS else ""
    return f"{caddy_version()}{ours}"


def collector() -> dict[str, str]:
    """GOGC and GOMEMLIMIT as the installer sets them."""
    lines = (line.partition("=") for line in SHIPPED.read_text().splitlines())
    return {name: value for name, _, value in lines if name.startswith("GO")}


def _not_a_query(subject: Subject) -> bool:
    """Files cannot answer one."""
    return "?" not in subject.path


@contextlib.contextmanager
def _stock(
    name: str,
    site: Site,
    handler: str,
    page: str,
    more: Mapping[str, str] = MappingProxyType({}),
    config: Path = PEERS / "stock_tls.caddyfile",
) -> Iterator[tuple[int, int]]:
    run = site.folder / name.replace(" ", "-")
    run.mkdir()
    (run / "site.caddy").write_text(handler)
    port = free_port()
    environ = {"PEER_PORT": str(port), "PEER_SITE": str(run / "site.caddy"), "HOME": str(run)}
    own = {"XDG_DATA_HOME": str(run), "XDG_CONFIG_HOME": str(run)}
    with on_caddy(name, config, run, port, {**environ, **own, **more}, page) as pid:
        yield port, pid


@contextlib.contextmanager
def on_nginx(config: Path, run: Path, page: str, **names: str) -> Iterator[tuple[int, int]]:
    """Its port and its id; `names` are filled into the configuration, and `run` is made."""
    run.mkdir()
    if shutil.which(CERTIFICATE[0]) is None:
        raise AbsentError("openssl is not installed, which makes nginx its certificate")
    subprocess.run(CERTIFICATE, cwd=run, check=True, capture_output=True, timeout=30)
    port, log, filled = free_port(), run / "log", run / "nginx.conf"
    told = Template(config.read_text())
    filled.write_text(told.substitute(names, user=getpass.getuser(), run=run, port=port))
    with running(["nginx", "-p", str(run), "-e", "stderr", "-c", str(filled)], log) as process:
        until(lambda: fetch(port, page, tls=True).body != b"", START_S, NGINX, log)
        _alike(port)
        yield port, process.pid


@contextlib.contextmanager
def on_caddy(
    name: str, config: Path, run: Path, port: int, environ: Mapping[str, str], page: str
) -> Iterator[int]:
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(config)]
    log = run / "log"
    with running(command, log, environ) as process:
        until(lambda: fetch(port, page, tls=True).status == 200, START_S, name, log)  # noqa: PLR2004
        _alike(port)
        yield process.pid


def _alike(port: int) -> None:
    """A greeting of TLS 1.2 is another one."""
    context = ssl._create_unverified_context()  # noqa: S323, SLF001 - certificates of their own
    with (
        socket.create_connection((HOST, port), START_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as spoken,
    ):
        if spoken.version() != TLS:
            raise BenchError(f"what listens on {port} speaks {spoken.version()}")
