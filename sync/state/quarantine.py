"""Rows that became no listing: since when, in how many lists, and when the fault had gone."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from sync.state import schema
from sync.state.records import Quarantined
from sync.state.sql import structs, upsert

REASON_MAX = 500  # characters
KEPT_S = 90 * 86_400  # after the fault has gone, or was last seen in a list that was held
table = schema.quarantine
Fault = tuple[str, str, str]  # reference, field, reason


def take(
    connection: sa.Connection,
    faults: Iterable[Fault],
    now: int,
    *,
    believed: bool,
    again: bool = False,
) -> None:
    """The faults of one list that came in whole; one not `believed` clears none of another's.

    `again`: it is the same list as before, read once more.
    """
    known = {(one.ref, one.field): one for one in select(connection)}
    found = {
        (_fit(ref.lower(), table.c.ref), _fit(field, table.c.field)): _fit(reason, table.c.reason)
        for ref, field, reason in faults
    }
    rows = [
        _once_more(known.get(key), key, reason, now, times=0 if again else 1)
        for key, reason in found.items()
    ]
    rows += [
        msgspec.structs.replace(one, cleared_at=now)
        for key, one in known.items()
        if believed and key not in found and not one.cleared_at
    ]
    upsert(connection, table, [msgspec.structs.asdict(one) for one in rows])
    gone = sa.and_(table.c.cleared_at > 0, table.c.cleared_at < now - KEPT_S)
    connection.execute(sa.delete(table).where(sa.or_(gone, table.c.last_seen < now - KEPT_S)))


def select(connection: sa.Connection) -> list[Quarantined]:
    """Present faults first, latest first."""
    query = sa.select(table).order_by(table.c.cleared_at > 0, table.c.last_seen.desc())
    return structs(Quarantined, connection.execute(query.order_by(table.c.ref, table.c.field)))


def _fit(text: str, column: sa.Column[str]) -> str:
    """What the column holds of it: a hostile row must not stop the others."""
    width = getattr(column.type, "length", None) or REASON_MAX
    return text.replace("\0", "")[:width]


def _once_more(
    before: Quarantined | None, key: tuple[str, str], reason: str, now: int, times: int
) -> Quarantined:
    """A fault that had gone and is back begins anew."""
    ref, field = key
    if before is None or before.cleared_at:
        return Quarantined(
            ref=ref, field=field, reason=reason, first_seen=now, last_seen=now, times=1
        )
    return msgspec.structs.replace(
        before, reason=reason, last_seen=now, times=before.times + times
    )
