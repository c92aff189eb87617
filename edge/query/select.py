"""A list answer: the ready-made cards of the rows found, joined; nothing of them is encoded anew."""

import math
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from edge.query.facets import Facets, Relaxed, facets, relax
from edge.query.filters import Sought, seek
from edge.query.finder import Finder
from edge.query.highlight import Highlight, Look, highlights
from edge.query.ordering import Page, page
from edge.query.parameters import ListQuery

LINK_MAX = 4096  # bytes; longer ones are left out, and `next_cursor` has the way on
_json = msgspec.json.Encoder()
_FIELDS = {field.name: field for field in msgspec.structs.fields(ListQuery)}


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """What follows the cards of a list."""

    total: int
    page: int
    pages: int
    per_page: int
    has_more: bool
    facets: Facets
    generation: int
    next_cursor: str
    relax: list[Relaxed]
    highlights: list[Highlight]


def answer(finder: Finder, query: ListQuery, generation: int, look: Look) -> tuple[bytes, str]:
    """The JSON envelope of docs/api.md, and the value of its `Link` header, "" for none."""
    sought = seek(finder, query)
    shown = page(sought)
    total = sought.rows().bit_count()
    cards = [finder.rows[row].card for row in shown.rows]
    number = shown.start // query.per_page + 1
    pages = max(1, math.ceil(total / query.per_page))
    tail = _json.encode(
        Tail(
            total=total,
            page=number,
            pages=pages,
            per_page=query.per_page,
            has_more=bool(shown.cursor),
            facets=facets(sought),
            generation=generation,
            next_cursor=shown.cursor,
            relax=[] if total else relax(sought),
            highlights=_highlights(sought, shown, look) if query.q else [],
        )
    )
    return b'{"items":[' + b",".join(cards) + b"]," + tail[1:], links(query, shown, pages)


def _highlights(sought: Sought, shown: Page, look: Look) -> list[Highlight]:
    hits, rows = sought.hits, sought.finder.rows
    told = ((rows[row].card, bool(hits.told >> row & 1)) for row in shown.rows)
    return highlights(told, hits.terms, look)


def links(query: ListQuery, shown: Page, pages: int) -> str:
    """RFC 8288, relative to the address that was asked: a query alone keeps the path."""
    replace = msgspec.structs.replace
    if query.cursor is not None:
        onward = {"next": replace(query, cursor=shown.cursor)} if shown.cursor else {}
        onward["first"] = replace(query, cursor=None)
    else:
        onward = {"first": replace(query, page=1), "last": replace(query, page=pages)}
        if shown.cursor:
            onward["next"] = replace(query, page=query.page + 1)
        if query.page > 1:
            onward["prev"] = replace(query, page=min(query.page - 1, pages))
    made = ", ".join(f'<?{written(one)}>; rel="{name}"' for name, one in onward.items())
    return made if len(made) <= LINK_MAX else ""


def written(query: ListQuery) -> str:
    """A query string that is read as this query again; what is as it would be anyway is left out."""
    given = {}
    for name, field in _FIELDS.items():
        value = getattr(query, name)
        usual = "relevance" if name == "sort" and query.q is not None else field.default
        if value != usual:
            given[name] = _text(value)
    return urlencode(given, safe=",")


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return str(value)
