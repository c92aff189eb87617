"""FastAPI on uvicorn over SQLite with FTS5, in memory: what most teams would build for queries.

Bodies are its homes' cards joined, compressed as the edge's are. It does less than the edge: no misspelt
words, no synonyms, only the last word begun, words in no other order than by rank, nothing to relax,
no cursors, no `Link`, no entity tags; it checks no parameter, and what type-ahead offers was counted
beforehand.
"""

import gc
import math
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from isal import igzip

from bench.peers import asgi
from bench.peers.sqlite_homes import DEGREES, KINDS, LIST, LISTED, OWN, Homes, loaded

KM_PER_DEGREE, RADIUS_KM = 111.195, 3.0
LEVEL = 2  # of gzip: the edge's
METRES = "sqrt((lat - ?) * ? * (lat - ?) * ? + (lng - ?) * ? * (lng - ?) * ?)"  # on a plane
BEGIN, END = "\x02", "\x03"  # around what matched
SUGGEST = """SELECT kind, value, label, homes, query FROM names WHERE names MATCH ?
ORDER BY label NOT LIKE ?, kind, homes DESC LIMIT ?"""
MARKED = f"""homes.id, highlight(words, 0, '{BEGIN}', '{END}'), highlight(words, 1, '{BEGIN}', '{END}'),
snippet(words, 2, '{BEGIN}', '{END}', '…', 30)"""
SILENT = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "near", "of"))
SILENT |= {"on", "or", "the", "to", "with"}
_word = re.compile(r"\w+")
_encode = msgspec.json.Encoder().encode
Query = Mapping[str, str]
Condition = tuple[str, list[Any]]


def _marks(values: Sized) -> str:
    return ",".join("?" * len(values))


def match(text: str) -> str:
    """All of the words; the last one may be only begun."""
    said = [f'"{word}"' for word in _word.findall(text.lower()) if word not in SILENT][:8]
    return f"{' '.join(said)}*" if said else ""


def conditions(homes: Homes, asked: Query) -> dict[str, Condition]:
    """SQL of each parameter given."""
    found: dict[str, Condition] = {}
    for name in LISTED.keys() & asked.keys():
        codes = [homes.codes[name].get(value, -1) for value in asked[name].split(",")]
        found[name] = f"{name} IN ({_marks(codes)})", codes
    for name, sql in (
        ("beds_min", "beds >= ?"),
        ("price_min", "price >= ?"),
        ("price_max", "price <= ?"),
    ):
        if name in asked:
            found[name] = sql, [int(asked[name])]
    if "features" in asked:
        bits = sum({1 << homes.codes["features"][name] for name in asked["features"].split(",")})
        found["features"] = "features & ? = ?", [bits, bits]
    if "ids" in asked:
        refs = asked["ids"].lower().split(",")
        found["ids"] = f"ref IN ({_marks(refs)})", refs
    return found | _where(asked)


def _where(asked: Query) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    if "bbox" in asked:
        west, south, east, north = (
            round(float(side) * DEGREES) for side in asked["bbox"].split(",")
        )
        sql = "placed AND lat BETWEEN ? AND ? AND lng BETWEEN ? AND ?"
        found["bbox"] = sql, [south, north, west, east]
    if "near" in asked:
        lat, lng, *_ = point = _scale(asked["near"])
        reach = float(asked.get("radius_km", RADIUS_KM)) * 1000
        tall, wide = (reach / each for each in point[2:])
        box = [math.floor(lat - tall), math.ceil(lat + tall)]
        box += [math.floor(lng - wide), math.ceil(lng + wide)]
        sql = f"lat BETWEEN ? AND ? AND lng BETWEEN ? AND ? AND {METRES} < ?"
        found["near"] = sql, [*box, *_apart(point), reach + 1]
    return found


def _scale(near: str) -> tuple[int, int, float, float]:
    """The point, and metres to its north and east in a millionth of a degree."""
    lat, lng = (round(float(part) * DEGREES) for part in near.split(","))
    north = KM_PER_DEGREE * 1000 / DEGREES
    return lat, lng, north, north * math.cos(math.radians(lat / DEGREES))


def _apart(point: tuple[int, int, float, float]) -> list[float]:
    """What `METRES` is from."""
    lat, lng, north, east = point
    return [lat, north, lat, north, lng, east, lng, east]


