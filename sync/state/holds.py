"""Lists that were not taken, what was decided about them, and the audit of who decided.

A hold is open until a list is taken. At most one open hold is pending: that of the latest list.
"""

import msgspec
import sqlalchemy as sa

from sync.state import schema
from sync.state.records import Audited, Decision, Held, Hold
from sync.state.sql import structs

KEPT = 1000
AGREED, ANOTHER = "two lists in a row", "another list"  # rules that end a pending hold
table = schema.hold


def put(connection: sa.Connection, held: Held, now: int) -> None:
    """Note that this list was held, once more or anew."""
    again = [one for one in opened(connection) if one.signature == held.signature]
    _expire(connection, table.c.signature != held.signature, ANOTHER, now)
    values = {name: getattr(held, name) for name in Held.__struct_fields__}
    if again:
        values |= {"runs": again[0].runs + 1, "last_seen": now}
        connection.execute(sa.update(table).where(table.c.id == again[0].id).values(values))
        return
    values |= {"first_seen": now, "last_seen": now, "runs": 1}
    values |= {"decision": "pending", "by": "", "decided_at": 0, "closed_at": 0}
    connection.execute(sa.insert(table).values(values))
    newest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    connection.execute(sa.delete(table).where(table.c.id <= newest - KEPT))


def close(connection: sa.Connection, taken: str, now: int) -> None:
    """The list with this signature is taken: what was held before it counts no more."""
    _expire(connection, table.c.signature == taken, AGREED, now)
    _expire(connection, table.c.signature != taken, ANOTHER, now)
    connection.execute(sa.update(table).where(table.c.closed_at == 0).values(closed_at=now))


def decide(
    connection: sa.Connection, number: int | None, decision: Decision, by: str, now: int
) -> Hold | None:
    """Decide about an open hold, or about the one seen last; None when there is no such hold."""
    found = [one for one in opened(connection) if number in (None, one.id)]
    if not found:
        return None
    latest_seen = max(found, key=lambda one: (one.last_seen, one.id))
    made = msgspec.structs.replace(latest_seen, decision=decision, by=by, decided_at=now)
    values = {"decision": decision, "by": by, "decided_at": now}
    connection.execute(sa.update(table).where(table.c.id == made.id).values(values))
    return made


def opened(connection: sa.Connection) -> list[Hold]:
    return _select(connection, sa.select(table).where(table.c.closed_at == 0))


def latest(connection: sa.Connection, limit: int) -> list[Hold]:
    return _select(connection, sa.select(table).limit(limit))


def log(connection: sa.Connection, done: Audited) -> None:
    connection.execute(sa.insert(schema.audit).values(msgspec.structs.asdict(done)))


def audit(
    connection: sa.Connection, limit: int, action: str = "", by: str = "", since: int = 0
) -> list[Audited]:
    columns = schema.audit.c
    query = sa.select(*(columns[name] for name in Audited.__struct_fields__))
    for column, value in ((columns.action, action), (columns.by, by)):
        query = query.where(column == value) if value else query
    query = query.where(columns.at >= since).order_by(columns.id.desc()).limit(limit)
    return structs(Audited, connection.execute(query))


def _select(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> list[Hold]:
    """Newest first."""
    return structs(Hold, connection.execute(query.order_by(table.c.id.desc())))


def _expire(connection: sa.Connection, which: sa.ColumnElement[bool], rule: str, now: int) -> None:
    pending = sa.and_(table.c.decision == "pending", table.c.closed_at == 0, which)
    values = {"decision": "expired", "by": rule, "decided_at": now, "closed_at": now}
    connection.execute(sa.update(table).where(pending).values(values))
