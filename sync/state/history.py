"""Takes a good list into the history: reads what is remembered, asks `changes`, writes the outcome.

Each function works on the connection of one transaction.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from sync.model import Channel, Listing, PricePoint
from sync.state import changes, schema
from sync.state.records import Archived, Event, Remembered
from sync.state.sql import forget, structs, upsert

log = logging.getLogger("sync.state")
ROW_MAX = 64 * 1024  # bytes kept of a row as the source sent it
S = TypeVar("S")


@dataclass(slots=True)
class _Outcome:
    homes: list[Remembered] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    archived: list[Archived] = field(default_factory=list)

    def add(self, change: changes.Change) -> None:
        self.homes.append(change[0])
        self.events += change[1]


def decoded(payload: bytes, kind: type[S], name: str) -> S | None:
    """None, and a word in the log, for what this release cannot read."""
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except msgspec.DecodeError as error:
        log.warning("%s in the state database cannot be read: %s", name, error)
        return None


def take(
    connection: sa.Connection, listings: Sequence[Listing], now: int, archive_after_s: float
) -> None:
    known = remembered(connection)
    latest = {
        ref: {point.channel: point.pence for point in points}
        for ref, points in prices(connection).items()
    }
    shelved = {one.id.lower(): one for one in archive(connection)}
    present = {listing.id.lower(): listing for listing in listings}
    made = _Outcome()
    for ref, listing in present.items():
        old = known.get(ref)
        if old is not None:
            made.add(changes.seen(old, listing, now, latest.get(ref, {})))
        else:
            made.add(changes.arrived(listing, now, latest.get(ref, {}), shelved.get(ref)))
    for ref in sorted(known.keys() - present.keys()):
        home, events = changes.absent(known[ref], now)
        made.events += events
        if changes.is_gone(home, now, archive_after_s):
            facts, event = changes.archived(home, now)
            made.archived.append(facts)
            made.events.append(event)
        else:
            made.homes.append(home)
    _write(connection, made, known)
    _write_prices(connection, present, latest, now)
    forget(connection, schema.archive, shelved.keys() & present.keys())


def remembered(
    connection: sa.Connection, missing_below: int | None = None
) -> dict[str, Remembered]:
    """Homes that are not archived, by reference."""
    query = sa.select(schema.listing)
    if missing_below is not None:
        query = query.where(schema.listing.c.missing < missing_below)
    return {
        row.ref: Remembered(
            ref=row.ref,
            listing=decoded(row.payload, Listing, f"listing {row.ref}"),
            first_seen=row.first_seen,
            changed_at=row.changed_at,
            missing=row.missing,
            missing_since=row.missing_since,
            returned_at=row.returned_at,
        )
        for row in connection.execute(query)
    }


def prices(connection: sa.Connection, ref: str | None = None) -> dict[str, list[PricePoint]]:
    """Oldest first, by reference; of every home or of one."""
    query = sa.select(schema.price).order_by(schema.price.c.since, schema.price.c.channel)
    if ref is not None:
        query = query.where(schema.price.c.ref == ref)
    found: dict[str, list[PricePoint]] = {}
    for row in connection.execute(query):
        point = PricePoint(channel=row.channel, since=row.since, pence=row.pence)
        found.setdefault(row.ref, []).append(point)
    return found


def events(connection: sa.Connection, ref: str) -> list[Event]:
    columns = [schema.event.c[name] for name in Event.__struct_fields__]
    query = sa.select(*columns).where(schema.event.c.ref == ref).order_by(schema.event.c.id)
    return structs(Event, connection.execute(query))


def archive(connection: sa.Connection) -> list[Archived]:
    """Latest first."""
    query = sa.select(schema.archive).order_by(schema.archive.c.archived_at.desc())
    rows = connection.execute(query.order_by(schema.archive.c.ref)).all()
    bare = ((row, decoded(row.payload, Archived, f"archived {row.ref}")) for row in rows)
    return [
        facts
        or Archived(
            id=row.ref, first_seen=row.first_seen, missing_since=0, archived_at=row.archived_at
        )
        for row, facts in bare
    ]


def keep_rows(connection: sa.Connection, rows: Mapping[str, object], now: int) -> None:
    """The latest row of each home as it came, for an audit; only what differs is written."""
    table = schema.source_row
    query = sa.select(table.c.ref, table.c.digest)
    kept = {row.ref: row.digest for row in connection.execute(query)}
    fresh = []
    for ref, row in rows.items():
        if len(ref) > schema.REF:
            continue
        payload = msgspec.json.encode(row)
        digest = hashlib.sha256(payload).hexdigest()[:32]
        if kept.get(ref) == digest:
            continue
        if len(payload) > ROW_MAX:
            payload = msgspec.json.encode({"too_large": len(payload)})
        fresh.append({"ref": ref, "digest": digest, "since": now, "payload": payload})
    upsert(connection, table, fresh)
    named = sa.union(sa.select(schema.listing.c.ref), sa.select(schema.quarantine.c.ref))
    connection.execute(sa.delete(table).where(table.c.ref.not_in(named)))


def _write(connection: sa.Connection, made: _Outcome, known: Mapping[str, Remembered]) -> None:
    changed = [home for home in made.homes if home.listing and known.get(home.ref) != home]
    unread = [home for home in made.homes if home.listing is None]
    upsert(connection, schema.listing, [_row(home) for home in changed])
    for home in unread:  # its payload stays as it is: a later release may read it
        connection.execute(
            sa.update(schema.listing)
            .where(schema.listing.c.ref == home.ref)
            .values(missing=home.missing, missing_since=home.missing_since)
        )
    upsert(connection, schema.archive, [_shelf(facts) for facts in made.archived])
    forget(connection, schema.listing, [facts.id.lower() for facts in made.archived])
    if made.events:
        rows = [msgspec.structs.asdict(event) for event in made.events]
        connection.execute(sa.insert(schema.event), rows)


def _row(home: Remembered) -> dict[str, object]:
    values = msgspec.structs.asdict(home)
    values["payload"] = msgspec.msgpack.encode(values.pop("listing"))
    return values


def _shelf(facts: Archived) -> dict[str, object]:
    return {
        "ref": facts.id.lower(),
        "payload": msgspec.msgpack.encode(facts),
        "first_seen": facts.first_seen,
        "archived_at": facts.archived_at,
    }


def _write_prices(
    connection: sa.Connection,
    present: Mapping[str, Listing],
    latest: Mapping[str, Mapping[Channel, int]],
    now: int,
) -> None:
    points = [
        {"ref": ref} | msgspec.structs.asdict(point)
        for ref, listing in present.items()
        for point in changes.price_points(listing, now, latest.get(ref, {}))
    ]
    upsert(connection, schema.price, points)
