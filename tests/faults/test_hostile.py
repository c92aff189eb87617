"""A client that means harm, through Caddy: nobody dies, nobody else is answered wrongly, nothing leaks."""

import contextlib
import itertools
import json
import random
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conftest import TOKEN, eventually
from tests.faults.payloads import CANARY, TARGETS, UNKEYED, malformed, queries, traversals
from tests.faults.site import Site, get
from tests.faults.test_edges import EDGES, worker
from tests.faults.trial import trial
from tests.faults.visitors import Answer, Visitor, improper

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]
HANDS = 8  # that send at once
WAIT_S = 0.25  # for a server that waits for more
PASSING = {"date", "server-timing", "age", "content-length"}  # differ from one moment to another
MIB = 2**20
BODY = 64 * MIB
H2_SETTINGS = b"\x00\x00"  # begins what answers the preface of HTTP/2


def sent(site: Site, data: bytes) -> bytes:
    """What comes back to these bytes; empty while more is waited for."""
    with socket.create_connection(("127.0.0.1", site.port), 5) as client:
        client.settimeout(WAIT_S)
        found = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            client.sendall(data)
            while part := client.recv(65_536):
                found += part
        return found


def alive(site: Site) -> list[int]:
    return [site.parts["caddy"].pid, *(worker(site.parts[name]) for name in EDGES)]


def by_hands(work: Callable[[bytes], str], items: Iterable[bytes]) -> list[str]:
    """What was wrong."""
    with ThreadPoolExecutor(HANDS) as pool:
        return [wrong for wrong in pool.map(work, items) if wrong]


def test_malformed_requests_end_nothing_and_confuse_nobody(site: Site) -> None:
    """After each, a clean request gets a clean answer; the crowd checks every other."""
    before = alive(site)
    generation = site.generation()

    def attack(data: bytes) -> str:
        answer = sent(site, data)
        status = answer[9:12]
        clean = get(f"{site.url}/api/revision")
        if clean.status_code != 200 or clean.json()["generation"] < generation:
            return f"{data[:80]!r}: then {clean.status_code} {clean.text[:80]}"
        if answer and not answer.startswith((b"HTTP/1.", H2_SETTINGS)):
            return f"{data[:80]!r}: {answer[:40]!r}"
        return (
            f"{data[:80]!r}: {answer[:60]!r}"
            if status[:1] == b"5" and status not in (b"501", b"505")
            else ""
        )

    with trial(site, "hostile requests") as going:
        tries = list(malformed(f"127.0.0.1:{site.port}"))
        began = time.monotonic()
        wrong = by_hands(attack, tries)
        going.held_s = time.monotonic() - began
        going.more["tries"] = len(tries)
        going.more["deaths"] = sum(pid not in before for pid in alive(site))
        going.healed()
        going.recovered()
    assert wrong == []
    assert alive(site) == before
    assert len(tries) >= 200


def faults_of_edges(site: Site) -> list[int]:
    """As Caddy counts them; one second each, during which an edge is asked nothing."""
    way = httpx.HTTPTransport(uds=f"{site.directory}/caddy.sock")
    with httpx.Client(transport=way, base_url="http://caddy") as admin:
        return [edge["fails"] for edge in admin.get("/reverse_proxy/upstreams").json()]


@pytest.mark.parametrize("body", ["zz\r\n", "5\r\nab\r\n0\r\n\r\n", "3\r\nabc\r\n"])
def test_a_malformed_body_is_nobody_s_fault_but_its_sender_s(site: Site, body: str) -> None:
    """Passed on, one of these would make Caddy leave every edge alone for a second."""
    head = f"GET /api/revision HTTP/1.1\r\nhost: 127.0.0.1:{site.port}\r\n"
    for _ in range(4):
        sent(site, f"{head}transfer-encoding: chunked\r\n\r\n{body}".encode())
        assert faults_of_edges(site) == [0, 0]


def shown(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    kept = {name: value for name, value in answer.headers.items() if name not in PASSING}
    return answer.status, kept, answer.body


def test_no_header_that_a_cache_does_not_key_changes_anybody_else_s_answer(site: Site) -> None:
    site.parts["sync"].stop()  # nothing changes meanwhile
    visitor = Visitor(site.port)
    tried = 0
    for path, (name, value) in itertools.product(TARGETS, UNKEYED.items()):
        clean = shown(visitor.ask(path))
        spoiled = visitor.ask(path, {name: value})
        tried += 1
        assert CANARY not in spoiled.body.decode() + str(spoiled.headers), name
        assert shown(visitor.ask(path)) == clean, name
    visitor.close()
    site.parts["sync"].start()
    assert tried >= 160


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/x.css",
        "/metrics;x.css",
        "/%6detrics",
        "/api/../metrics",
        "/config/",
        "/debug/pprof",
        "/api/revision/x.css",
        "/api/framer/health/x.js",
        "/api/framer/health%2fx.css",
        "/api/framer/health;x.png",
        "/api/properties/%2e%2e/%2e%2e/metrics",
    ],
)
def test_what_is_not_public_has_no_public_address_and_no_cache_keeps_the_answer(
    site: Site, path: str
) -> None:
    visitor = Visitor(site.port)
    answer = visitor.ask(path)
    visitor.close()

    assert answer.status in (400, 404)
    assert improper(answer) == ""


def by_the_server(answer: Answer) -> bool:
    """Caddy's HTTP server refuses what it cannot read before any line of the Caddyfile is asked.

    In plain text and without `no-store`; but no cache keeps a 400 or 431 by itself (RFC 9110, 15.1).
    """
    kind = answer.headers.get("content-type")
    return answer.status in (400, 431) and kind == "text/plain; charset=utf-8"


