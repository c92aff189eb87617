"""HTTP as a pure function: a request and what is loaded in, a complete reply out.

Nothing here waits, reads a clock or touches a socket; `edge.server` translates. Looked up in this
order: health, the list queries, the published path as it stands.
"""

import gzip
import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

import msgspec

from edge.layout import POLICY
from edge.message import Reply, Request, fresh_json, invalid_parameter, problem
from edge.negotiate import choose, not_modified
from edge.query import select
from edge.query.parameters import InvalidParameterError, ListQuery, parse
from edge.table import Answer, Table, answer
from snapshot import Entry

PATH_MAX = 1024  # bytes
ALLOW = "GET, HEAD, OPTIONS"
READABLE = ("GET", "HEAD")
LISTS = frozenset({"/api/framer/properties", "/api/properties"})
HEALTH = frozenset({"/readyz", "/api/framer/health"})
RESULTS = 512  # list answers kept per generation ...
RESULTS_BYTES = 32 * 1024 * 1024  # ... and their bodies together
GZIP_LEVEL = 4  # about 1 ms for a page of cards, once per query and generation


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What `sync` last said of its upstream; times are ISO 8601, "" before the first word."""

    checked_at: str = ""
    checked_at_s: int = 0  # the same, unix seconds
    outcome: str = "unknown"


@dataclass(slots=True)
class Results:
    """The latest list answers of one generation, compressed once; oldest made dropped first.

    Shared by the server's threads: looking up needs no lock, keeping does.
    """

    kept: dict[ListQuery, Answer] = field(default_factory=dict)
    size: int = 0  # bytes of the bodies kept
    _keeping: threading.Lock = field(default_factory=threading.Lock)

    def of(self, table: Table, query: ListQuery) -> Answer:
        found = self.kept.get(query)
        if found is None:
            found = answer(_entry(select.answer(table.rows, query, table.generation)))
            with self._keeping:
                self._keep(query, found)
        return found

    def _keep(self, query: ListQuery, made: Answer) -> None:
        if query in self.kept:
            return  # another thread was quicker
        self.kept[query] = made
        self.size += _size(made)
        while len(self.kept) > RESULTS or self.size > RESULTS_BYTES:
            self.size -= _size(self.kept.pop(next(iter(self.kept))))


def _size(made: Answer) -> int:
    return sum(len(stored.body) for stored in made.stored.values())


def _entry(body: bytes) -> Entry:
    packed = gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
    return Entry(
        content_type="application/json",
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        cache_control=POLICY,
        body=body,
        gzip=packed if len(packed) < len(body) else b"",
    )


@dataclass(frozen=True, slots=True)
class View:
    """Everything a reply may look at: one generation, and the last word on the source."""

    table: Table | None = None
    source: Source = field(default_factory=Source)
    results: Results = field(default_factory=Results)


def reply(view: View, request: Request, now: float, stale_after_s: int) -> Reply:
    """`now` in unix seconds; a source not checked for `stale_after_s` is called stale."""
    if request.method not in READABLE:
        return _other_method(request.method)
    path = _path(request.path)
    if isinstance(path, Reply):
        return path
    if path == "/livez":
        return fresh_json({"status": "ok"})
    return _loaded(view, path, request, now, stale_after_s)


def pending(view: View, request: Request) -> Callable[[], object] | None:
    """What to compute first, on another thread, so that `reply` only looks up; None for nothing."""
    if view.table is None or request.path not in LISTS or request.method not in READABLE:
        return None
    try:
        query = parse(request.query)
    except InvalidParameterError:
        return None  # refusing it is quick
    if query in view.results.kept:
        return None
    return partial(view.results.of, view.table, query)


def _loaded(view: View, path: str, request: Request, now: float, stale_after_s: int) -> Reply:
    table = view.table
    if table is None:
        return problem(503, "not-ready", "The first snapshot is on its way.", retry_after="2")
    if path in HEALTH:
        return _health(table, view.source, now, stale_after_s)
    if path in LISTS:
        return _listed(view.results, table, request)
    page = table.manifest.pages.get(path)
    if page is None:
        bare = path.rstrip("/")
        if bare != path and (bare in table.manifest.pages or bare in LISTS):
            return _moved(bare, request.query)
        return problem(404, "not-found", "No property, list or file has this address.")
    return _sent(table, table.answers[page.digest], page.modified, request, "page")


def _moved(path: str, query: dict[str, list[str]]) -> Reply:
    """To the same address without a slash at its end; `path` is one that is served."""
    location = quote(path) + ("?" + urlencode(query, doseq=True) if query else "")
    headers = {"location": location, "cache-control": POLICY, "access-control-allow-origin": "*"}
    return Reply(308, headers | {"vary": "Accept-Encoding"}, b"")


def _other_method(method: str) -> Reply:
    if method == "OPTIONS":
        return Reply(
            204,
            {
                "allow": ALLOW,
                "access-control-allow-origin": "*",
                "access-control-allow-methods": ALLOW,
                "access-control-allow-headers": "*",
                "access-control-max-age": "86400",
            },
            b"",
        )
    return problem(405, "method-not-allowed", f"This address answers {ALLOW}.", allow=ALLOW)


def _path(raw: str) -> str | Reply:
    """The decoded path, or the reply that refuses it."""
    if len(raw) > PATH_MAX:
        return problem(414, "uri-too-long", f"A path has at most {PATH_MAX} bytes.")
    if "%" not in raw and raw.isascii() and raw.isprintable():
        return raw
    if re.search(r"%(?![0-9A-Fa-f]{2})", raw):
        return problem(400, "malformed-path", "A % is followed by two hexadecimal digits.")
    try:
        path = unquote_to_bytes(raw).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return problem(400, "malformed-path", "The path is not UTF-8.")
    if not path.isprintable():
        return problem(400, "malformed-path", "The path has control characters.")
    return path


def _sent(table: Table, found: Answer, modified: int, request: Request, route: str) -> Reply:
    """The representation this client takes, or 304 when it has it, or 406."""
    header = request.header
    coding = choose(found.stored, header("accept-encoding"))
    if coding is None:
        return problem(406, "not-acceptable", f"Stored encodings: {', '.join(found.stored)}.")
    stored = found.stored[coding]
    headers = dict(stored.headers)
    headers["last-modified"] = table.modified[modified]
    if found.status == HTTPStatus.OK and not_modified(
        header("if-none-match"), header("if-modified-since"), stored.etag, modified
    ):
        return Reply(304, _without_content(headers), b"", route)
    return Reply(found.status, headers, stored.body, route)


def _listed(results: Results, table: Table, request: Request) -> Reply:
    try:
        query = parse(request.query)
    except InvalidParameterError as error:
        return invalid_parameter(error.name, error.detail, error.allowed)
    found = results.of(table, query)
    return _sent(table, found, table.manifest.published_at, request, "list")


def _without_content(headers: dict[str, str]) -> dict[str, str]:
    """A 304 repeats what a cache needs and describes no body (RFC 9110, 15.4.5)."""
    return {k: v for k, v in headers.items() if k not in ("content-type", "content-encoding")}


def _health(table: Table, source: Source, now: float, stale_after_s: int) -> Reply:
    age = max(0, int(now) - (source.checked_at_s or table.manifest.published_at))
    document: dict[str, Any] = {
        "status": "ok" if age <= stale_after_s else "stale",
        "generation": table.generation,
        "published_at": _iso(table.manifest.published_at),
        "age_s": age,
        "listings": table.manifest.counts.get("listings", 0),
        "counts": table.manifest.counts,
        "source": {"checked_at": source.checked_at, "outcome": source.outcome},
    }
    return fresh_json(document)


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
