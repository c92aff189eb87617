"""The ledger of files, as it is kept."""

from collections.abc import Iterable, Iterator

import msgspec
import sqlalchemy as sa

from sync.logs import file_name
from sync.model import Medium
from sync.state import schema
from sync.state.history import decoded
from sync.state.sql import batches, upsert


def ledger(connection: sa.Connection) -> dict[str, Medium]:
    """By file name, without what cannot be read."""
    return dict(_readable(connection))


def is_begun(connection: sa.Connection) -> bool:
    """Whether anything in it can be read."""
    return next(_readable(connection), None) is not None


def _readable(connection: sa.Connection) -> Iterator[tuple[str, Medium]]:
    table = schema.medium
    for row in connection.execute(sa.select(table.c.filename, table.c.payload)):
        medium = decoded(row.payload, Medium, f"medium {file_name(row.filename)}")
        if medium is not None:
            yield row.filename, medium


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
