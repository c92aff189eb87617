"""A request and a reply as plain values, and the problem documents that errors are sent as."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec

NO_STORE = "no-store"
PROBLEM_BASE = "/problems/"  # a reference relative to the site that answers (RFC 9457, 3.1.1)
_json = msgspec.json.Encoder()


class Request(NamedTuple):
    """`path` as received, still percent-encoded; `header` looks a lower-case name up."""

    method: str
    path: str
    query: dict[str, list[str]]
    header: Callable[[str], str | None]


class Reply(NamedTuple):
    """For HEAD too the body is whole: the server sends its length and drops the bytes."""

    status: int
    headers: dict[str, str]
    body: bytes
    route: str = "other"  # what it is counted as: edge.board.ROUTES


class Plan(NamedTuple):
    """How to answer: `work`, if any, is done first, on a thread apart; `answer` then looks up."""

    work: Callable[[], object] | None
    answer: Callable[[], Reply]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457. `type` is stable; `parameter` and `allowed` come with `invalid-parameter`."""

    type: str
    title: str
    status: int
    detail: str
    parameter: str | msgspec.UnsetType = msgspec.UNSET
    allowed: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


TITLES = {
    "malformed-path": "The path is not valid",
    "invalid-parameter": "A query parameter is not valid",
    "moved": "This has another address now",
    "not-found": "Nothing is published here",
    "method-not-allowed": "Only GET, HEAD and OPTIONS are served",
    "not-acceptable": "No stored encoding is acceptable",
    "range-not-satisfiable": "The file is not that long",
    "uri-too-long": "The address is too long",
    "not-ready": "No snapshot has been loaded yet",
    "busy": "Too many questions at once",
    "too-many-requests": "Too many new questions from one address",
}


def problem(status: int, kind: str, detail: str, **more: str) -> Reply:
    """A problem document that no cache keeps; `more` are extra headers with `_` for `-`."""
    body = _json.encode(
        Problem(type=PROBLEM_BASE + kind, title=TITLES[kind], status=status, detail=detail)
    )
    return Reply(status, _headers("application/problem+json", **more), body)


def too_many_requests(wait_s: float) -> Reply:
    seconds = str(math.ceil(wait_s))
    refused = problem(429, "too-many-requests", f"Ask again in {seconds} s.", retry_after=seconds)
    return refused._replace(route="list")


def invalid_parameter(name: str, detail: str, allowed: tuple[str, ...] = ()) -> Reply:
    document = Problem(
        type=PROBLEM_BASE + "invalid-parameter",
        title=TITLES["invalid-parameter"],
        status=400,
        detail=detail,
        parameter=name,
        allowed=allowed or msgspec.UNSET,
    )
    return Reply(400, _headers("application/problem+json"), _json.encode(document), "list")


def moved_permanently(place: str, query: Mapping[str, list[str]]) -> Reply:
    """A problem document for programs, a `Location` for those that follow."""
    kind = "moved"
    body = _json.encode(
        Problem(
            type=PROBLEM_BASE + kind,
            title=TITLES[kind],
            status=308,
            detail=f"Now at {place}",
        )
    )
    more = "?" + urlencode(query, doseq=True) if query else ""
    headers = _headers("application/problem+json", location=quote(place) + more)
    # To be asked again each time: an address that was taken back would lead round in a circle.
    return Reply(308, headers | {"cache-control": "no-cache"}, body)


def fresh_json(document: object, *, status: int = 200) -> Reply:
    """A small document made now, true only now."""
    return Reply(status, _headers("application/json"), _json.encode(document), "health")


def _headers(content_type: str, **more: str) -> dict[str, str]:
    return {
        "content-type": content_type,
        "cache-control": NO_STORE,
        "access-control-allow-origin": "*",
        "vary": "Accept-Encoding",
    } | {name.replace("_", "-"): value for name, value in more.items()}
