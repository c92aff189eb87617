"""A column of whole numbers, one for each row, with the rows in order of them."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from snapshot.index import bitset


@dataclass(frozen=True, slots=True)
class Column:
    """Whole numbers, one a row, and the rows in ascending order of them."""

    values: Sequence[int]
    order: Sequence[int]

    @classmethod
    def of(cls, values: Sequence[int]) -> "Column":
        column = array("q", values)
        return cls(column, array("I", sorted(range(len(column)), key=column.__getitem__)))

    def between(self, low: int | None, high: int | None) -> int:
        """The rows with `low` <= value <= `high`, as a bitset."""
        value = self.values.__getitem__
        first = 0 if low is None else bisect_left(self.order, low, key=value)
        end = len(self.order) if high is None else bisect_left(self.order, high + 1, key=value)
        if first == 0 and end == len(self.order):
            return (1 << len(self.order)) - 1
        return int.from_bytes(bitset(self.order[first:end], len(self.order)), "little")
