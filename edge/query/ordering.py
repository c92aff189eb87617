"""The order of what was found, and the two ways through it: numbered pages and cursors."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

from edge.query import cursor
from edge.query.cursor import Key
from edge.query.filters import Sought
from edge.query.finder import UNSTATED, Finder, free

_Rank = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` of this page; `cursor` goes on after it, "" at the end."""

    rows: Sequence[int]
    start: int
    cursor: str


def page(sought: Sought) -> Page:
    """The rows to show of what was sought."""
    query = sought.query
    found, rank = _sorted(sought)

    def key(row: int) -> Key:
        one = sought.finder.rows[row]
        return rank(row), -one.first_seen, one.id, one.channel

    start = (query.page - 1) * query.per_page
    if sought.given is not None:
        start = bisect_right(found, sought.given.after, key=key)
    shown = found[start : start + query.per_page]
    more = bool(shown) and start + len(shown) < len(found)
    if not more:
        return Page(shown, start, "")
    onward = cursor.written(query, key(shown[-1]), sought.centre, sought.places)
    return Page(shown, start, onward)


def _sorted(sought: Sought) -> tuple[Sequence[int], _Rank]:
    """Everything found in the order asked for, and the number it is sorted by, ascending."""
    finder, query, rows = sought.finder, sought.query, sought.rows()
    if query.sort == "nearest":
        metres = sought.metres.__getitem__
        return sorted(finder.in_order(rows, "newest"), key=metres), metres
    if query.sort == "relevance":
        tied = Tied(finder, sought.hits.best_first(rows))
        return tied, tied.rank
    return finder.in_order(rows, query.sort), _RANKS[query.sort](finder)


class Tied(Sequence[int]):
    """Rows by score, those of one score newest first; a score's rows are listed when looked at."""

    def __init__(self, finder: Finder, scored: list[tuple[int, int]]) -> None:
        self._finder, self._scored = finder, scored
        self._ends = list(accumulate(rows.bit_count() for _, rows in scored))
        self._listed: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: int | slice) -> int | list[int]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        group = bisect_right(self._ends, at)
        rows = self._rows(group)
        return rows[at - self._ends[group] + len(rows)]

    def rank(self, row: int) -> int:
        return -next(score for score, rows in self._scored if rows >> row & 1)

    def _rows(self, group: int) -> list[int]:
        if group not in self._listed:
            self._listed[group] = self._finder.in_order(self._scored[group][1], "newest")
        return self._listed[group]


def _price(finder: Finder) -> _Rank:
    return lambda row: finder.rows[row].price or UNSTATED


def _beds(finder: Finder) -> _Rank:
    return lambda row: beds if (beds := finder.rows[row].bedrooms) >= 0 else UNSTATED


_RANKS: dict[str, Callable[[Finder], _Rank]] = {
    "newest": lambda finder: lambda row: 0,  # noqa: ARG005 - the tie-breaker is the order
    "price_asc": _price,
    "price_desc": lambda finder: lambda row: -finder.rows[row].price,
    "beds_asc": _beds,
    "beds_desc": lambda finder: lambda row: -finder.rows[row].bedrooms,
    "available": lambda finder: free(finder.rows, finder.columns),
}
