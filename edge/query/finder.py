"""The snapshot's index as the edge uses it: sets of rows as numbers, columns in order of value.

Built once per generation, aside; never edited, so any thread may ask it.
"""

import functools
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress

from edge.query.column import Column
from edge.query.places import Places
from edge.query.suggest import Typeahead
from edge.query.vocabulary import Vocabulary
from snapshot import Index, Row
from snapshot.index import of_rows

UNSTATED = 1 << 62  # sorts after every number there is
FLAGS = [bytes((byte >> bit) & 1 for bit in range(8)) for byte in range(256)]  # a byte's bits


@dataclass(frozen=True, slots=True)
class Finder:
    rows: tuple[Row, ...]
    index: Index
    every: int  # all rows
    sets: dict[str, dict[str, int]]  # column -> value -> rows
    columns: dict[str, Column]
    orders: dict[str, Sequence[int]]  # sort -> rows
    references: dict[str, tuple[int, ...]]  # reference in lower case, or slug -> rows
    vocabulary: Vocabulary
    typeahead: Typeahead
    places: Places

    @classmethod
    def of(
        cls, rows: Sequence[Row], index: Index | None = None, previous: "Finder | None" = None
    ) -> "Finder":
        """`index` None: a snapshot of a release that had none; what the cards tell is all."""
        index = index or of_rows(rows)
        columns = {name: Column.of(values) for name, values in index.numbers.items()}
        return cls(
            tuple(rows),
            index,
            (1 << index.count) - 1,
            {
                name: {value: int.from_bytes(rows, "little") for value, rows in values.items()}
                for name, values in index.values.items()
            },
            columns,
            _orders(rows, columns),
            _references(rows, index),
            Vocabulary.of(index),
            Typeahead.of(index.suggestions),
            Places.of(rows, index, columns, previous.places if previous else None),
        )

    def any_of(self, column: str, values: Iterable[str]) -> int:
        known = self.sets.get(column, {})
        return functools.reduce(int.__or__, (known.get(value, 0) for value in values), 0)

    def flags(self, rows: int) -> bytes:
        """One byte a row, 1 for those in the set."""
        size = -(-self.index.count // 8)
        return b"".join(map(FLAGS.__getitem__, rows.to_bytes(size, "little")))

    def in_order(self, rows: int, sort: str) -> list[int]:
        """The rows of this set, sorted."""
        flags = self.flags(rows)
        if sort == "newest":
            return list(compress(range(self.index.count), flags))
        order = self.orders[sort]
        return list(compress(order, map(flags.__getitem__, order)))


def _orders(rows: Sequence[Row], columns: dict[str, Column]) -> dict[str, Sequence[int]]:
    """Stable: rows are numbered newest first. A price or a number that is not stated comes last."""
    price = columns["price"]
    split = bisect_left(price.order, 1, key=price.values.__getitem__)
    unpriced, dearer = price.order[:split], price.order[split:]
    every = range(len(rows))
    return {
        "newest": every,
        "price_asc": array("I", chain(dearer, unpriced)),
        "price_desc": array(
            "I", chain(sorted(dearer, key=lambda row: -price.values[row]), unpriced)
        ),
        "beds_asc": array("I", sorted(every, key=lambda row: _beds(rows[row]))),
        "beds_desc": array("I", sorted(every, key=lambda row: -rows[row].bedrooms)),
        "available": array("I", sorted(every, key=free(rows, columns))),
    }


def free(rows: Sequence[Row], columns: dict[str, Column]) -> Callable[[int], int]:
    """Lettings by the day one can move in, then homes for sale, of which nothing says when."""
    column = columns.get("available")
    if column is None:
        return lambda row: 0  # noqa: ARG005 - a snapshot that does not know
    days = column.values
    return lambda row: days[row] if rows[row].channel == "rent" else UNSTATED


def _beds(row: Row) -> int:
    return row.bedrooms if row.bedrooms >= 0 else UNSTATED


def _references(rows: Sequence[Row], index: Index) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for number, row in enumerate(rows):
        name = row.id.lower()
        found[name] = (*found.get(name, ()), number)
    for number, slug in enumerate(index.slugs):
        found.setdefault(slug, found[rows[number].id.lower()])
    return found