@dataclass(frozen=True, slots=True)
class Sought:
    homes: Homes
    asked: Query
    words: str  # as FTS5 reads them
    given: dict[str, Condition]

    def rows(self) -> list[int]:
        """All that were found, in order; those with words in whichever order is quickest."""
        sort = self.asked.get("sort", "newest")
        if sort == "nearest":
            point = _apart(_scale(self.asked["near"]))
            found = self._run("id", "", f"ORDER BY CAST({METRES} AS INT), id", *point)
            return list(chain.from_iterable(found))
        rows = list(chain.from_iterable(self._run("id", "", "")))
        if not self.words:
            rows.sort(key=self.homes.ranks[sort].__getitem__)
        return rows

    def best(self, start: int, end: int) -> list[tuple[Any, ...]]:
        """One page by rank, with what to mark: FTS5 sorts by itself, and marks no more than these."""
        found = self._run(MARKED, "", "ORDER BY rank LIMIT ? OFFSET ?", end - start, start)
        return found.fetchall()

    def counts(self, facet: str, rows: list[int]) -> Mapping[int, int]:
        """Without the filter that is the facet's own."""
        own = next((name for name in self.given if OWN.get(name) == facet), "")
        if not own:
            return Counter(map(self.homes.columns[facet].__getitem__, rows))
        return dict(self._run(f"{facet}, count(*)", own, f"GROUP BY {facet}"))

    def _run(self, what: str, without: str, tail: str, *bound: float) -> sqlite3.Cursor:
        given = [one for name, one in self.given.items() if name != without]
        if self.words:
            given.insert(0, ("words MATCH ?", [self.words]))
        source = "words CROSS JOIN homes ON homes.id = words.rowid" if self.words else "homes"
        where = f"WHERE {' AND '.join(sql for sql, _ in given)}" if given else ""
        values = [*chain.from_iterable(one for _, one in given), *bound]
        sql = f"SELECT {what} FROM {source} {where} {tail}"  # noqa: S608 - values are bound
        return self.homes.tables.execute(sql, values)


def listed(homes: Homes, asked: Query) -> bytes:
    words = match(asked.get("q", ""))
    sought = Sought(homes, asked, words, conditions(homes, asked))
    rows = sought.rows()
    page, per_page = int(asked.get("page", 1)), int(asked.get("per_page", 24))
    start, end = (page - 1) * per_page, page * per_page
    marked = sought.best(start, end) if words and rows else []
    tail = {
        "total": len(rows),
        "page": page,
        "pages": max(1, math.ceil(len(rows) / per_page)),
        "per_page": per_page,
        "has_more": end < len(rows),
        "facets": {name: _facet(sought, name, rows) for name in homes.labels},
        "highlights": [_highlight(homes.refs[row], texts) for row, *texts in marked],
    }
    shown = [row for row, *_ in marked] if words else rows[start:end]
    cards = b",".join(map(homes.cards.__getitem__, shown))
    return b'{"items":[%b],%b' % (cards, _encode(tail)[1:])


def _facet(sought: Sought, name: str, rows: list[int]) -> list[dict[str, object]]:
    held, counts = sought.homes.labels[name], sought.counts(name, rows)
    if name == "features":
        bits = range(len(held))
        counts = {bit: sum(n for mask, n in counts.items() if mask >> bit & 1) for bit in bits}
    if name == "furnishing" and (either := sought.homes.codes[name].get("either")) is not None:
        also = counts.get(either, 0)  # a home let either way is found for each wish
        counts = {code: counts.get(code, 0) + also for code in range(len(held))} | {either: also}
    return [
        {"value": value, "label": label, "count": counts[code]}
        for code, (value, label) in enumerate(held)
        if counts.get(code)
    ]


def _highlight(ref: str, texts: list[str]) -> dict[str, object]:
    return {"id": ref} | dict(zip(("title", "address", "text"), map(_pieces, texts), strict=True))


def _pieces(text: str) -> list[dict[str, object]]:
    parts = re.split(f"[{BEGIN}{END}]", text)
    return [{"text": part, "match": bool(n % 2)} for n, part in enumerate(parts) if part]


def suggested(homes: Homes, asked: Query) -> bytes:
    typed = _word.findall(asked.get("q", "").lower())
    if not typed:
        return b'{"items":[],"total":0}'
    text = " ".join(f'"{word}"' for word in typed)
    begun = re.compile(rf"\b({'|'.join(map(re.escape, typed))})", re.IGNORECASE)
    given = (f"{text}*", f"{typed[0]}%", int(asked.get("limit", 8)))
    names = ("kind", "value", "label", "count", "query", "pieces")
    items = [
        dict(
            zip(
                names,
                (KINDS[kind], *one, _pieces(begun.sub(rf"{BEGIN}\1{END}", one[1]))),
                strict=True,
            )
        )
        for kind, *one in homes.tables.execute(SUGGEST, given)
    ]
    return _encode({"items": items, "total": len(items)})


def application(homes: Homes) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    def answer(request: Request, made: Callable[[Homes, Query], bytes]) -> Response:
        headers = {"cache-control": "public, max-age=30", "vary": "accept-encoding"}
        body = made(homes, request.query_params)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            body = igzip.compress(body, compresslevel=LEVEL, mtime=0)
        return Response(body, headers=headers, media_type="application/json")

    @app.get(LIST)
    async def homes_listed(request: Request) -> Response:
        return answer(request, listed)

    @app.get(f"{LIST}/suggest")
    async def names_suggested(request: Request) -> Response:
        return answer(request, suggested)

    return app


if __name__ == "__main__":
    environ = os.environ  # noqa: TID251 - a program's entry
    served = application(loaded(int(environ["PEER_ORIGIN"])))
    gc.freeze()  # as the edge does: what lives long need not be walked
    asgi.serve(served, int(environ["PEER_PORT"]))
