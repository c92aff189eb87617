"""Which file of the tree shows which answer: pure, so that two generations can be compared.

Only what Caddy may answer by itself is laid out: a JSON document with status 200 and the one cache
policy that the Caddyfile sets, at an address whose segments are plain file names. The edge alone
serves the rest.
"""

from collections.abc import Iterable, Iterator, Mapping
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

MADE = "list-"  # how the names of answers begin that edges make
Shown = tuple[str, tuple[str, ...]]  # an answer by its content, and the suffixes of its encodings
UNSURE: Shown = ("", tuple(SUFFIX.values()))  # anything, or nothing
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
    return MADE + answer.stored["identity"].etag.strip('"')


def outdated(old: Layout, new: Layout) -> set[str]:
    """The addresses that may not show `old` any more once edges serve `new`: what differs, and what edges
    make. A page that is gone may, as long as a list may name it."""
    return {
        file
        for file, shown in old.items()
        if new.get(file) != shown and (file in new or shown[0].startswith(MADE) or shown == UNSURE)
    }


def lingering(old: Layout, new: Layout) -> list[str]:
    """The addresses of `new` where something else is shown still: of a page that has given way to a list."""
    return [file for file, shown in new.items() if old.get(file, UNSURE) not in (UNSURE, shown)]


def gone(old: Layout, new: Layout) -> set[str]:
    """The addresses that `new` has not."""
    return old.keys() - new.keys()


def named(laid: Layout, addresses: Iterable[str]) -> Iterator[str]:
    """The files of these addresses, with their suffixes."""
    return (file + end for file in addresses for end in laid[file][1])


def unsure(old: Layout, changing: Iterable[str]) -> Layout:
    """What can be said while these addresses change: that some file may be there."""
    return old | dict.fromkeys(changing, UNSURE)


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
