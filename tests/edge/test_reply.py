"""Every answer of the edge, as plain values: no request may raise."""

import gzip
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import table
from edge.message import Reply, Request
from edge.query.parameters import ListQuery
from edge.reply import PATH_MAX, Source, View, reply
from edge.tags import moment, tag
from snapshot import Row
from tests.snapshot.made import PUBLISHED, entry, generation, row

LONG = b"long " * 500
PAGES = {
    "/api/framer/property/42": entry(LONG, br=b"br", zstd=b"zstd", gzip=b"gzip"),
    "/api/framer/property/café": entry(b"cafe"),
    "/small": entry(b"small"),
    "/gone": entry(b"gone", status=410),
}
DETAIL, LIST = "/api/framer/property/42", "/api/framer/properties"
VIEW = View(
    table.build(*generation(3, PAGES, [row(id=str(n)) for n in range(40)]), None),
    Source(checked_at="2023-11-14T22:13:20Z", checked_at_s=PUBLISHED, outcome="published"),
)
ALL_PATHS = (*PAGES, LIST, "/api/properties", "/livez", "/readyz", "/api/framer/health", "/none")


def ask(
    path: str,
    method: str = "GET",
    query: dict[str, list[str]] | None = None,
    view: View = VIEW,
    **headers: str,
) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return reply(view, Request(method, path, query or {}, sent.get), PUBLISHED + 60, 3600)


