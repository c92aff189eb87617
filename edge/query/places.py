"""Where homes and places are, now and in the generations before.

The middle of an outcode moves a little as homes come and go, and with it every home that is taken to
be there. A list that is followed by cursor measures to its end as its first page did, so that
no home is shown twice or passed over on the way.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import msgspec

from edge.query.column import Column
from snapshot import Index, Row

KEPT = 16  # generations whose places differ; a cursor older than these measures by the present
DEGREES = 1_000_000  # the index has millionths
Centres = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Points:
    """Of every row, in millionths of a degree; 0 for one that is nowhere."""

    lat: Column
    lng: Column
    centres: Centres


@dataclass(frozen=True, slots=True)
class Places:
    rows: Sequence[Row]
    now: Points | None  # None: a snapshot that does not know
    mark: str  # of the middles there are now
    known: Mapping[str, Centres]  # mark -> middles, oldest first
    made: dict[str, Points] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rows: Sequence[Row],
        index: Index,
        columns: Mapping[str, Column],
        previous: "Places | None",
    ) -> "Places":
        mark = hashlib.sha256(msgspec.msgpack.encode(index.centres)).hexdigest()[:8]
        known = {
            name: centres
            for name, centres in (previous.known if previous else {}).items()
            if name != mark
        } | {mark: index.centres}
        kept = dict(islice(known.items(), max(0, len(known) - KEPT), None))
        if not {"lat", "lng"} <= columns.keys():
            return cls(rows, None, mark, kept)
        now = Points(columns["lat"], columns["lng"], index.centres)
        return cls(rows, now, mark, kept)

    def at(self, mark: str) -> Points | None:
        """As they were when `mark` was made, as far as that is remembered."""
        if self.now is None or mark == self.mark or mark not in self.known:
            return self.now
        if mark not in self.made:
            self.made[mark] = self._before(self.now, self.known[mark])
        return self.made[mark]

    def _before(self, now: Points, centres: Centres) -> Points:
        """Homes that are where a middle is now were where it was then."""
        lat, lng = list(now.lat.values), list(now.lng.values)
        for number, row in enumerate(self.rows):
            present, former = (_middle(row, known) for known in (now.centres, centres))
            if former is not None and present == (lat[number], lng[number]):
                lat[number], lng[number] = former
        return Points(Column.of(lat), Column.of(lng), centres)


def _middle(row: Row, centres: Centres) -> tuple[int, int] | None:
    """Of its outcode, else of its area: where `sync` takes a home without a point to be."""
    found = centres.get(row.outcode.lower()) or centres.get(row.area)
    return (round(found[0] * DEGREES), round(found[1] * DEGREES)) if found else None