def test_no_path_leads_out_of_what_is_published(site: Site) -> None:
    visitor = Visitor(site.port)
    for path in traversals():
        answer = visitor.ask(path)
        assert answer.status in (308, 400, 404, 414), (path, answer)
        assert b"root:" not in answer.body
        if answer.status != 308 and not by_the_server(answer):
            assert improper(answer) == "", path
    visitor.close()


def memory(site: Site) -> int:
    """Bytes that the edges and Caddy hold."""
    found = 0
    for pid in alive(site):
        status = Path(f"/proc/{pid}/status").read_text()
        found += int(status.split("VmRSS:")[1].split()[0]) * 1024
    return found


@pytest.mark.long
def test_questions_without_end_fill_no_memory(site: Site) -> None:
    """Ten thousand different ones, in all spellings."""
    visitors = [Visitor(site.port) for _ in range(HANDS)]
    free = list(visitors)

    def ask(path: bytes) -> str:
        visitor = free.pop()
        answer = visitor.ask(path.decode())
        free.append(visitor)
        if answer.status == 200:
            return ""
        return improper(answer) or ("" if answer.status == 400 else str(answer.status))

    with trial(site, "query explosion") as going:
        dice = random.Random(3)
        assert by_hands(ask, queries(dice, 3000)) == []
        warm = memory(site)
        began = time.monotonic()
        assert by_hands(ask, queries(dice, 7000)) == []
        going.held_s = time.monotonic() - began
        going.more["queries"] = 10_000
        going.more["grown_mb"] = (memory(site) - warm) / MIB
        going.healed()
        going.recovered()
    for visitor in visitors:
        visitor.close()
    assert going.more["grown_mb"] < 64


def test_a_body_that_nobody_asked_for_is_not_kept(site: Site) -> None:
    """It is not even passed on."""
    before = memory(site)
    head = f"GET /api/revision HTTP/1.1\r\nhost: 127.0.0.1:{site.port}\r\ncontent-length: {BODY}\r\n\r\n"
    most = 0
    with socket.create_connection(("127.0.0.1", site.port), 5) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(head.encode())
            for _ in range(BODY // MIB):
                client.sendall(b"x" * MIB)
                most = max(most, memory(site))
        with contextlib.suppress(ConnectionError):
            answer = client.recv(20)
            assert answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400", b"HTTP/1.1 200"))
    assert most - before < BODY / 2


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /api/revision HTTP/1.1\r\nhost: {host}\r\nx: " + "y" * 65_536, b"431"),
        ("GET /api/revision?" + "y" * 65_536 + " HTTP/1.1\r\nhost: {host}", b"431"),
        ("GET /api/" + "y" * 2000 + " HTTP/1.1\r\nhost: {host}", b"414"),
        ("POST /api/revision HTTP/1.1\r\nhost: {host}", b"405"),
        ("DELETE /api/revision HTTP/1.1\r\nhost: {host}", b"405"),
        ("GET /api/revision HTTP/1.1", b"400"),
        ("GET /api/revision HTTP/1.1\r\nhost: {host}\r\nhost: other", b"400"),
    ],
)
def test_what_is_too_much_is_refused(site: Site, head: str, status: bytes) -> None:
    host = f"127.0.0.1:{site.port}"
    assert sent(site, f"{head.format(host=host)}\r\n\r\n".encode())[9:12] == status


def private(site: Site) -> list[str]:
    """What Rentman's rows say and nobody may hear, as the simulator plants it, and the token."""
    rows = httpx.get(
        f"{site.upstream.url}/propertyadvertising.php",
        headers={"token": TOKEN, "limit": "500", "page": "1", "noimage": "1"},
        timeout=10,
    ).json()
    found = [TOKEN, "demo+token/1="]
    for row in rows:
        fields = {key.lower(): str(value or "").strip() for key, value in row.items()}
        found += [fields[f"negotiator{part}"] for part in ("name", "email", "mobile")]
        found += [fields["postcode"], fields["thoughts"]]
    return [value for value in found if len(value) > 4]


def test_no_secret_is_in_a_log_a_metric_a_file_or_the_store(site: Site) -> None:
    """After all that the others have done to this site."""
    site.parts["sync"].stop()  # or files would go while they are read
    texts = {file.name: file.read_bytes() for file in site.directory.glob("*.log")}
    for file in (site.directory / "tree").rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a page that is changed just now
            if file.is_file():
                texts[f"{file.parent.name}/{file.name}"] = file.read_bytes()
    site.parts["sync"].start()
    addresses = [f"{url}/metrics" for url in site.edges]
    addresses.append(f"http://127.0.0.1:{site.parts['sync'].environ['SYNC_METRICS_PORT']}/metrics")
    for address in addresses:
        texts[address] = eventually(lambda address=address: get(address).content)  # type: ignore[misc]
    with site.store as client:
        for name in client.scan_iter():
            texts[f"store {name!r}"] = client.dump(name) or b""
    words = [word.encode() for word in private(site)]

    assert len(texts) > 50
    assert len(words) > 20
    found = {name: word for name, text in texts.items() for word in words if word in text}
    assert found == {}


def test_each_error_can_be_read_by_a_program(site: Site) -> None:
    visitor = Visitor(site.port)
    for path in ("/nowhere", "/api/properties?beds_min=x", "/api/properties/0", "/api/%ff"):
        answer = visitor.ask(path)
        assert improper(answer) == "", path
        assert json.loads(answer.body)["title"]
    visitor.close()