def problem(answer: Reply) -> dict[str, Any]:
    """The problem document, after checking what holds for every error."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    document: dict[str, Any] = msgspec.json.decode(answer.body)
    assert document["status"] == answer.status
    assert document["title"]
    return document


def test_a_published_path_is_its_entry() -> None:
    answer = ask(DETAIL)

    assert (answer.status, answer.body) == (200, LONG)
    assert answer.headers == {
        "content-type": "application/json",
        "cache-control": "public, max-age=30",
        "etag": tag(moment(PAGES[DETAIL].etag, "identity"), len(LONG)),
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag, Link, Server-Timing, Cache-Status",
        "cache-status": "edge; hit",
        "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
    }


@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        (DETAIL + "/", {}, DETAIL),
        (DETAIL + "//", {}, DETAIL),
        ("/api/framer/property/caf%C3%A9/", {}, "/api/framer/property/caf%C3%A9"),
        (LIST + "/", {"area": ["a b", "c&d"]}, LIST + "?area=a+b&area=c%26d"),
    ],
)
def test_a_slash_too_many_is_sent_to_the_address_without(
    path: str, query: dict[str, list[str]], location: str
) -> None:
    answer = ask(path, query=query)

    assert (answer.status, answer.headers["location"]) == (308, location)


@pytest.mark.parametrize("path", ["/none/", "//example.org/", "/", "//", "/readyz/"])
def test_a_slash_leads_nowhere_else(path: str) -> None:
    assert ask(path).status == 404


@pytest.mark.parametrize("path", ALL_PATHS)
def test_head_has_the_headers_of_get(path: str) -> None:
    assert ask(path, "HEAD") == ask(path)


@pytest.mark.parametrize("path", ["/small", "/none", LIST, "/livez"])
def test_options_allows_any_page_to_read(path: str) -> None:
    answer = ask(path, "OPTIONS", origin="https://example.org")

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == answer.headers["allow"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW", ""])
def test_other_methods_are_refused_and_told_what_is_allowed(method: str) -> None:
    answer = ask("/small", method)

    assert problem(answer)["type"] == "/problems/method-not-allowed"
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ALL_PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_cors_is_open_and_vary_is_said_always(path: str, method: str) -> None:
    answer = ask(path, method, origin="https://evil.example", cookie="a=b")

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "coding", "body"),
    [
        ("br", "br", b"br"),
        ("zstd", "zstd", b"zstd"),
        ("gzip", "gzip", b"gzip"),
        ("x-gzip", "gzip", b"gzip"),
        ("deflate", None, LONG),
    ],
)
def test_the_stored_encoding_is_sent(accept: str, coding: str | None, body: bytes) -> None:
    answer = ask(DETAIL, accept_encoding=accept)

    assert (answer.body, answer.headers.get("content-encoding")) == (body, coding)


def test_the_tag_of_one_encoding_is_not_current_for_another() -> None:
    tags = {
        coding: ask(DETAIL, accept_encoding=coding).headers["etag"] for coding in ["br", "gzip"]
    }

    assert ask(DETAIL, accept_encoding="br", if_none_match=tags["br"]).status == 304
    assert ask(DETAIL, accept_encoding="gzip", if_none_match=tags["br"]).status == 200
    assert ask(DETAIL, if_none_match=tags["gzip"]).status == 200


def test_refusing_every_stored_encoding_is_406() -> None:
    answer = ask("/small", accept_encoding="br, identity;q=0")

    assert answer.status == 406
    assert problem(answer)["detail"] == "Stored encodings: identity."


@pytest.mark.parametrize("path", [DETAIL, LIST])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_current_copy_is_confirmed_without_content(path: str, method: str) -> None:
    whole = ask(path, accept_encoding="gzip")

    answer = ask(path, method, accept_encoding="gzip", if_none_match=whole.headers["etag"])

    assert (answer.status, answer.body) == (304, b"")
    assert not {"content-type", "content-encoding", "content-length"} & answer.headers.keys()
    for name in ("etag", "vary", "cache-control", "last-modified", "access-control-allow-origin"):
        assert answer.headers[name] == whole.headers[name]


def test_a_date_confirms_too() -> None:
    date = ask("/small").headers["last-modified"]

    assert ask("/small", if_modified_since=date).status == 304
    assert ask("/small", if_modified_since="Thu, 01 Jan 1970 00:00:00 GMT").status == 200


def test_only_a_success_can_be_confirmed() -> None:
    assert ask("/gone", if_none_match="*").status == 410


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/none", 404, "not-found"),
        ("", 404, "not-found"),
        ("//small", 404, "not-found"),
        ("/x/../small", 404, "not-found"),
        ("/" + "a" * PATH_MAX, 414, "uri-too-long"),
        ("/%", 400, "malformed-path"),
        ("/%4", 400, "malformed-path"),
        ("/%zz", 400, "malformed-path"),
        ("/%FF", 400, "malformed-path"),
        ("/%C0%AF", 400, "malformed-path"),
        ("/%ED%A0%80", 400, "malformed-path"),
        ("/small%00", 400, "malformed-path"),
        ("/%0d%0aset-cookie:a=b", 400, "malformed-path"),
        ("/\x7f", 400, "malformed-path"),
        ("/\ud800", 400, "malformed-path"),
    ],
)
def test_a_bad_path_is_a_problem(path: str, status: int, kind: str) -> None:
    answer = ask(path)

    assert answer.status == status
    assert problem(answer)["type"] == f"/problems/{kind}"


@pytest.mark.parametrize(
    "path", ["/api/framer/property/caf%C3%A9", "/api/framer/property/caf%c3%a9", "/%73mall"]
)
def test_a_path_may_be_percent_encoded(path: str) -> None:
    assert ask(path).status == 200


def test_before_the_first_snapshot_only_liveness_answers() -> None:
    empty = View()

    assert ask("/livez", view=empty).status == 200
    for path in (DETAIL, LIST, "/readyz"):
        answer = ask(path, view=empty)
        assert problem(answer)["type"] == "/problems/not-ready"
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")


def test_health_tells_the_age_of_the_source() -> None:
    answer = ask("/api/framer/health")
    document = msgspec.json.decode(answer.body)

    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert (document["status"], document["age_s"], document["generation"]) == ("ok", 60, 3)
    assert document["published_at"] == "2023-11-14T22:13:23Z"
    late = reply(VIEW, Request("GET", "/readyz", {}, lambda _: None), PUBLISHED + 3601, 3600)
    assert msgspec.json.decode(late.body)["status"] == "stale"


def test_a_list_query_is_selected_and_compressed_once() -> None:
    plain = ask(LIST, query={"per_page": ["5"], "page": ["2"]})
    packed = ask(LIST, query={"page": ["2"], "per_page": ["5"]}, accept_encoding="br, gzip")

    assert [card["id"] for card in msgspec.json.decode(plain.body)["items"]] == list("56789")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_an_invalid_parameter_is_named_with_its_allowed_values() -> None:
    document = problem(ask(LIST, query={"sort": ["random"]}))

    assert (document["type"], document["status"]) == ("/problems/invalid-parameter", 400)
    assert document["parameter"] == "sort"
    assert "price_asc" in document["allowed"]


def test_a_query_on_a_published_path_changes_nothing() -> None:
    assert ask(DETAIL, query={"utm_source": ["x"], "anything": ["y"]}) == ask(DETAIL)


odd = st.text(max_size=20) | st.sampled_from(["%", "%2e", "\x00", "é", "*", '"', ",", ";q=", "W/"])
joined = st.lists(odd, max_size=8).map("".join)
paths = st.sampled_from(ALL_PATHS) | joined.map("/".__add__) | joined
queries = st.dictionaries(
    st.sampled_from(ListQuery.__struct_fields__) | odd,
    st.lists(odd | st.integers().map(str), min_size=1, max_size=2),
    max_size=4,
)
headers = st.dictionaries(
    st.sampled_from(["accept-encoding", "if-none-match", "if-modified-since"]), joined
)


@given(st.sampled_from(["GET", "HEAD"]) | odd, paths, queries, headers, st.booleans())
def test_no_request_raises(
    method: str,
    path: str,
    query: dict[str, list[str]],
    sent: dict[str, str],
    loaded: bool,
) -> None:
    header: Callable[[str], str | None] = sent.get

    answer = reply(VIEW if loaded else View(), Request(method, path, query, header), 0.0, 1)

    assert 200 <= answer.status < 600
    assert all(value.isascii() and value.isprintable() for value in answer.headers.values())
    assert answer.body or answer.status in (204, 304)
    if answer.status >= 400 and answer.status != 410:
        problem(answer)


@given(st.lists(st.builds(row, bedrooms=st.integers(-1, 9)), max_size=5), queries)
def test_no_rows_make_a_list_raise(rows: list[Row], query: dict[str, list[str]]) -> None:
    view = View(table.build(*generation(1, {}, rows), None))

    assert ask(LIST, query=query, view=view).status in (200, 400)
