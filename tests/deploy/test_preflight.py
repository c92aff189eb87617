"""The launch checklist on a real stack: green when all is well, and red for each thing that is not."""

import asyncio
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import httpx
import msgspec
import pytest
import redis.asyncio

from deploy.backup.vault import NAME, Record
from deploy.preflight import inside, outside
from deploy.preflight.target import Target, TargetError, read
from snapshot import Publisher
from tests.conftest import ROOT, eventually, free_port
from tests.snapshot.made import TTL_S, publish, row
from tests.stack.small import Stack, page, small_stack


@dataclass
class Site:
    stack: Stack
    config: Path
    vault: Path
    clock: str
    ca: Path

    def preflight(self, *words: str) -> tuple[int, dict[str, str]]:
        """Its exit code, and name to status."""
        ran = subprocess.run(
            [sys.executable, "-m", "deploy.preflight", "--json", *self.words, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        assert ran.stdout, ran.stderr
        found = json.loads(ran.stdout)["findings"]
        return ran.returncode, {finding["name"]: finding["status"] for finding in found}

    @property
    def words(self) -> list[str]:
        places = {"config": self.config, "vault": self.vault, "clock": self.clock, "ca": self.ca}
        return [word for name, value in places.items() for word in (f"--{name}", str(value))]

    def target(self, **given: str) -> Target:
        known = {"vault": str(self.vault), "clock": self.clock, "ca": str(self.ca)}
        return read(self.config, **known | given)


class _Clock(http.server.BaseHTTPRequestHandler):
    """A server elsewhere; its clock is off by as many seconds as its path says."""

    def do_HEAD(self) -> None:
        self.send_response_only(200)
        self.send_header("date", formatdate(time.time() + float(self.path[1:]), usegmt=True))
        self.end_headers()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Clock)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, elsewhere: str) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("p")
    with small_stack(directory, edges=2, secure=True) as stack:
        asyncio.run(_published(stack.store, f"{stack.url}{outside.FEATURED}"))
        tree = directory / "tree"
        for edge in stack.edges:
            eventually(lambda edge=edge: edge.generation() == 2)  # type: ignore[misc]
        eventually(lambda: (tree / "GENERATION").read_text() == "2")
        config = directory / "config"
        config.mkdir()
        edges = " ".join(f"127.0.0.1:{edge.port}" for edge in stack.edges)
        (config / "caddy.env").write_text(f"SITE_ADDRESS={stack.url}\nCADDY_EDGES={edges}\n")
        (config / "edge.env").write_text(f"# a remark\nEDGE_TREE_DIR={tree}\n")
        vault = directory / "vault"
        backed_up(vault, time.time())
        ca = directory / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        yield Site(stack, config, vault, f"{elsewhere}/0", ca)


async def _published(store: str, home: str) -> None:
    client = redis.asyncio.Redis.from_url(store)
    await publish(
        client,
        2,
        {outside.FEATURED: page(2)},
        [row(card=msgspec.json.encode({"id": "42", "url": home}))],
    )
    publisher = Publisher(client)
    lease = await publisher.acquire("test", TTL_S)
    now = int(time.time())
    word = {"checked_at": "now", "checked_at_s": now, "outcome": "published"}
    await publisher.report(msgspec.json.encode(word), lease)
    await client.aclose()


def backed_up(vault: Path, at: float) -> Path:
    place = vault / time.strftime(NAME, time.gmtime(at))
    place.mkdir(parents=True)
    (place / "state.db").write_bytes(b"x")
    record = Record(
        made_at=int(at),
        seconds=1,
        release="1",
        files={"state.db": ""},
        media=(),
        objects=(),
        generations=(),
    )
    (place / "backup.json").write_bytes(msgspec.json.encode(record))
    return place


def test_all_is_green_on_a_stack_that_is_well(site: Site) -> None:
    code, found = site.preflight()

    assert code == 0
    assert set(found.values()) == {"ok"}, found
    assert {"dns", "certificate", "headers", "cors", "cache", "edges", "data age"} <= set(found)
    assert {"robots", "pages of homes"} <= set(found)


def test_people_get_lines_with_what_to_do(site: Site) -> None:
    words = [sys.executable, "-m", "deploy.preflight", *site.words, "--address", "192.0.2.1"]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "fail dns: localhost is " in ran.stdout
    assert "     Set an A record" in ran.stdout


def test_a_name_that_is_not_known_is_red(site: Site) -> None:
    names = {f.name: f.status for f in outside.look(site.target(url="https://nowhere.invalid"))}

    assert names["dns"] == "fail"


def test_a_port_that_is_closed_is_red_and_ends_the_outside(site: Site) -> None:
    port = free_port()
    found = list(outside.look(site.target(url=f"https://localhost:{port}")))

    assert [(f.name, f.status) for f in found][1:] == [(f"port {port}", "fail")]


def test_a_certificate_that_nobody_trusts_is_red_and_hides_nothing(site: Site) -> None:
    found = {
        f.name: f.status
        for f in outside.look(site.target(ca="/etc/ssl/certs/ca-certificates.crt"))
    }

    assert found.pop("certificate") == "fail"
    assert set(found.values()) == {"ok"}


@pytest.mark.parametrize(("day", "status"), [(59, "ok"), (70, "warn"), (85, "fail"), (91, "fail")])
def test_a_certificate_is_judged_by_how_much_of_its_life_is_left(day: int, status: str) -> None:
    """Of 90 days, Caddy renews with 30 left."""
    assert outside.lasting(0, 90 * 86_400, day * 86_400, "TLSv1.3").status == status


