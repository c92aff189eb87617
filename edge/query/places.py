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
    """Of the rows in the set `somewhere`, in millionths of a degree."""

    somewhere: int
    lat: Column
    lng: Column
    centres: Centres


@dataclass(frozen=True, slots=True)
class Places:
    rows: Sequence[Row]
    placed: int  # the rows that have a point of their own
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
        known = dict(previous.known) if previous else {}
        known.pop(mark, None)
        known[mark] = index.centres
        kept = dict(islice(known.items(), max(0, len(known) - KEPT), None))
        located = index.values.get("located", {})
        placed, about = (
            int.from_bytes(located.get(name, b""), "little") for name in ("placed", "about")
        )
        if not {"lat", "lng"} <= columns.keys():
            return cls(rows, 0, None, mark, kept)
        now = Points(placed | about, columns["lat"], columns["lng"], index.centres)
        return cls(rows, placed, now, mark, kept)

    def at(self, mark: str) -> Points | None:
        """As they were when `mark` was made, as far as that is remembered."""
        if self.now is None or mark == self.mark or mark not in self.known:
            return self.now
        if mark not in self.made:
            self.made[mark] = self._before(self.now, self.known[mark])
        return self.made[mark]

    def _before(self, now: Points, centres: Centres) -> Points:
        """Homes without a point of their own were where the middle was then."""
        lat, lng, somewhere = list(now.lat.values), list(now.lng.values), now.somewhere
        for number, row in enumerate(self.rows):
            middle = centres.get(row.outcode.lower()) or centres.get(row.area)
            if middle is not None and not self.placed >> number & 1:
                lat[number], lng[number] = (round(each * DEGREES) for each in middle)
                somewhere |= 1 << number
        return Points(somewhere, Column.of(lat), Column.of(lng), centres)
