"""The real server over HTTP: what a client on the wire sees."""

import contextlib
import gzip
import socket

import httpx
import pytest

from tests.edge.conftest import LONG, PICTURE, Edge

DETAIL, LIST = "/api/framer/property/42", "/api/framer/properties"


def raw(edge: Edge, request: bytes) -> bytes:
    """The whole answer to bytes that httpx would not send; they must ask to close."""
    with socket.create_connection(("127.0.0.1", edge.port), 5) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


def get(edge: Edge, target: str, method: str = "GET") -> bytes:
    return raw(edge, f"{method} {target} HTTP/1.0\r\nhost: x\r\n\r\n".encode())


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_lines_of_one_header_are_one_list(shared_edge: Edge) -> None:
    tag = shared_edge.http.get(DETAIL, headers={"accept-encoding": "identity"}).headers["etag"]
    head = f"GET {DETAIL} HTTP/1.0\r\nhost: x\r\n"
    known = f'{head}if-none-match: {tag}\r\nif-none-match: "other"\r\n\r\n'
    refused = f"{head}accept-encoding: identity;q=0\r\naccept-encoding: gzip;q=0.5\r\n\r\n"

    assert status(raw(shared_edge, known.encode())) == 304
    assert b"content-encoding: gzip" in raw(shared_edge, refused.encode()).lower()


def test_a_detail_is_served_encoded_and_confirmed(shared_edge: Edge) -> None:
    whole = shared_edge.http.get(DETAIL, headers={"accept-encoding": "gzip"})
    again = shared_edge.http.get(
        DETAIL, headers={"accept-encoding": "gzip", "if-none-match": whole.headers["etag"]}
    )

    assert (whole.status_code, whole.content) == (200, LONG)
    assert whole.headers["content-encoding"] == "gzip"
    assert (again.status_code, again.content) == (304, b"")
    assert "content-type" not in again.headers


def test_a_304_leaves_the_connection_in_step(shared_edge: Edge) -> None:
    tag = shared_edge.http.get(DETAIL).headers["etag"]

    for _ in range(3):
        assert shared_edge.http.get(DETAIL, headers={"if-none-match": tag}).status_code == 304
        assert shared_edge.http.get("/sitemap.xml").text == "<urlset/>"


@pytest.mark.parametrize(
    "path", [DETAIL, LIST, "/livez", "/none", f"/api/framer/images/{PICTURE}"]
)
def test_head_has_the_length_and_no_body(shared_edge: Edge, path: str) -> None:
    plain = {"accept-encoding": "identity"}
    whole, head = (
        getattr(shared_edge.http, name)(path, headers=plain) for name in ("get", "head")
    )

    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert int(head.headers["content-length"]) == len(whole.content) > 0


@pytest.mark.parametrize("path", ["/api/framer/property/café", "/%73itemap.xml", "/sitemap%2exml"])
def test_paths_are_percent_decoded_once(shared_edge: Edge, path: str) -> None:
    assert shared_edge.http.get(path).status_code == 200
    assert status(get(shared_edge, "/%2573itemap.xml")) == 404


def test_a_query_is_decoded_and_cached_by_meaning(shared_edge: Edge) -> None:
    one = shared_edge.http.get(LIST + "?ids=1%2C2,+3&per_page=2&utm_source=x&&")
    two = shared_edge.http.get(LIST + "?per%5Fpage=2&ids=3,2,1")

    assert one.status_code == two.status_code == 200
    assert one.json()["total"] == 3
    assert one.headers["etag"] == two.headers["etag"]
    assert gzip.compress(one.content)


@pytest.mark.parametrize(
    "query", ["page=%zz", "a=%FF%00", "page=1&page=2", "sort=%0d%0aset-cookie:x", "=1", "sort=a=b"]
)
def test_a_hostile_query_is_a_problem_and_no_header(shared_edge: Edge, query: str) -> None:
    answer = shared_edge.http.get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_known_methods_are_told_what_is_allowed(shared_edge: Edge, method: str) -> None:
    answer = shared_edge.http.request(method, DETAIL)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("method", ["PROPFIND", "PURGE", "BREW", "get"])
def test_unheard_of_methods_are_refused_and_hurt_nothing(shared_edge: Edge, method: str) -> None:
    assert status(get(shared_edge, DETAIL, method)) == 405
    assert shared_edge.http.get("/livez").status_code == 200


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/%", 400),
        ("/%00", 400),
        ("/" + "a" * 2_000, 414),
        ("//sitemap.xml", 404),
        ("/x/../sitemap.xml", 404),
        ("/" + "%41" * 300, 404),
    ],
)
def test_odd_targets_are_answered(shared_edge: Edge, target: str, code: int) -> None:
    assert status(get(shared_edge, target)) == code


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        f"{PICTURE}/../../secret.txt",
        "/etc/passwd",
        f"{PICTURE}%00",
    ],
)
def test_only_pictures_leave_the_media_directory(shared_edge: Edge, name: str) -> None:
    answer = get(shared_edge, f"/api/framer/images/{name}")

    assert status(answer) in (400, 404)
    assert b"secret" not in answer.split(b"\r\n\r\n", 1)[1]


def test_a_picture_is_served(shared_edge: Edge) -> None:
    answer = shared_edge.http.get(f"/api/framer/images/{PICTURE}")

    assert (answer.status_code, answer.content) == (200, b"RIFF....WEBP")
    assert answer.headers["content-type"] == "image/webp"


def test_headers_beyond_reason_hurt_nothing(shared_edge: Edge) -> None:
    """A refusal may come before all of it was sent, and then be cut off by the rest."""
    with contextlib.suppress(httpx.ReadError, httpx.WriteError):
        answer = shared_edge.http.get("/livez", headers={"accept-encoding": "gzip," * 40_000})
        assert answer.status_code in (200, 400, 431)

    assert httpx.get(f"{shared_edge.url}/livez").json() == {"status": "ok"}


def test_http_1_0_and_absolute_targets_work(shared_edge: Edge) -> None:
    assert status(get(shared_edge, "/livez")) == 200
    assert status(get(shared_edge, f"{shared_edge.url}/livez")) == 200
    assert shared_edge.http.get("/readyz").status_code == httpx.codes.OK
