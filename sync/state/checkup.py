"""How the state database itself is, looked at without changing anything in it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from sync.state.engine import address, connected, refused, without_secrets


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """`unwritable`: why it takes no writes; empty when it does. Revisions are Alembic's."""

    revision: str  # empty: never migrated
    head: str
    unwritable: str
    journal: str  # SQLite's journal mode; empty elsewhere


def look(url: str) -> Vitals | None:
    """None when there is no database yet; `StateError` when it cannot be read."""
    file = database_file(url)
    if file is not None and not file.exists():
        return None
    with _connected(url) as connection:
        sqlite = connection.dialect.name == "sqlite"
        return Vitals(
            revision=MigrationContext.configure(connection).get_current_revision() or "",
            head=_head(),
            journal=str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
            if sqlite
            else "",
            unwritable=_refusal(connection),
        )


def database_file(url: str) -> Path | None:
    """Where a SQLite database lies; None for one on a server or in memory."""
    made = address(url)
    if made.get_backend_name() != "sqlite" or not made.database:
        return None
    return Path(made.database).absolute()


@contextlib.contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    engine = connected(address(url))
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.SQLAlchemyError as error:
        raise refused(error, engine.url) from None
    finally:
        engine.dispose()


def _refusal(connection: sa.Connection) -> str:
    """A table that is made and then forgotten with its transaction."""
    connection.rollback()
    try:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("CREATE TABLE checkup_probe (id INTEGER)")
    except sa.exc.SQLAlchemyError as error:
        return without_secrets(str(getattr(error, "orig", error)), connection.engine.url)
    finally:
        connection.rollback()
    return ""


def _head() -> str:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head() or ""
