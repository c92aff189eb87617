"""An installation that is run, killed, looked at, and put back to how it was."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import redis
import sqlalchemy as sa

import sync.wiring
from snapshot import Reader, connect, decode_entry, decode_index, decode_rows, keys
from sync.commands import passes
from sync.model import Medium
from sync.state.database import State
from sync.state.schema import metadata
from tests.sync.conftest import Installation
from tests.sync.crash.effects import Effects

OURS = {"writer", "generation", "promised"}  # notes that tell of tries, not of what was found
UNKEPT = {keys.LEASE.encode(), keys.FENCE.encode()}  # who starts next takes the lease anew
Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Seen:
    """All that outlives a process: the history, what is published, the runs."""

    rows: Rows
    pages: Mapping[str, str]  # tags by path
    generation: int
    runs: int


@dataclass
class World:
    installation: Installation
    store: redis.Redis

    def spoiled(self, now: int, number: int) -> int:
        """One pass whose n-th effect fails: its exit code."""
        child = os.fork()
        if child == 0:
            self._live(now, Effects(number, spoil=True))
        _, status = os.waitpid(child, 0)
        said = self._log.read_text()
        assert os.WIFEXITED(status), said
        assert "Traceback" not in said, said
        return os.WEXITSTATUS(status)

    def run(self, now: int, fatal: int = 0) -> int:
        """One pass of `sync once` by a clock that stands; how many effects, or -1 when killed."""
        told = self._told
        child = os.fork()
        if child == 0:
            self._live(now, Effects(fatal))
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return -1
        assert os.WEXITSTATUS(status) in (0, 3), self._log.read_text()
        return int(told.read_text())

    def _live(self, now: int, effects: Effects) -> None:
        code = 1
        try:
            log = os.open(self._log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            clock = types.SimpleNamespace(time=lambda: now)
            vars(sync.wiring)["time"] = clock
            effects.watch()
            code = asyncio.run(passes.once(self.installation.settings, as_json=True))
            self._told.write_text(str(effects.count))
        except BaseException:  # noqa: BLE001 - whatever it is must not reach the parent's pytest
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    @property
    def _told(self) -> Path:
        return self.installation.directory / "effects"

    @property
    def _log(self) -> Path:
        return self.installation.directory / "log"

    def look(self) -> Seen:
        """Everything is read and checked: a half of anything is an error here."""
        generation, pages = asyncio.run(self._published())
        media = self.installation.settings.media_dir
        for picture in media.glob("[!.]*"):
            assert (picture / "picture.json").is_file(), picture
        rows = self._rows()
        return Seen(rows, pages, generation, len(rows.pop("run", [])))

    async def _published(self) -> tuple[int, Mapping[str, str]]:
        client = connect(self.installation.settings.redis_url)
        try:
            reader = Reader(client)
            pointer = await reader.pointer()
            if pointer is None:
                return 0, {}
            manifest = await reader.manifest(pointer.manifest)
            objects = await reader.objects(manifest.digests())
        finally:
            await client.aclose()
        for page in manifest.pages.values():
            decode_entry(objects[page.digest], page.digest)
        cards, index = (manifest.artefacts[name] for name in ("cards", "index"))
        decode_index(objects[index], index, len(decode_rows(objects[cards], cards)))
        return manifest.generation, {path: page.etag for path, page in manifest.pages.items()}

    def _rows(self) -> Rows:
        engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        found: Rows = {}
        with engine.connect() as connection:
            there = set(sa.inspect(connection).get_table_names())
            for table in metadata.sorted_tables:
                if table.name in there:
                    rows = map(dict, connection.execute(sa.select(table)).mappings())
                    lasting = [_lasting(table.name, row) for row in rows]
                    found[table.name] = sorted(filter(None, lasting), key=repr)
        return found

    @property
    def _url(self) -> sa.URL:
        url = sa.make_url(self.installation.settings.database_url)
        return url.set(drivername=url.drivername.replace("postgresql", "postgresql+psycopg"))

    def migrate(self) -> None:
        with self.state():
            pass

    def keep(self) -> "Kept":
        engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        tables = {}
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                query = sa.select(*(column for column in table.c if column.name != "id"))
                rows = connection.execute(query.order_by(*table.primary_key)).mappings()
                tables[table.name] = [dict(row) for row in rows]
        names = {bytes(name) for name in self.store.scan_iter()} - UNKEPT
        media = self.installation.settings.media_dir
        files = sorted(str(file.relative_to(media)) for file in media.rglob("*"))
        return Kept(tables, {name: self.store.dump(name) or b"" for name in names}, files)

    def restore(self, kept: "Kept") -> None:
        """As it was then."""
        shutil.rmtree(self.installation.settings.media_dir, ignore_errors=True)
        self.store.flushall()
        for name, value in kept.store.items():
            self.store.restore(name, 0, value)
        engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(sa.delete(table))
                if kept.tables[table.name]:
                    connection.execute(sa.insert(table), kept.tables[table.name])

    @contextlib.contextmanager
    def state(self) -> Iterator[State]:
        with sync.wiring.opened_state(self.installation.settings) as state:
            yield state


@dataclass(frozen=True)
class Kept:
    """A world to put back; two that are equal are one to whoever starts next."""

    tables: Mapping[str, list[dict[str, Any]]]  # less the numbers that the engine gives
    store: Mapping[bytes, bytes]
    files: list[str]  # told apart, not put back

    def but(self, **tables: list[dict[str, Any]]) -> "Kept":
        return replace(self, tables={**self.tables, **tables})


def _lasting(table: str, row: dict[str, Any]) -> tuple[object, ...] | None:
    """A row without what depends on which of two passes came to it first."""
    values = {name: value for name, value in row.items() if name not in ("id", "checked_at")}
    if table == "note" and values["name"] in OURS:
        return None
    if table == "slug":
        del values["since"]
    if table == "medium":
        medium = msgspec.msgpack.decode(values["payload"], type=Medium)
        values["payload"] = msgspec.structs.replace(medium, checked_at=0)
    return tuple(values.values())
