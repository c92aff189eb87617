"""Which file of the tree shows which answer: pure, so that two generations can be compared.

Only what Caddy may answer by itself is laid out: a JSON document with status 200 and the one cache
policy that the Caddyfile sets, at an address whose segments are plain file names. The edge alone
serves the rest.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import NamedTuple

from edge.negotiate import SUFFIX
from edge.query import routes
from edge.table import Answer, Table
from edge.tags import moment_of

POLICY = routes.LIST_POLICY
SEGMENT_MAX = 200  # bytes of one path segment: file names end at 255 with their suffixes
JSON = "application/json"
PAGE = ".json"
ASKED = "/asked"  # where answers to queries are: no visitor's path leads there

Shown = tuple[str, tuple[str, ...]]  # an answer by its content, and the suffixes of its encodings
Layout = dict[str, Shown]  # by file below pages/


class File(NamedTuple):
    """`name` is below pages/; `moment` its date, of which Caddy makes the tag."""

    name: str
    body: bytes
    moment: int


def layout(table: Table, lists: Mapping[str, Answer]) -> Layout:
    """`lists`: answers that the edge makes itself, by address: a path, or a path and a query."""
    laid: Layout = {}
    for path, name, answer in _addresses(table, lists):
        if _fits(answer) and (file := _file(path)):
            laid.setdefault(file, (name, tuple(SUFFIX[coding] for coding in answer.stored)))
    return laid


def _addresses(table: Table, lists: Mapping[str, Answer]) -> Iterator[tuple[str, str, Answer]]:
    for path, page in table.manifest.pages.items():
        yield path, page.digest, table.answers[page.digest]
    for address, answer in lists.items():
        path, asked, query = address.partition("?")
        yield f"{ASKED}{path}/{query}" if asked else path, _made(answer), answer


def _made(answer: Answer) -> str:
    """The name of an answer that the edge makes."""
    return "list-" + answer.stored["identity"].etag.strip('"')


def replaced(old: Layout, new: Layout) -> Iterator[str]:
    """The files, with their suffixes, of addresses that show something else in `new`."""
    for file, shown in old.items():
        if new.get(file, shown) != shown:
            yield from (file + end for end in shown[1])


def gone(old: Layout, new: Layout) -> Iterator[str]:
    """The files, with their suffixes, of addresses that `new` has not."""
    for file, (_, ends) in old.items():
        if file not in new:
            yield from (file + end for end in ends)


def unsure(old: Layout, new: Layout) -> Layout:
    """What can be said on the way from `old` to `new`: of what differs, that some file may be there."""
    every = tuple(SUFFIX.values())
    return {
        file: old[file] if old.get(file) == new.get(file) else ("", every)
        for file in old.keys() | new.keys()
    }


def added(old: Layout, new: Layout) -> Layout:
    """The part of `new` that `old` has not."""
    return {file: shown for file, shown in new.items() if old.get(file) != shown}


def files(table: Table, lists: Mapping[str, Answer], laid: Layout) -> Iterator[File]:
    """What must be below pages/ for `laid`."""
    made = {_made(answer): answer for answer in lists.values()}
    for file, (name, _) in laid.items():
        answer = table.answers.get(name) or made[name]
        for coding, stored in answer.stored.items():
            yield File(file + SUFFIX[coding], stored.body, moment_of(stored.etag))


def _fits(answer: Answer) -> bool:
    headers = answer.stored["identity"].headers
    return (
        answer.status == HTTPStatus.OK
        and headers["content-type"] == JSON
        and headers["cache-control"] == POLICY
    )


def _file(path: str) -> str:
    """Where Caddy looks for this path; empty when it is not a name for a file."""
    *folders, last = path.split("/")[1:]
    plain = all(map(_is_plain, (*folders, last))) and not any(PAGE in name for name in folders)
    return "/".join((*folders, last)) + PAGE if plain else ""


def _is_plain(segment: str) -> bool:
    return (
        bool(segment)
        and not segment.startswith(".")
        and "\0" not in segment
        and len(segment.encode()) <= SEGMENT_MAX
    )
