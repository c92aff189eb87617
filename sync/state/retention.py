"""How much of everything is kept, so that nothing grows for ever. Works once a day, within the
transaction of a pass. Runs, holds and quarantine bound themselves as they are written; the ledger of
files is bounded by those who know which files there are.
"""

import msgspec
import sqlalchemy as sa

from sync.state import schema
from sync.state.sql import upsert

DAY_S = 86_400
SWEPT = "swept_at"  # a note


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """A home's events and prices are kept as long as the home, in the archive and before."""

    archive_s: int = 5 * 365 * DAY_S  # since it was archived
    events_each: int = 500  # the latest of one home, and its first
    prices_each: int = 200  # the latest of one home and channel
    audit: int = 10_000  # the latest actions
    runs: int = 1000  # the latest


def sweep(connection: sa.Connection, now: int, keeping: Keeping) -> None:
    """Nothing, until a day after the last time."""
    query = sa.select(schema.note.c.value).where(schema.note.c.name == SWEPT)
    if now - int(connection.scalar(query) or 0) < DAY_S:
        return
    old = schema.archive.c.archived_at < now - keeping.archive_s
    connection.execute(sa.delete(schema.archive).where(old))
    _forget_the_unknown(connection)
    _keep_the_latest(connection, keeping)
    upsert(connection, schema.note, [{"name": SWEPT, "value": str(now)}])


def _forget_the_unknown(connection: sa.Connection) -> None:
    """What belongs to homes that are remembered no more."""
    known = sa.union(sa.select(schema.listing.c.ref), sa.select(schema.archive.c.ref))
    for table in (schema.event, schema.price, schema.slug):
        connection.execute(sa.delete(table).where(table.c.ref.not_in(known)))


def _keep_the_latest(connection: sa.Connection, keeping: Keeping) -> None:
    event, price, audit = schema.event, schema.price, schema.audit
    rank = sa.func.row_number().over(partition_by=event.c.ref, order_by=event.c.id.desc())
    ranked = sa.select(event.c.id, rank.label("rank")).where(event.c.kind != "first_seen")
    many = ranked.subquery()
    surplus = sa.select(many.c.id).where(many.c.rank > keeping.events_each)
    connection.execute(sa.delete(event).where(event.c.id.in_(surplus)))

    key = (price.c.ref, price.c.channel, price.c.since)
    rank = sa.func.row_number().over(partition_by=key[:2], order_by=price.c.since.desc())
    more = sa.select(*key, rank.label("rank")).subquery()
    names = (more.c.ref, more.c.channel, more.c.since)
    spare = sa.select(*names).where(more.c.rank > keeping.prices_each)
    connection.execute(sa.delete(price).where(sa.tuple_(*key).in_(spare)))

    newest = sa.select(sa.func.max(audit.c.id)).scalar_subquery()
    connection.execute(sa.delete(audit).where(audit.c.id <= newest - keeping.audit))
