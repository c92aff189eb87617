"""The demo itself, started once as a user would start it, with its processes at hand."""

import base64
import contextlib
import hashlib
import os
import shutil
import signal
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import ROOT, Upstream, children, eventually, free_port, running

ARTEFACTS = ROOT / "tests" / "artefacts"
LISTINGS = 12
INTERVAL_S = 1
COMES_UP_S, PICTURES_S = 60, 240
PATIENCE_MS = 15_000  # with what a page is to show, on a machine with much else to do
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Part:
    """One process of the demo."""

    pid: int
    command: str
    environ: dict[str, str]


@dataclass
class Demo:
    url: str
    state: Path
    client: httpx.Client
    upstream: Upstream
    pid: int

    def parts(self) -> dict[str, Part]:
        """The supervised processes by name, read from /proc."""
        found: dict[str, Part] = {}
        for supervisor in children(self.pid):
            for pid in children(supervisor):
                part = read_part(pid)
                if part is not None:
                    found[name_of(part)] = part
        return found

    def health(self) -> dict[str, object]:
        answer = self.client.get("/api/framer/health")
        answer.raise_for_status()
        return dict(answer.json())

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate(self.state)))


def certificate(state: Path) -> Path:
    return state / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def read_part(pid: int) -> Part | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None
    return Part(pid, command, dict(pair.split("=", 1) for pair in pairs if "=" in pair))


def name_of(part: Part) -> str:
    for word, name in (
        ("valkey-server", "valkey"),
        ("bench.upstream", "rentman"),
        ("-m sync", "sync"),
        ("caddy run", "caddy"),
    ):
        if word in part.command:
            return name
    number = 1 if part.environ.get("EDGE_PORT") == part.environ.get("DEMO_EDGE_1") else 2
    return f"edge-{number}"


def demo_environ(state: Path, port: int) -> dict[str, str]:
    return {
        "DEMO_STATE": str(state),
        "DEMO_PORT": str(port),
        "UPSTREAM_LISTINGS": str(LISTINGS),
        "UPSTREAM_LIFE": "0",
        "SYNC_INTERVAL_S": str(INTERVAL_S),
        "SYNC_PACE_S": "0",
        "SYNC_PAGE_SIZE": "6",  # so that twelve homes are two full pages
        "SYNC_BREAKER_REST_S": "2",
    }


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Up, with every picture ready."""
    state = tmp_path_factory.mktemp("demo")
    port = free_port()
    url = f"https://localhost:{port}"
    command = [sys.executable, "-m", "deploy.demo"]
    with running(command, demo_environ(state, port), log=state / "demo.log") as process:
        eventually(certificate(state).exists, COMES_UP_S)
        tls = ssl.create_default_context(cafile=str(certificate(state)))
        with httpx.Client(base_url=url, verify=tls, timeout=10) as client:
            eventually(lambda: client.get("/readyz").is_success, COMES_UP_S)
            eventually(lambda: pictures_ready(client), PICTURES_S)
            with httpx.Client(base_url=upstream_url(process.pid)) as admin:
                upstream = Upstream(str(admin.base_url), admin)
                yield Demo(url, state, client, upstream, process.pid)


def pictures_ready(client: httpx.Client) -> bool:
    counts = client.get("/api/framer/health").raise_for_status().json()["counts"]
    return bool(counts["pictures"] and counts["pictures"] == counts["pictures_named"])


def upstream_url(demo_pid: int) -> str:
    for supervisor in children(demo_pid):
        for pid in children(supervisor):
            part = read_part(pid)
            if part is not None and name_of(part) == "rentman":
                return part.environ["SYNC_RENTMAN_URL"]
    raise AssertionError("the simulated Rentman is not running")


@pytest.fixture
def healthy(demo: Demo) -> Iterator[Demo]:
    """The demo with a source that works, before and after."""
    demo.upstream.heal()
    yield demo
    demo.upstream.heal()
    eventually(lambda: outcome(demo) in ("published", "unchanged"), 90)


def outcome(demo: Demo) -> str:
    """How the last pass over the source went, as a visitor can see it."""
    source = demo.health()["source"]
    assert isinstance(source, dict)
    return str(source["outcome"])


@pytest.fixture(scope="session")
def browser_path() -> str:
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next((name for name in found if name), None)
    assert path, "a browser is needed: deploy/debian.sh installs one"
    return path


@pytest.fixture(
    scope="module"
)  # its loop runs in this thread: no other module has to live with it
def browser(browser_path: str, demo: Demo) -> Iterator[Browser]:
    """It trusts the demo's certificates, because it keeps nothing of a site that it does not."""
    args = [*QUIET, f"--ignore-certificate-errors-spki-list={issuer(demo.state)}"]
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=args)
        yield browser
        browser.close()


def issuer(state: Path) -> str:
    """Base64 of the SHA-256 of the public key of the authority that signs the demo's certificates."""
    file = certificate(state).with_name("intermediate.crt")
    key = x509.load_pem_x509_certificate(file.read_bytes()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    spki = key.public_bytes(serialization.Encoding.DER, form)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


@contextlib.contextmanager
def visiting_page(
    browser: Browser, *, width: int = 1280, height: int = 900
) -> Iterator[tuple[Page, list[str]]]:
    """A fresh page, and the errors that its console shows."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="no-preference"
    )
    page, said = context.new_page(), list[str]()
    page.on("console", lambda word: said.append(word.text) if word.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page, said
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test when its console shows an error."""
    with visiting_page(browser) as (page, said):
        yield page
    assert said == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    with visiting_page(browser, width=360, height=740) as (page, said):
        yield page
    assert said == []


def interrupt(pid: int) -> None:
    os.kill(pid, signal.SIGINT)
