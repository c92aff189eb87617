"""Takes a good list into the history: reads what is remembered, asks `changes`, writes the outcome.

Each function works on the connection of one transaction.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
import structlog

from sync.model import Listing, PricePoint
from sync.state import changes, schema
from sync.state.records import Archived, Event, Remembered
from sync.state.sql import batches, forget, structs, upsert

log = structlog.stdlib.get_logger("sync.state")
ROW_MAX = 64 * 1024  # bytes kept of a row as the source sent it
S = TypeVar("S")


@dataclass(slots=True)
class _Outcome:
    homes: list[Remembered] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    points: list[tuple[str, PricePoint]] = field(default_factory=list)

    def add(self, change: changes.Change) -> None:
        self.homes.append(change[0])
        self.events += change[1]


def decoded(payload: bytes, kind: type[S], name: str) -> S | None:
    """None, and a word in the log, for what this release cannot read."""
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("record_unreadable", record=name, reason=str(error))
        return None


def take(
    connection: sa.Connection,
    listings: Sequence[Listing],
    now: int,
    archive_after_s: float,
    *,
    absences: bool = True,
) -> None:
    """Without `absences`, a list that was taken before: who is not in it is not missed once more."""
    known = remembered(connection)
    latest = {
        ref: {point.channel: point.pence for point in points}
        for ref, points in prices(connection).items()
    }
    present = {listing.id.lower(): listing for listing in listings}
    shelved = {one.id.lower(): one for one in archive(connection, present.keys() - known.keys())}
    made = _Outcome()
    for ref, listing in present.items():
        old, before = known.get(ref), latest.get(ref, {})
        if old is not None:
            made.add(changes.seen(old, listing, now, before))
        else:
            made.add(changes.arrived(listing, now, before, shelved.get(ref)))
        made.points += [(ref, point) for point in changes.price_points(listing, now, before)]
    for ref in sorted(known.keys() - present.keys()) if absences else ():
        made.add(changes.absent(known[ref], now))
    gone = [home for home in made.homes if changes.is_gone(home, now, archive_after_s)]
    _write(connection, made, known)
    _shelve(connection, gone, now)
    forget(connection, schema.archive, shelved)


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


def archive(connection: sa.Connection, refs: Iterable[str] | None = None) -> list[Archived]:
    """All of it, or these homes of it; latest first."""
    table = schema.archive
    query = sa.select(table).order_by(table.c.archived_at.desc(), table.c.ref)
    parts = [query] if refs is None else [query.where(table.c.ref.in_(b)) for b in batches(refs)]
    return [_facts(row) for part in parts for row in connection.execute(part)]


def _facts(row: sa.Row[Any]) -> Archived:
    return decoded(row.payload, Archived, f"archived {row.ref}") or Archived(
        id=row.ref, first_seen=row.first_seen, missing_since=0, archived_at=row.archived_at
    )


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
    points = [{"ref": ref} | msgspec.structs.asdict(point) for ref, point in made.points]
    upsert(connection, schema.price, points)
    if made.events:
        rows = [msgspec.structs.asdict(event) for event in made.events]
        connection.execute(sa.insert(schema.event), rows)


def _shelve(connection: sa.Connection, gone: Sequence[Remembered], now: int) -> None:
    made = [changes.archived(home, now) for home in gone]
    upsert(connection, schema.archive, [_shelf(facts) for facts, _ in made])
    forget(connection, schema.listing, [home.ref for home in gone])
    if made:
        rows = [msgspec.structs.asdict(event) for _, event in made]
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
