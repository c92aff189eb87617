"""What hostile requests get from Caddy, and what of them reaches an edge: the real Caddyfile, stock Caddy."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.stack.front import LIST, PICTURE, Front, front

pytestmark = [pytest.mark.stack]
QUERY = f"{LIST}?beds_min=2"
PROMISED = {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
OF_DOCUMENTS = {  # files are data: nothing frames them, and they refer to nothing
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}
TRAVERSALS = [
    "/api/../GENERATION",
    "/api/framer/images/../../tree/GENERATION",
    f"/api/framer/images/{'ab' * 16}/../secret.txt",
    f"/api/framer/images/{'ab' * 16}/..%2fsecret.txt",
    f"/api/framer/images/{'ab' * 16}/%2e%2e/secret.txt",
    "/api/framer/images/secret.txt",
    "/api/framer/%2e%2e/%2e%2e/%2e%2e/GENERATION",
    "/api/framer/..%5c..%5cGENERATION",
    "/api//framer//..//..//GENERATION",
    "/api/framer/properties?channel=../../../../../GENERATION",
    "/api/framer/properties?channel=rent&a=%2e%2e/%2e%2e/featured",
    "/api/framer/properties?channel=rent/../../../../../api/framer/featured",
    "/asked/../../GENERATION",
    "/api/framer/featured.json",
    "/api/framer/featured.json.gz",
    "/api/framer/featured.json%3f",
    "/api/framer/featured%00.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..;/GENERATION",
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("f")) as found:
        yield found


@pytest.fixture
def caddy(shared: Front) -> Front:
    shared.upstream.says()
    return shared


def request(target: str, *lines: str, method: str = "GET", host: str = "") -> bytes:
    head = [f"{method} {target} HTTP/1.1", f"Host: {host or '127.0.0.1'}", *lines]
    return ("\r\n".join([*head, "Connection: close", "", ""])).encode("latin-1")


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3})", answer)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("target", TRAVERSALS)
def test_no_path_leads_out_of_the_tree_or_the_pictures(caddy: Front, target: str) -> None:
    caddy.upstream.says(b"{}", 404)

    answer = caddy.raw(request(target))

    assert status(answer) in (308, 400, 404)
    body = answer.partition(b"\r\n\r\n")[2]
    for hidden in (b"root:", b"secret", b'{"items":[1]}'):
        assert hidden not in body
    assert body != b"1"


ANSWERS = [
    ("GET", "/api/framer/featured", 200),
    ("GET", PICTURE, 200),
    ("GET", QUERY, 200),
    ("GET", "/robots.txt", 200),
    ("GET", "/nothing", 404),
    ("POST", LIST, 405),
    ("TRACE", "/", 405),
    ("GET", "/api/areas//", 308),
]


@pytest.mark.parametrize(("method", "path", "code"), ANSWERS)
def test_every_answer_has_the_security_headers_and_says_not_what_serves_it(
    caddy: Front, method: str, path: str, code: int
) -> None:
    answer = caddy.http.request(method, path)

    assert answer.status_code == code
    file = answer.headers.get("cache-status") in ("tree; hit", "files; hit")
    promised = PROMISED if file else PROMISED | OF_DOCUMENTS
    assert file == (path in ("/api/framer/featured", PICTURE))
    assert {name: answer.headers.get(name) for name in promised} == promised
    assert {"server", "via", "x-powered-by", "set-cookie"}.isdisjoint(answer.headers)
    names = [name.lower() for name, _ in answer.headers.multi_items()]
    assert sorted(names) == sorted(set(names))


def test_an_error_is_a_problem_document_that_nobody_keeps(caddy: Front) -> None:
    for method, path, code in (
        ("GET", "/nothing", 404),
        ("DELETE", LIST, 405),
        ("TRACE", "/", 405),
    ):
        answer = caddy.http.request(method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json().keys() == {"type", "title", "status", "detail"}
        assert answer.json()["status"] == code


def test_pictures_may_be_listed_by_search_engines_and_data_not(caddy: Front) -> None:
    assert "x-robots-tag" not in caddy.http.get(PICTURE).headers
    for path in ("/api/framer/featured", QUERY, "/sitemap.xml", "/nothing"):
        assert caddy.http.get(path).headers["x-robots-tag"] == "noindex"


def test_robots_are_told_where_the_sitemap_is_whatever_host_they_name(caddy: Front) -> None:
    answer = caddy.raw(request("/robots.txt", host="127.0.0.1:666"))

    assert answer.endswith(
        b"User-agent: *\nAllow: /\nSitemap: https://homes.example/sitemap.xml\n"
    )


def test_an_edge_sees_who_really_asked_and_no_word_of_the_visitors_on_it(caddy: Front) -> None:
    lies = {
        "X-Forwarded-For": "10.9.9.9",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "X-Real-IP": "10.9.9.9",
        "Forwarded": "for=10.9.9.9;host=evil.example",
        "Cookie": "session=1",
        "Authorization": "Basic eDp5",
        "Content-Type": "multipart/form-data",
        "X_Forwarded_Host": "evil.example",
    }
    caddy.http.get(QUERY, headers=lies)

    (seen,) = caddy.upstream.asked
    assert seen.headers["x-forwarded-for"] == "127.0.0.1"
    assert seen.headers["x-real-ip"] == "127.0.0.1"
    assert seen.headers["x-forwarded-host"] == f"127.0.0.1:{caddy.port}"
    assert seen.headers["x-forwarded-proto"] == "http"
    assert {"forwarded", "cookie", "authorization", "content-type"}.isdisjoint(seen.headers)
    assert "evil" not in json.dumps(dict(seen.headers))


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example@127.0.0.1"]
)
def test_another_host_gets_nothing_of_ours(caddy: Front, host: str) -> None:
    for target in ("/api/framer/featured", QUERY, "/robots.txt"):
        answer = caddy.raw(request(target, host=host))
        assert b"items" not in answer
        assert b"Sitemap" not in answer
    assert caddy.upstream.asked == []


def test_two_hosts_or_none_are_refused(caddy: Front) -> None:
    assert status(caddy.raw(request(QUERY, "Host: evil.example"))) == 400
    assert status(caddy.raw(f"GET {QUERY} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())) == 400
    assert caddy.upstream.asked == []


def test_a_host_in_the_target_is_the_one_that_counts(caddy: Front) -> None:
    answer = caddy.raw(request(f"http://evil.example{QUERY}"))

    assert b"items" not in answer
    assert caddy.upstream.asked == []


@pytest.mark.parametrize(
    "target",
    [
        f"{LIST}?q=a%0d%0aX-Evil:%20yes",
        "/api/areas%0d%0aX-Evil:%20yes//",
        "/api/areas//?x=%0d%0aX-Evil:%20yes",
        "/api/framer/featured?utm_source=%0d%0aX-Evil:%20yes",
    ],
)
def test_a_line_end_in_an_address_begins_no_header(caddy: Front, target: str) -> None:
    head = caddy.raw(request(target)).partition(b"\r\n\r\n")[0]

    assert b"\nX-Evil" not in head
    assert all("x-evil" not in seen.headers for seen in caddy.upstream.asked)


@pytest.mark.parametrize("line", ["X-A: a\x00b", "X-A : b", "X A: b", "X-A: a\r b"])
def test_a_header_that_is_none_reaches_no_edge(caddy: Front, line: str) -> None:
    assert status(caddy.raw(request(QUERY, line))) == 400
    assert caddy.upstream.asked == []


def test_headers_larger_than_a_browser_sends_are_refused(caddy: Front) -> None:
    fits = caddy.raw(request(QUERY, f"X-A: {'a' * 12_000}"))
    larger = caddy.raw(request(QUERY, f"X-A: {'a' * 64_000}"))
    many = caddy.raw(request(QUERY, *[f"X-{n}: {n}" for n in range(6_000)]))

    assert [status(answer) for answer in (fits, larger, many)] == [200, 431, 431]


def test_a_body_is_no_use_to_anybody_and_reaches_no_edge(caddy: Front) -> None:
    lines = ("Content-Length: 1000000",)
    for target in (QUERY, "/api/framer/featured"):
        answer = caddy.raw(request(target, *lines) + b"x" * 1_000_000, within_s=0.5)
        assert status(answer) in (0, 200)
    caddy.upstream.asked.clear()

    for size in (1000, 100_000):
        assert caddy.http.request("GET", QUERY, content=b"x" * size).status_code == 200
    assert [seen.headers.get("content-length", "0") for seen in caddy.upstream.asked] == ["0"] * 2


def test_a_header_that_comes_slowly_is_not_waited_for(caddy: Front) -> None:
    """read_header is 5 s: bytes in between do not make it longer."""
    with socket.create_connection(("127.0.0.1", caddy.port), 5) as visitor:
        visitor.settimeout(0.2)
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        began, closed = time.monotonic(), False
        while not closed and time.monotonic() - began < 20:
            try:
                visitor.sendall(b"X-A: b\r\n")
                closed = visitor.recv(4096) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
    assert closed
    assert caddy.upstream.asked == []


def test_visitors_who_dawdle_keep_nobody_else_out(caddy: Front) -> None:
    dawdlers = []
    try:
        for _ in range(300):
            dawdlers.append(socket.create_connection(("127.0.0.1", caddy.port), 5))
            dawdlers[-1].sendall(b"GET /api/framer/featured HTTP/1.1\r\nHost: 127")
        assert [caddy.http.get(path).status_code for path in (QUERY, PICTURE)] == [200, 200]
    finally:
        for dawdler in dawdlers:
            dawdler.close()


@pytest.mark.parametrize("manner", ["-H", "-B", "-X"], ids=["headers", "bodies", "reading"])
def test_slowhttptest_finds_the_service_available_all_the_while(caddy: Front, manner: str) -> None:
    """Two hundred connections at once, slow headers, bodies or readers, for as long as headers may take."""
    attack = ["slowhttptest", manner, "-u", caddy.url + PICTURE, "-p", "1"]
    load = ["-c", "200", "-r", "200", "-i", "1", "-l", "7"]
    with subprocess.Popen([*attack, *load], stdout=subprocess.PIPE, text=True) as attacker:
        time.sleep(1)
        answers = [caddy.http.get(path).status_code for path in (QUERY, PICTURE) * 20]
        said, _ = attacker.communicate(timeout=30)

    assert answers == [200] * 40
    # It ends early when Caddy has answered and closed all, as it does without waiting for a body.
    assert set(re.findall(r"service available:\S*\s+\S*?(YES|NO)", said)) == {"YES"}


@pytest.mark.parametrize("coding", ["br, gzip", "gzip", "identity;q=0, *;q=0.5", "x" * 500])
def test_no_accept_encoding_shows_one_visitor_what_another_asked_for(
    caddy: Front, coding: str
) -> None:
    caddy.http.get("/api/framer/featured", headers={"accept-encoding": coding})

    assert caddy.http.get("/api/framer/featured").json() == {"items": [1]}


def test_an_address_below_the_apis_own_leads_to_what_describes_it(caddy: Front) -> None:
    for path in ("/sitemap.xml", "/feed.xml", "/feed.json", "/openapi.json", "/docs"):
        caddy.http.get(f"/api{path}")
        caddy.http.get(path)

        assert [seen.target for seen in caddy.upstream.asked[-2:]] == [path, path]
