"""The state database: SQLite's own online copy, or PostgreSQL's own dump."""

import contextlib
import os
import sqlite3
import subprocess
import time
from pathlib import Path

import sqlalchemy as sa

from deploy.backup.vault import BackupError, flush
from sync.state.checkup import database_file

SQLITE, POSTGRES = "state.db", "state.dump"


def copy_out(url: str, place: Path) -> str:
    """The name of the file that was made in `place`: one moment of the database, whole."""
    file = database_file(url)
    if file is None:
        _tool("pg_dump", url, "--format=custom", f"--file={place / POSTGRES}")
        return POSTGRES
    if not file.exists():
        raise BackupError(f"{file} is not there: has sync ever run?")
    _copy(file, place / SQLITE)
    return SQLITE


def copy_in(url: str, place: Path, *, replace: bool) -> None:
    """`replace` allows for a database that is there: SQLite's file is moved aside first."""
    file = database_file(url)
    if (place / (POSTGRES if file is None else SQLITE)).exists() is False:
        raise BackupError("the backup is of another kind of database than SYNC_DATABASE_URL names")
    if file is None:
        clean = ("--clean", "--if-exists") if replace else ()
        _tool("pg_restore", url, "--single-transaction", *clean, str(place / POSTGRES))
        return
    if file.exists():
        if not replace:
            raise BackupError(f"{file} is there: --replace moves it aside")
        _move_aside(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    _copy(place / SQLITE, draft)
    draft.replace(file)
    flush(file.parent)


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=30)) as read,
            contextlib.closing(sqlite3.connect(target)) as write,
        ):
            read.backup(write)
            (verdict,) = write.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{source}: {error}") from error
    if verdict != "ok":
        raise BackupError(f"{source} is damaged: {verdict}")


def _move_aside(file: Path) -> None:
    """With its log, which belongs to it."""
    mark = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    for end in ("-wal", "-shm", ""):
        part = file.with_name(file.name + end)
        if part.exists():
            part.rename(file.with_name(f"{file.name}.before-{mark}{end}"))


def _tool(program: str, url: str, *words: str) -> None:
    """PostgreSQL's own; the password goes by the environment, never on the command line."""
    made = sa.make_url(url).set(drivername="postgresql")
    environ = {"PGPASSWORD": made.password} if made.password else {}
    address = made.set(password=None).render_as_string()
    try:
        ended = subprocess.run(
            [program, f"--dbname={address}", *words],
            env=os.environ | environ,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise BackupError(f"{program}: {error.strerror}: install postgresql-client") from error
    if ended.returncode:
        raise BackupError(f"{program}: {ended.stderr.strip()}")
