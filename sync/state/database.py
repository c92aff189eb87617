"""The state database: what must outlive a restart and the source does not remember.

Blocking by nature: callers on an event loop use `asyncio.to_thread`. Every method is one
transaction, so that a process that is killed leaves each of them done or not done.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from sync.model import Known, Listing, Medium, PricePoint
from sync.state import changes, history, holds, media, quarantine, retention, schema
from sync.state.engine import Engine
from sync.state.quarantine import Fault
from sync.state.records import (
    Archived,
    Audited,
    Decision,
    Delivery,
    Event,
    Held,
    Hold,
    Quarantined,
    Run,
)
from sync.state.retention import Keeping
from sync.state.sql import upsert

ARCHIVE_AFTER_S = 90 * 86_400
CHECKED = "checked_at"  # a note: when the source said the last good list
TAKEN, HELD_FROM = "taken", "held_from"  # notes: deliveries
EACH_TIME_ANEW = Delivery()
KEEPING = Keeping()


class State:
    """`archive_after_s`: how long a home that is missing is kept whole. `keeping`: all the rest."""

    def __init__(
        self, url: str, archive_after_s: float = ARCHIVE_AFTER_S, keeping: Keeping = KEEPING
    ) -> None:
        self._engine = Engine(url)
        self._archive_after_s = archive_after_s
        self._keeping = keeping

    def close(self) -> None:
        self._engine.close()

    def migrate(self) -> None:
        """Bring the schema to this release's, whole or not at all; a newer one is refused."""
        self._engine.migrate()

    def remember(
        self,
        listings: Sequence[Listing],
        now: int,
        *,
        signature: str = "",
        faults: Iterable[Fault] = (),
        rows: Mapping[str, object] | None = None,
        delivery: Delivery = EACH_TIME_ANEW,
    ) -> None:
        """Take a good list in: history, quarantine and rows as they came; holds end with it.

        `signature` is what the guards call this list; `rows` are by lower-case reference. A delivery
        that was taken before counts no absence a second time.
        """
        with self._engine.writing() as connection:
            again = bool(delivery.name) and delivery.name == _note(connection, TAKEN)
            history.take(connection, listings, now, self._archive_after_s, absences=not again)
            quarantine.take(connection, faults, now, believed=True, again=again)
            history.keep_rows(connection, rows or {}, now)
            holds.close(connection, signature, now)
            retention.sweep(connection, now, self._keeping)
            notes = {CHECKED: str(delivery.as_of or now), TAKEN: delivery.name, HELD_FROM: ""}
            upsert(connection, schema.note, [{"name": k, "value": v} for k, v in notes.items()])

    def hold(
        self,
        held: Held,
        now: int,
        faults: Iterable[Fault] = (),
        delivery: Delivery = EACH_TIME_ANEW,
    ) -> None:
        """Note that a list was not taken; once for each delivery."""
        with self._engine.writing() as connection:
            again = bool(delivery.name) and delivery.name == _note(connection, HELD_FROM)
            if not again:
                holds.put(connection, held, now)
            quarantine.take(connection, faults, now, believed=False, again=again)
            upsert(connection, schema.note, [{"name": HELD_FROM, "value": delivery.name}])

    def was_held(self, delivery: str) -> bool:
        """Whether the list that is held now came with this very delivery."""
        return bool(delivery) and delivery == self.note(HELD_FROM)

    def visible(self) -> list[Known]:
        """Every listing to publish, newest first: on the market and not missing for long."""
        with self._engine.reading() as connection:
            homes = history.remembered(connection, missing_below=changes.HIDDEN_AFTER)
            points = history.prices(connection)
        shown = [
            Known(
                listing=home.listing,
                first_seen=home.first_seen,
                changed_at=home.changed_at,
                returned_at=home.returned_at,
                prices=tuple(points.get(ref, ())),
            )
            for ref, home in homes.items()
            if home.listing is not None and home.listing.status != "off_market"
        ]
        return sorted(shown, key=lambda known: (-known.first_seen, known.listing.id))

    def slugs(self, current: Mapping[str, str], now: int) -> dict[str, str]:
        """Every slug there has been, with its reference; `current` ones are remembered."""
        with self._engine.writing() as connection:
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
        with self._engine.reading() as connection:
            query = sa.select(schema.listing.c.ref).where(schema.listing.c.missing == 0)
            return set(connection.scalars(query))

    def birth(self) -> int | None:
        """When this installation first saw any home; None when it never has."""
        with self._engine.reading() as connection:
            firsts = [
                connection.scalar(sa.select(sa.func.min(table.c.first_seen)))
                for table in (schema.listing, schema.archive)
            ]
        return min((first for first in firsts if first is not None), default=None)

    def events(self, ref: str) -> list[Event]:
        """What happened to a home, oldest first; its reference in any case."""
        with self._engine.reading() as connection:
            return history.events(connection, ref.lower())

    def prices(self, ref: str) -> list[PricePoint]:
        """Each price a home was seen at, oldest first; its reference in any case."""
        with self._engine.reading() as connection:
            return history.prices(connection, ref.lower()).get(ref.lower(), [])

    def archive(self) -> list[Archived]:
        """Homes that are gone for long, latest first."""
        with self._engine.reading() as connection:
            return history.archive(connection)

    def source_row(self, ref: str) -> bytes:
        """The latest row of a home as the source sent it, JSON; empty when none is kept. Private."""
        with self._engine.reading() as connection:
            table = schema.source_row
            found = connection.scalar(sa.select(table.c.payload).where(table.c.ref == ref.lower()))
            return found or b""

    def quarantine(self) -> list[Quarantined]:
        """Rows that became no listing: present faults first, latest first."""
        with self._engine.reading() as connection:
            return quarantine.select(connection)

    def holds(self, limit: int = 100) -> list[Hold]:
        """Lists that were not taken, newest first, open or not."""
        with self._engine.reading() as connection:
            return holds.latest(connection, limit)

    def open_holds(self) -> list[Hold]:
        with self._engine.reading() as connection:
            return holds.opened(connection)

    def confirm(self, number: int | None = None, *, by: str, now: int) -> Hold | None:
        """Let a held list in with the next pass that finds it: that of the hold, or the latest.

        The hold as decided, None when no list is held; `LookupError` when that one is not open.
        """
        return self._decide("confirmed", "confirm", number, by, now)

    def refuse(self, number: int | None = None, *, by: str, now: int) -> Hold | None:
        """Keep a held list out, however often it comes, until another was taken; as `confirm`."""
        return self._decide("refused", "refuse", number, by, now)

    def _decide(
        self, decision: Decision, action: str, number: int | None, by: str, now: int
    ) -> Hold | None:
        with self._engine.writing() as connection:
            made = holds.decide(connection, number, decision, by, now)
            if made is not None:
                subject = f"hold {made.id}: {made.reason}"
                holds.log(connection, Audited(at=now, action=action, subject=subject, by=by))
        if made is None and number is not None:
            raise LookupError(f"hold {number} is not open")
        return made

    def log_action(self, action: str, subject: str, *, by: str, now: int) -> None:
        """Note an operator's action that leaves no other trace here: `rollback`, `unpin`."""
        with self._engine.writing() as connection:
            holds.log(connection, Audited(at=now, action=action, subject=subject, by=by))

    def audit(
        self, limit: int = 100, *, action: str = "", by: str = "", since: int = 0
    ) -> list[Audited]:
        """What operators did, newest first; of one kind, by one of them, or since then."""
        with self._engine.reading() as connection:
            return holds.audit(connection, limit, action, by, since)

    def media(self) -> dict[str, Medium]:
        """The whole ledger by file name; what cannot be read is left out, and so wanted anew."""
        with self._engine.reading() as connection:
            return media.ledger(connection)

    def knows_media(self) -> bool:
        """Whether anything that can be read stands in the ledger."""
        with self._engine.reading() as connection:
            return media.is_begun(connection)

    def named_media(self) -> set[str] | None:
        """The files that homes name, shown or not, and the archive's photos.

        None while there is a home that cannot be read: it may name any.
        """
        with self._engine.reading() as connection:
            homes = [home.listing for home in history.remembered(connection).values()]
            photos = {facts.photo for facts in history.archive(connection)}
        readable = [listing for listing in homes if listing is not None]
        if len(readable) < len(homes):
            return None
        return photos | {name.filename for listing in readable for name in listing.media}

    def keep_medium(self, medium: Medium) -> None:
        self.keep_media([medium])

    def keep_media(self, found: Iterable[Medium]) -> None:
        with self._engine.writing() as connection:
            media.keep(connection, found)

    def forget_media(self, filenames: Iterable[str]) -> None:
        with self._engine.writing() as connection:
            media.forget(connection, filenames)

    def note(self, name: str, default: str = "") -> str:
        with self._engine.reading() as connection:
            return _note(connection, name) or default

    def set_note(self, name: str, value: str) -> None:
        with self._engine.writing() as connection:
            upsert(connection, schema.note, [{"name": name, "value": value}])

    def identity(self) -> str:
        """A name for this installation as a writer, made once."""
        found = self.note("writer")
        if not found:
            found = uuid.uuid4().hex[:12]
            self.set_note("writer", found)
        return found

    def record(self, run: Run) -> None:
        values = msgspec.structs.asdict(run)
        values["stages"] = msgspec.json.encode(run.stages).decode()
        with self._engine.writing() as connection:
            connection.execute(sa.insert(schema.run).values(values))
            newest = sa.select(sa.func.max(schema.run.c.id)).scalar_subquery()
            old = schema.run.c.id <= newest - self._keeping.runs
            connection.execute(sa.delete(schema.run).where(old))

    def runs(self, limit: int) -> list[Run]:
        """The latest runs, newest first."""
        columns = [schema.run.c[name] for name in Run.__struct_fields__]
        with self._engine.reading() as connection:
            query = sa.select(*columns).order_by(schema.run.c.id.desc()).limit(limit)
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [Run(**row | {"stages": msgspec.json.decode(row["stages"])}) for row in rows]


def _note(connection: sa.Connection, name: str) -> str:
    query = sa.select(schema.note.c.value).where(schema.note.c.name == name)
    return connection.scalar(query) or ""
