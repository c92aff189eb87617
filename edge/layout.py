"""Which file of a generation shows which body: pure, so that two generations can be compared.

Only what Caddy may answer by itself is laid out: a JSON document with status 200 and the one cache
policy that the Caddyfile sets, at an address whose segments are plain file names. The edge alone
serves the rest.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus

from edge.negotiate import SUFFIX
from edge.query import routes
from edge.table import Answer, Table

POLICY = routes.LIST_POLICY
SEGMENT_MAX = 200  # bytes of one path segment: file names end at 255 with their suffixes
JSON = "application/json"

Body = tuple[str, tuple[str, ...]]  # a name in bodies/, and the suffixes it has there
Layout = dict[str, Body]  # by file below pages/


def layout(table: Table, lists: Mapping[str, Answer]) -> Layout:
    """`lists`: answers that the edge makes itself, by path."""
    laid: Layout = {}
    for path, name, answer in _addresses(table, lists):
        if _fits(answer) and (file := _file(path)):
            laid.setdefault(file, (name, suffixes(answer)))
    return laid


def _addresses(table: Table, lists: Mapping[str, Answer]) -> Iterator[tuple[str, str, Answer]]:
    for path, page in table.manifest.pages.items():
        yield path, page.digest, table.answers[page.digest]
    for path, answer in lists.items():
        yield path, _made(answer), answer


def _made(answer: Answer) -> str:
    """The name in bodies/ of an answer that the edge makes: by its content, as all are."""
    return "list-" + answer.stored["identity"].etag.strip('"')


def suffixes(answer: Answer) -> tuple[str, ...]:
    """Of the files of this answer: each encoding, and its tag."""
    return tuple(
        end for coding in answer.stored for end in (SUFFIX[coding], f"{SUFFIX[coding]}.etag")
    )


def removed(old: Layout, new: Layout) -> Iterator[str]:
    """The files, with their suffixes, that stand in the way of `new`."""
    for file, (name, ends) in old.items():
        if new.get(file) != (name, ends):
            yield from (file + end for end in ends)


def added(old: Layout, new: Layout) -> Layout:
    """The part of `new` that `old` has not."""
    return {file: body for file, body in new.items() if old.get(file) != body}


def files(table: Table, lists: Mapping[str, Answer], laid: Layout) -> Iterator[tuple[str, bytes]]:
    """What must be in bodies/ for `laid`: names and contents."""
    made = {_made(answer): answer for answer in lists.values()}
    for name in names(laid):
        answer = table.answers.get(name) or made[name]
        for coding, stored in answer.stored.items():
            yield name + SUFFIX[coding], stored.body
            yield f"{name}{SUFFIX[coding]}.etag", stored.etag.encode()


def names(laid: Layout) -> set[str]:
    """What this generation needs of bodies/."""
    return {name for name, _ in laid.values()}


def _fits(answer: Answer) -> bool:
    headers = answer.stored["identity"].headers
    return (
        answer.status == HTTPStatus.OK
        and headers["content-type"] == JSON
        and headers["cache-control"] == POLICY
    )


def _file(path: str) -> str:
    """Where Caddy looks for this path; empty when it is not a name for a file."""
    segments = path.split("/")[1:]
    return "/".join(segments) + ".json" if all(map(_is_plain, segments)) else ""


def _is_plain(segment: str) -> bool:
    return (
        bool(segment)
        and not segment.startswith(".")
        and "\0" not in segment
        and len(segment.encode()) <= SEGMENT_MAX
    )
