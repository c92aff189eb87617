"""Connections to the state database and its transactions: SQLite or PostgreSQL, by URL."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from sync.errors import StateError, UnusableSettingError

DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
CONNECT_S = 10
DEAD = {  # a server that has vanished is noticed within a minute, where TCP would take hours
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # ms
}
_MIGRATING = 0x52656E74  # an advisory lock: two processes may start at once
_WRITES = "writes"


class Engine:
    """Every transaction is whole or not at all; SQLAlchemy's errors leave as `StateError`."""

    def __init__(self, url: str) -> None:
        made = address(url)
        self._engine = connected(made)
        self._sqlite = made.get_backend_name() == "sqlite"
        if self._sqlite:
            sa.event.listen(self._engine, "connect", _tune_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)

    def close(self) -> None:
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self._transaction(writes=False) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        with self._transaction(writes=True) as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to this release's, in one transaction; a newer schema is refused."""
        if self._sqlite and self._engine.url.database:
            _prepare(Path(self._engine.url.database))
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        with self.writing() as connection:
            if not self._sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StateError(f"the database is not of this release: {error}") from error

    @contextlib.contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[sa.Connection]:
        try:
            with (
                self._engine.connect().execution_options(**{_WRITES: writes}) as connection,
                connection.begin(),
            ):
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise refused(error, self._engine.url) from None


def address(url: str) -> sa.URL:
    """With the driver that is installed. No error text quotes what may be a part of a password."""
    try:
        made = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise UnusableSettingError("SYNC_DATABASE_URL: not a database address") from None
    if "@" in (made.host or ""):
        text = "SYNC_DATABASE_URL: in a password @ is written %40, / %2F and : %3A"
        raise UnusableSettingError(text)
    return made.set(drivername=DRIVERS.get(made.drivername, made.drivername))


def connected(url: sa.URL) -> sa.Engine:
    """Connects on first use. Parameters stay out of its error texts: they are whole listings."""
    try:
        return sa.create_engine(url, hide_parameters=True, **_options(url))
    except (sa.exc.SQLAlchemyError, ImportError, TypeError) as error:
        text = without_secrets(str(error), url)
        raise UnusableSettingError(f"SYNC_DATABASE_URL: {text}") from None


def refused(error: sa.exc.SQLAlchemyError, url: sa.URL) -> StateError:
    return StateError(f"{type(error).__name__}: {without_secrets(str(error), url)}")


def without_secrets(text: str, url: sa.URL) -> str:
    """What servers and drivers say, less the password in any form in which it was written."""
    given = [url.password, url.query.get("password")]
    for secret in filter(None, (word if isinstance(word, str) else "" for word in given)):
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(form, "***")
    return text


def _options(url: sa.URL) -> dict[str, object]:
    if url.get_backend_name() == "sqlite":
        return {}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_S} | DEAD}


def _prepare(file: Path) -> None:
    """The file and its directory; others may not read what the source keeps private."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise UnusableSettingError(f"SYNC_DATABASE_URL: {error}") from error


def _tune_sqlite(connection: object, _record: object) -> None:
    # The driver would commit before each statement that changes the schema; we begin by hand.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers queue at their beginning: one that began by reading could not wait for another."""
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
