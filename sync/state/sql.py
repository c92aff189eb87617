"""SQL that both engines take: rows replaced and removed in bulk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T", bound=msgspec.Struct)

BATCH = 500  # bound parameters in one IN (...)


def upsert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert, or replace what has the same primary key."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={c.name: statement.excluded[c.name] for c in table.c if not c.primary_key},
        ),
        rows,
    )


def structs(kind: type[T], rows: sa.Result[Any]) -> list[T]:
    """Rows whose columns are named as the struct's fields."""
    names = kind.__struct_fields__
    return [kind(**{name: row[name] for name in names}) for row in rows.mappings()]


def forget(connection: sa.Connection, table: sa.Table, refs: Iterable[str]) -> None:
    for batch in batches(refs):
        connection.execute(sa.delete(table).where(table.c.ref.in_(batch)))


def batches(names: Iterable[str], size: int = BATCH) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
