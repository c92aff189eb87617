"""The ledger of files, as it is kept."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from sync.logs import file_name
from sync.model import Medium
from sync.state import schema
from sync.state.history import decoded
from sync.state.sql import batches, upsert


def ledger(connection: sa.Connection) -> dict[str, Medium]:
    """By file name, without what cannot be read."""
    rows = connection.execute(sa.select(schema.medium.c.filename, schema.medium.c.payload))
    found = [
        (row.filename, decoded(row.payload, Medium, f"medium {file_name(row.filename)}"))
        for row in rows
    ]
    return {name: medium for name, medium in found if medium is not None}


def is_begun(connection: sa.Connection) -> bool:
    return connection.scalar(sa.select(schema.medium.c.filename).limit(1)) is not None


def keep(connection: sa.Connection, media: Iterable[Medium]) -> None:
    rows = [
        {
            "filename": medium.filename,
            "payload": msgspec.msgpack.encode(medium),
            "reason": medium.reason,
            "checked_at": medium.checked_at,
        }
        for medium in media
    ]
    upsert(connection, schema.medium, rows)


def forget(connection: sa.Connection, filenames: Iterable[str]) -> None:
    for batch in batches(filenames):
        rows = schema.medium.c.filename.in_(batch)
        connection.execute(sa.delete(schema.medium).where(rows))
