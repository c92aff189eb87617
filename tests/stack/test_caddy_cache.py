"""Caddy as built with cache-handler, its drop-in in use: what it keeps, for whom, and until when."""

import hashlib
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.stack.front import CACHE, LIST, POLICY, Front, built_with_cache, front

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]  # the first one may have to build


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    snippets = tuple(CACHE.glob("*.caddy"))
    assert len(snippets) == 2
    with front(tmp_path_factory.mktemp("f"), built_with_cache(), snippets) as found:
        yield found


@pytest.fixture
def caddy(shared: Front) -> Front:
    shared.upstream.says()
    return shared


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """A query that no other test asks."""
    return f"{LIST}?q={hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"


def hit(answer: httpx.Response) -> bool:
    return "queries; hit" in ", ".join(answer.headers.get_list("cache-status"))


def same(caddy: Front, address: str, **headers: str) -> tuple[httpx.Response, httpx.Response]:
    """Asked twice: what came from the edge, what was kept."""
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    return caddy.http.get(address, headers=asked), caddy.http.get(address, headers=asked)


@pytest.mark.parametrize("size", [100, 64 * 1024, 1024 * 1024])
def test_what_was_kept_is_what_came_to_the_last_byte(
    caddy: Front, address: str, size: int
) -> None:
    body = os.urandom(size)
    caddy.upstream.says(body, ETag='"a"')

    miss, kept = same(caddy, address, accept_encoding="identity")

    assert [hit(miss), hit(kept)] == [False, True]
    for answer in (miss, kept):
        assert int(answer.headers["content-length"]) == size
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(body).digest()
        assert (answer.headers["etag"], answer.headers["cache-control"]) == ('"a"', POLICY)
    assert len(caddy.upstream.asked) == 1


def test_many_who_ask_at_once_get_whole_answers(caddy: Front, address: str) -> None:
    body = os.urandom(300_000)
    caddy.upstream.says(body)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: caddy.http.get(address), range(64)))

    assert {answer.content == body for answer in answers} == {True}


def test_each_coding_is_kept_by_itself_whatever_its_spelling(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"packed", Content_Encoding="x-test")
    for coding in ("gzip", "gzip, deflate, br, zstd", "br, gzip"):
        caddy.http.get(address, headers={"accept-encoding": coding})
    assert [seen.headers["accept-encoding"] for seen in caddy.upstream.asked] == ["gzip"]

    caddy.upstream.says(b"plain")
    for coding in ("identity", ""):
        answer = caddy.http.get(address, headers={"accept-encoding": coding})
        assert answer.content == b"plain"
    caddy.upstream.says(b"never")
    packed = caddy.http.get(address, headers={"accept-encoding": "gzip"})
    assert packed.content == b"packed"


def test_a_publish_leaves_all_that_was_kept_behind(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"old")
    same(caddy, address)
    caddy.upstream.says(b"new")
    assert caddy.http.get(address).content == b"old"

    caddy.publish(2, {"/api/framer/featured": b"{}"})

    assert [answer.content for answer in same(caddy, address)] == [b"new", b"new"]


def test_a_head_is_answered_as_a_get_would_be_and_spoils_none(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"whole")
    head = caddy.http.head(address)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == "5"
    assert [answer.content for answer in same(caddy, address)] == [b"whole", b"whole"]


def test_a_range_of_a_cold_answer_does_not_become_the_answer(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"0123456789")
    asked = caddy.http.get(address, headers={"range": "bytes=0-3"})

    assert (asked.status_code, asked.content) in ((200, b"0123456789"), (206, b"0123"))
    assert "range" not in caddy.upstream.asked[0].headers
    assert [answer.content for answer in same(caddy, address)] == [b"0123456789"] * 2


def test_a_tag_that_matches_is_answered_304_and_one_that_does_not_in_full(
    caddy: Front, address: str
) -> None:
    caddy.upstream.says(b"body", ETag='"now"')
    same(caddy, address)

    known = caddy.http.get(address, headers={"if-none-match": '"now"'})
    other = caddy.http.get(address, headers={"if-none-match": '"then"'})

    assert (known.status_code, known.content) == (304, b"")
    assert (other.status_code, other.content) == (200, b"body")


