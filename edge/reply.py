"""HTTP as a pure function: a request and what is loaded in, a complete reply out.

Nothing here waits, reads a clock or touches a socket; `edge.server` translates. Looked up in this
order: health, the published path as it stands, the queries, and addresses that have moved.
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from edge.message import (
    Reply,
    Request,
    fresh_json,
    invalid_parameter,
    moved_permanently,
    problem,
)
from edge.negotiate import choose, not_modified
from edge.query import routes
from edge.query.reading import InvalidParameterError
from edge.query.routes import WORKED, Question
from edge.results import Results
from edge.table import Answer, Table
from snapshot import Moment

PATH_MAX = 1024  # bytes
ALLOW = "GET, HEAD, OPTIONS"
READABLE = ("GET", "HEAD")
HEALTH = frozenset({"/readyz", "/api/framer/health"})


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What `sync` last said of its upstream; times are ISO 8601, "" before the first word."""

    checked_at: str = ""
    checked_at_s: Moment = 0  # the same, unix seconds
    outcome: str = "unknown"


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


def ready(view: View, request: Request, now: float, stale_after_s: int) -> Reply | None:
    """As `reply`, when that takes no more than a look-up; None when there is something to work out."""
    question = _asked(view, request)
    if question is None or view.table is None:
        return reply(view, request, now, stale_after_s)
    found = view.results.ready(question)
    if found is None:
        return None
    return _sent(view.table, found, view.table.manifest.published_at, request, "list")


def pending(view: View, request: Request) -> Callable[[], object] | None:
    """What to compute first, on another thread, so that `reply` to this view only looks up."""
    question = _asked(view, request)
    if question is None or view.table is None or question in view.results.kept:
        return None
    return partial(_prepare, view.results, view.table, question)


def _asked(view: View, request: Request) -> Question | None:
    """What may have to be worked out for it."""
    if view.table is None or request.path not in WORKED or request.method not in READABLE:
        return None
    if request.path in view.table.manifest.pages:
        return None
    with contextlib.suppress(InvalidParameterError):  # refusing it is quick
        return routes.question(request.path, request.query)
    return None


def _prepare(results: Results, table: Table, question: Question) -> None:
    with contextlib.suppress(InvalidParameterError):  # a cursor of another list: `reply` says so
        results.of(table, question)


def _loaded(view: View, path: str, request: Request, now: float, stale_after_s: int) -> Reply:
    table = view.table
    if table is None:
        return problem(503, "not-ready", "The first snapshot is on its way.", retry_after="2")
    page = table.manifest.pages.get(path)
    if page is not None:
        return _sent(table, table.answers[page.digest], page.modified, request, "page")
    if path in HEALTH:
        return _health(table, view.source, now, stale_after_s)
    if path in WORKED and request.path != path:  # only this spelling is worked out apart
        return moved_permanently(path, request.query)
    return _queried(view.results, table, path, request)


def _queried(results: Results, table: Table, path: str, request: Request) -> Reply:
    """What is not a page: an answer to a question, or the way to another address, or nothing."""
    try:
        question = routes.question(path, request.query)
        found = results.of(table, question) if question is not None else None
    except InvalidParameterError as error:
        return invalid_parameter(error.name, error.detail, error.allowed)
    if found is not None:
        return _sent(table, found, table.manifest.published_at, request, "list")
    place = routes.moved(path, table.asked()) or _without_slash(table, path)
    if place is not None:
        return moved_permanently(place, request.query)
    return problem(404, "not-found", "No property, list or file has this address.")


def _without_slash(table: Table, path: str) -> str | None:
    bare = path.rstrip("/")
    return bare if bare != path and (bare in table.manifest.pages or bare in WORKED) else None


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
