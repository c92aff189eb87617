"""The addresses that are answered by a query rather than by a published page.

`question` reads an address; `answered` makes the body. Both are pure: an answer depends on the
generation and the question alone, so it can be made on any thread, and kept under its question.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, zip_longest

import msgspec

from edge.query import cursor, select
from edge.query.filters import seek
from edge.query.finder import Finder
from edge.query.highlight import Look
from edge.query.parameters import ListQuery, NoQuery, SuggestQuery
from edge.query.reading import InvalidParameterError, parse, read

LISTS = frozenset({"/api/framer/properties", "/api/properties"})
SEARCH = "/api/properties/search"
SUGGEST = "/api/properties/suggest"
WORKED = LISTS | {SEARCH, SUGGEST}  # what may take more than a look-up
REVISION = "/api/revision"
DETAILS = ("/api/properties/", "/api/framer/property/")
SIMILAR, SIMILAR_MAX = "/similar", 6

LIST_POLICY = "public, max-age=30, stale-while-revalidate=600, stale-if-error=86400"
REVISION_POLICY = "public, max-age=5"
REMEMBERED = 512  # characters; longer query strings are read each time
_json = msgspec.json.Encoder()


class Similar(msgspec.Struct, frozen=True):
    """Homes like this one: `key` is a reference in lower case, or a slug."""

    key: str


class Revision(msgspec.Struct, frozen=True):
    """Which generation is served; a cheap thing to poll."""


class RevisionView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to that; the time in ISO 8601."""

    generation: int
    published_at: str


Question = ListQuery | SuggestQuery | Similar | Revision


@dataclass(frozen=True, slots=True)
class Generation:
    """What a question is put to. `look` finds the published detail of a slug."""

    number: int
    published_at: int  # unix seconds
    finder: Finder
    look: Look


@dataclass(frozen=True, slots=True)
class Made:
    body: bytes
    link: str = ""  # of the `Link` header
    cache_control: str = LIST_POLICY


def question(path: str, query: Mapping[str, list[str]]) -> Question | None:
    """What is asked at this address; None when it is no query, `InvalidParameterError` when it cannot be."""
    if path not in WORKED:
        return _question(path, query)
    given = tuple([(name, *values) for name, values in query.items()])
    if sum(len(part) + 1 for parts in given for part in parts) > REMEMBERED:
        return _question(path, query)
    return _remembered(path, given)


@functools.lru_cache(maxsize=2048)
def _remembered(path: str, given: tuple[tuple[str, ...], ...]) -> Question | None:
    """A query string that comes again is not read again."""
    return _question(path, {name: list(values) for name, *values in given})


def _question(path: str, query: Mapping[str, list[str]]) -> Question | None:
    if path in LISTS:
        return _checked(parse(query))
    if path == SEARCH:
        return _checked(_search(query))
    if path == SUGGEST:
        return read(SuggestQuery, query)
    if path == REVISION:
        read(NoQuery, query)
        return Revision()
    if path.endswith(SIMILAR) and path.startswith(DETAILS[0]):
        read(NoQuery, query)
        return Similar(path[len(DETAILS[0]) : -len(SIMILAR)].lower())
    return None


def _checked(query: ListQuery) -> ListQuery:
    """A cursor of another list is refused before anything is worked out."""
    cursor.given(query)
    return query


def _search(query: Mapping[str, list[str]]) -> ListQuery:
    found = parse(query)
    if not any(query.get("q", ())):
        raise InvalidParameterError("q", "say what to look for")
    return found


def answered(asked: Question, generation: Generation) -> Made | None:
    """None when there is nothing at the address; `InvalidParameterError` for a cursor of another list."""
    if isinstance(asked, ListQuery):
        body, link = select.answer(generation.finder, asked, generation.number, generation.look)
        return Made(body, link)
    if isinstance(asked, SuggestQuery):
        finder = generation.finder
        count = functools.partial(_found, finder)
        return Made(finder.typeahead.answer(asked, generation.number, count))
    if isinstance(asked, Revision):
        return _revision(generation)
    return _similar(asked, generation)


def moved(path: str, generation: Generation) -> str | None:
    """Where a home's address went when its slug changed."""
    for prefix in DETAILS:
        if path.startswith(prefix):
            slug, slash, rest = path.removeprefix(prefix).partition("/")
            now = generation.finder.index.moved.get(slug)
            return f"{prefix}{now}{slash}{rest}" if now else None
    return None


def _revision(generation: Generation) -> Made:
    moment = datetime.fromtimestamp(generation.published_at, UTC)
    view = RevisionView(generation=generation.number, published_at=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    return Made(_json.encode(view), cache_control=REVISION_POLICY)


def _found(finder: Finder, parameters: Mapping[str, str]) -> int:
    """How many cards a list has."""
    asked = parse({name: [value] for name, value in parameters.items()})
    return seek(finder, asked).rows().bit_count()


def _similar(asked: Similar, generation: Generation) -> Made | None:
    """A home offered both ways is like homes of both kinds, in turns."""
    finder = generation.finder
    rows = finder.references.get(asked.key)
    if rows is None:
        return None
    like = [finder.index.similar[row] for row in rows] if finder.index.similar else []
    mixed = dict.fromkeys(chain.from_iterable(zip_longest(*like)))
    near = [row for row in mixed if row is not None][:SIMILAR_MAX]
    cards = b",".join(finder.rows[row].card for row in near)
    return Made(b'{"items":[%b],"total":%d}' % (cards, len(near)))