def test_a_304_to_one_visitor_is_never_shown_to_another(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"", 304, ETag='"now"')
    assert caddy.http.get(address, headers={"if-none-match": '"now"'}).status_code == 304
    caddy.upstream.says(b"body", ETag='"now"')

    assert [answer.content for answer in same(caddy, address)] == [b"body", b"body"]


def test_no_cookie_is_kept_or_passed_on(caddy: Front, address: str) -> None:
    caddy.upstream.says(Set_Cookie="session=1")
    answers = same(caddy, address, cookie="session=1", authorization="Basic eDp5")

    assert all("set-cookie" not in answer.headers for answer in answers)
    assert all({"cookie", "authorization"}.isdisjoint(s.headers) for s in caddy.upstream.asked)


@pytest.mark.parametrize(
    ("code", "policy"),
    [(200, "private"), (200, "no-store"), (200, ""), (503, POLICY), (400, "no-store")],
)
def test_what_is_not_meant_for_everybody_is_not_kept(
    caddy: Front, address: str, code: int, policy: str
) -> None:
    caddy.upstream.says(b"first", code, Cache_Control=policy)
    caddy.http.get(address)
    caddy.upstream.says(b"second", Cache_Control="no-store")

    assert caddy.http.get(address).content == b"second"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-original-url", "/admin"),
        ("x-rewrite-url", "/admin"),
        ("forwarded", "host=evil.example"),
        ("cache-control", "no-cache"),
        ("pragma", "no-cache"),
        ("range", "bytes=0-1"),
        ("if-modified-since", "Sun, 22 Nov 2026 00:00:00 GMT"),
        ("x-http-method-override", "DELETE"),
        ("origin", "https://evil.example"),
    ],
)
def test_no_header_of_one_visitor_changes_what_the_next_is_shown(
    caddy: Front, address: str, name: str, value: str
) -> None:
    """The first asks with it, the second without, and both are the same entry."""
    caddy.upstream.says(b"for everybody")
    first = caddy.http.get(address, headers={name: value})
    second = caddy.http.get(address)

    assert (first.status_code, first.content) == (200, b"for everybody")
    assert hit(second)
    assert second.content == first.content
    assert len(caddy.upstream.asked) == 1
    assert value not in str(second.headers)


@pytest.mark.parametrize("suffix", ["/x.css", ";x.css", "%2fx.css", "%00x.css", "/..%2fx.css"])
def test_an_address_that_looks_like_a_file_is_not_kept(caddy: Front, suffix: str) -> None:
    caddy.upstream.says(b"once")
    target = f"{LIST}{suffix}?q=1"
    for _ in range(2):
        head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        answer = caddy.raw(head.encode())
        assert b"queries; hit" not in answer


def test_what_advertisers_add_is_one_entry_with_what_is_asked(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"one")
    for more in ("", "&utm_source=a", "&fbclid=1", "&gclid=2&utm_medium=b"):
        assert caddy.http.get(address + more).content == b"one"

    assert len(caddy.upstream.asked) == 1


def test_another_host_and_another_query_are_other_entries(caddy: Front, address: str) -> None:
    caddy.upstream.says(b"mine")
    same(caddy, address)
    caddy.upstream.says(b"other")
    evil = f"GET {address} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    assert b"mine" not in caddy.raw(evil.encode())
    assert caddy.http.get(f"{address}&page=2").content == b"other"
    assert caddy.http.get(address).content == b"mine"


def test_its_own_interface_is_on_no_public_address(caddy: Front) -> None:
    caddy.upstream.says(b"{}", 404)
    for path in ("/souin-api/souin", "/souin-api/souin/flush", "/souin-api/metrics"):
        assert caddy.http.get(path).status_code == 404
        assert caddy.http.request("PURGE", path).status_code == 405


def test_a_visitor_who_leaves_early_spoils_nothing_for_the_next(
    caddy: Front, address: str
) -> None:
    body = os.urandom(1024 * 1024)
    caddy.upstream.says(body)
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", caddy.port), 5) as visitor:
            visitor.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            visitor.recv(100)

    assert {answer.content == body for answer in same(caddy, address)} == {True}
    assert re.search(r"panic|fatal error", caddy.log.read_text()) is None