class _Bare(http.server.BaseHTTPRequestHandler):
    """Answers as a Caddy would whose Caddyfile is another's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.send_header("access-control-allow-origin", self.headers.get("origin", "*"))
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_OPTIONS = do_GET  # noqa: N815 - their names

    def log_message(self, *words: object) -> None:
        pass


def test_a_server_that_is_not_ours_is_red_all_over() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        target = Target(f"http://127.0.0.1:{server.server_port}", ())
        found = {f.name: f.status for f in outside.look(target)}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    bad = {"answers", "headers", "cors", "cache", "revalidation", "private", "robots"}
    assert {name for name, status in found.items() if status == "fail"} == bad


@pytest.mark.parametrize(
    ("host", "page", "found"),
    [
        ("homes.example", 200, {"robots": "ok", "pages of homes": "ok"}),
        ("localhost", 404, {"robots": "fail", "pages of homes": "warn"}),
    ],
)
def test_addresses_that_lead_nowhere_are_noticed(
    host: str, page: int, found: dict[str, str]
) -> None:
    """What a server says whose SYNC_PUBLIC_URL or SYNC_SITE_URL was forgotten."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/robots.txt":
            return httpx.Response(
                200, text=f"User-agent: *\nSitemap: https://{host}/sitemap.xml\n"
            )
        if request.url.path == "/api/properties":
            return httpx.Response(200, json={"items": [{"url": "https://homes.example/a-home"}]})
        return httpx.Response(page)

    target = Target("https://homes.example", ())
    with httpx.Client(base_url=target.url, transport=httpx.MockTransport(answer)) as client:
        said = [outside._robots(target, client), *outside._homes(client)]

    assert {one.name: one.status for one in said} == found


@pytest.mark.parametrize(
    "items", [b"<html>", b"[]", b'{"items":[]}', b'{"items":[7]}', b'{"items":[{}]}']
)
def test_a_list_that_names_no_page_is_no_reason_to_stop(items: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=items))
    with httpx.Client(base_url="https://homes.example", transport=transport) as client:
        assert list(outside._homes(client)) == []
        assert outside._robots(Target("https://homes.example", ()), client).status == "fail"


def test_a_page_that_does_not_come_from_the_tree_is_noticed(site: Site) -> None:
    found = {f.name: f.status for f in outside.look(Target(site.stack.edges[0].url, ()))}

    assert found["cache"] == "warn"


def test_an_edge_that_is_stopped_is_noticed(site: Site) -> None:
    victim = site.stack.edges[1]
    os.kill(victim.process.pid, signal.SIGSTOP)
    dead = Target(site.stack.url, (f"127.0.0.1:{free_port()}",))
    try:
        one = {
            f.name: f.status
            for f in inside.look(
                Target(site.stack.url, (f"127.0.0.1:{site.stack.edges[0].port}", *dead.edges)), 0
            )
        }
        none = {f.name: f.status for f in inside.look(dead, 0)}
    finally:
        os.kill(victim.process.pid, signal.SIGCONT)

    assert one["edges"] == "warn"
    assert none["edges"] == "fail"


@pytest.mark.parametrize(
    ("age_s", "outcome", "status"),
    [
        (10, "published", "ok"),
        (10, "held", "warn"),
        (10, "failed", "warn"),
        (9999, "failed", "fail"),
    ],
)
def test_the_age_of_the_data_is_judged(age_s: int, outcome: str, status: str) -> None:
    told = "ok" if age_s < 3600 else "stale"
    health = {"age_s": age_s, "status": told, "source": {"outcome": outcome}}

    assert inside._age([health]).status == status


def test_edges_that_differ_are_noticed() -> None:
    assert inside._same([7, 7]).status == "ok"
    assert inside._same([7, 8]).status == "warn"


@pytest.mark.parametrize(
    ("free", "status"), [(5_000_000_000, "ok"), (1_000_000_000, "warn"), (1_000_000, "fail")]
)
def test_a_full_disk_is_noticed(
    site: Site, monkeypatch: pytest.MonkeyPatch, free: int, status: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))

    assert {finding.status for finding in inside._disk(site.target())} == {status}


def test_a_directory_that_is_not_there_is_red(tmp_path: Path) -> None:
    target = Target("http://x", (), places={"media": tmp_path / "none"}, vault=tmp_path)

    assert [finding.status for finding in inside._disk(target)] == ["fail", "ok"]


@pytest.mark.parametrize(("ahead", "status"), [(0, "ok"), (60, "warn"), (-9000, "fail")])
def test_a_clock_that_is_off_is_noticed(elsewhere: str, ahead: int, status: str) -> None:
    assert inside._clock(Target("http://x", (), clock=f"{elsewhere}/{ahead}")).status == status


def test_a_clock_that_nobody_tells_is_no_reason_to_stop() -> None:
    away = f"http://127.0.0.1:{free_port()}"

    assert inside._clock(Target("http://x", (), clock=away)).status == "warn"


@pytest.mark.parametrize(("hours", "status"), [(1, "ok"), (5, "warn"), (48, "fail")])
def test_backups_are_judged_by_their_age(tmp_path: Path, hours: int, status: str) -> None:
    now = time.time()
    backed_up(tmp_path, now - hours * 3600)

    assert inside._backups(Target("http://x", (), vault=tmp_path), now).status == status


def test_no_backup_or_half_of_one_is_red(tmp_path: Path) -> None:
    target = Target("http://x", (), vault=tmp_path)
    assert inside._backups(target, time.time()).status == "fail"

    (backed_up(tmp_path, time.time()) / "state.db").unlink()
    assert inside._backups(target, time.time()).status == "fail"


def test_without_settings_it_asks_for_the_address(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="--url"):
        read(tmp_path)
