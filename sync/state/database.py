"""The state database: SQLite in WAL mode by default, PostgreSQL by URL.

Blocking by nature: callers on an event loop use `asyncio.to_thread`. Every method is one
transaction; SQLAlchemy's errors leave as `StateError`.
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from sync.errors import StateError, UnusableSettingError
from sync.model import Known, Listing, Medium, PricePoint
from sync.state import schema

HIDDEN_AFTER = 2  # good lists without it (docs/rentman.md, rule 5)
RUNS_KEPT = 1000
BATCH = 500  # bound parameters in one IN (...)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """`report` is the JSON that `sync once --json` prints."""

    started_at: int
    seconds: int
    outcome: str
    reason: str
    report: bytes = b"{}"


class State:
    def __init__(self, url: str) -> None:
        try:
            # Parameters stay out of error texts: they are whole listings.
            self._engine = sa.create_engine(url, hide_parameters=True)
        except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
            raise UnusableSettingError(f"SYNC_DATABASE_URL: {error}") from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _tune_sqlite)

    def close(self) -> None:
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring the schema to this release's; a newer schema is refused by Alembic."""
        if self._engine.dialect.name == "sqlite" and self._engine.url.database:
            try:
                Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UnusableSettingError(f"SYNC_DATABASE_URL: {error}") from error
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        with self._transaction() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StateError(f"the database is not of this release: {error}") from error

    def remember(self, listings: Sequence[Listing], now: int) -> None:
        """Take a good list in: first seen, changes and prices; count the absent ones' absences."""
        with self._transaction() as connection:
            known = {row.ref: row for row in connection.execute(sa.select(schema.listing))}
            prices = _latest_prices(connection)
            for listing in listings:
                ref = listing.id.lower()
                _remember_one(connection, listing, known.get(ref), now)
                _remember_prices(connection, ref, listing, prices, now)
            absent = known.keys() - {listing.id.lower() for listing in listings}
            for batch in _batches(absent):
                connection.execute(
                    sa.update(schema.listing)
                    .where(schema.listing.c.ref.in_(batch))
                    .values(missing=schema.listing.c.missing + 1)
                )

    def visible(self) -> list[Known]:
        """Every listing to publish, newest first: on the market and not missing for long."""
        with self._transaction() as connection:
            history: dict[str, list[PricePoint]] = {}
            for row in connection.execute(sa.select(schema.price).order_by(schema.price.c.since)):
                point = PricePoint(channel=row.channel, since=row.since, pence=row.pence)
                history.setdefault(row.ref, []).append(point)
            query = sa.select(schema.listing).where(schema.listing.c.missing < HIDDEN_AFTER)
            found = [
                Known(
                    listing=msgspec.msgpack.decode(row.payload, type=Listing),
                    first_seen=row.first_seen,
                    changed_at=row.changed_at,
                    prices=tuple(history.get(row.ref, ())),
                )
                for row in connection.execute(query)
            ]
        shown = [known for known in found if known.listing.status != "off_market"]
        return sorted(shown, key=lambda known: (-known.first_seen, known.listing.id))

    def slugs(self, current: Mapping[str, str], now: int) -> dict[str, str]:
        """Every slug there has been, with its reference; `current` ones are remembered."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(schema.slug.c.slug, schema.slug.c.ref))
            known = {row.slug: row.ref for row in rows}
            fresh = [
                {"slug": slug, "ref": ref, "since": now}
                for slug, ref in current.items()
                if slug not in known
            ]
            if fresh:
                connection.execute(sa.insert(schema.slug), fresh)
            return known | dict(current)

    def present(self) -> set[str]:
        """References in the last good list."""
        with self._transaction() as connection:
            query = sa.select(schema.listing.c.ref).where(schema.listing.c.missing == 0)
            return set(connection.scalars(query))

    def media(self) -> dict[str, Medium]:
        """The whole ledger by file name."""
        with self._transaction() as connection:
            rows = connection.execute(sa.select(schema.medium.c.filename, schema.medium.c.payload))
            return {row.filename: msgspec.msgpack.decode(row.payload, type=Medium) for row in rows}

    def keep_medium(self, medium: Medium) -> None:
        values = {
            "payload": msgspec.msgpack.encode(medium),
            "reason": medium.reason,
            "checked_at": medium.checked_at,
        }
        with self._transaction() as connection:
            _put(connection, schema.medium, {"filename": medium.filename}, values)

    def note(self, name: str, default: str = "") -> str:
        with self._transaction() as connection:
            query = sa.select(schema.note.c.value).where(schema.note.c.name == name)
            return connection.scalar(query) or default

    def set_note(self, name: str, value: str) -> None:
        with self._transaction() as connection:
            _put(connection, schema.note, {"name": name}, {"value": value})

    def identity(self) -> str:
        """A name for this installation as a writer, made once."""
        found = self.note("writer")
        if not found:
            found = uuid.uuid4().hex[:12]
            self.set_note("writer", found)
        return found

    def record(self, run: Run) -> None:
        with self._transaction() as connection:
            connection.execute(sa.insert(schema.run).values(msgspec.structs.asdict(run)))
            newest = sa.select(sa.func.max(schema.run.c.id)).scalar_subquery()
            connection.execute(sa.delete(schema.run).where(schema.run.c.id <= newest - RUNS_KEPT))

    def runs(self, limit: int) -> list[Run]:
        """The latest runs, newest first."""
        columns = [schema.run.c[name] for name in Run.__struct_fields__]
        with self._transaction() as connection:
            query = sa.select(*columns).order_by(schema.run.c.id.desc()).limit(limit)
            return [Run(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - its public name

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StateError(f"{type(error).__name__}: {error}") from error


def _tune_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _remember_one(
    connection: sa.Connection, listing: Listing, known: sa.Row[tuple[object, ...]] | None, now: int
) -> None:
    payload = msgspec.msgpack.encode(listing)
    ref = listing.id.lower()
    if known is None:
        row = {"ref": ref, "payload": payload, "first_seen": now, "changed_at": now, "missing": 0}
        connection.execute(sa.insert(schema.listing).values(row))
    elif known.payload != payload or known.missing:
        changed = known.changed_at if known.payload == payload else now
        connection.execute(
            sa.update(schema.listing)
            .where(schema.listing.c.ref == ref)
            .values(payload=payload, changed_at=changed, missing=0)
        )


def _latest_prices(connection: sa.Connection) -> dict[tuple[str, str], int]:
    rows = connection.execute(sa.select(schema.price).order_by(schema.price.c.since))
    return {(row.ref, row.channel): row.pence for row in rows}


def _remember_prices(
    connection: sa.Connection,
    ref: str,
    listing: Listing,
    latest: dict[tuple[str, str], int],
    now: int,
) -> None:
    for offer in listing.offers:
        if offer.pence and latest.get((ref, offer.channel)) != offer.pence:
            key = {"ref": ref, "channel": offer.channel, "since": now}
            _put(connection, schema.price, key, {"pence": offer.pence})


def _put(
    connection: sa.Connection,
    table: sa.Table,
    key: dict[str, object],
    values: dict[str, object],
) -> None:
    """Insert or replace one row; the daemon is the only writer, so two steps are enough."""
    where = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if connection.execute(sa.update(table).where(where).values(values)).rowcount == 0:
        connection.execute(sa.insert(table).values(key | values))


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]
