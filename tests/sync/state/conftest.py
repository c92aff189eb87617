"""State databases on both engines."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sync.state.database import State
from sync.state.schema import metadata
from tests.sync.postgres import Postgres

ENGINES = ("sqlite", "postgresql")
EMPTY = ";".join(f"DELETE FROM {name}" for name in metadata.tables).encode()


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """A database of this release; a new one for each test would take half a second."""
    url = postgres.url(postgres.create())
    state = State(url)
    state.migrate()
    state.close()
    return url


@pytest.fixture(params=ENGINES)
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state.db"
        return
    server = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this release, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state.db"
        return
    migrated: str = request.getfixturevalue("migrated")
    with psycopg.connect(migrated) as connection:
        connection.execute(EMPTY)
    yield migrated


@pytest.fixture
def state(url: str) -> Iterator[State]:
    made = State(url)
    made.migrate()
    yield made
    made.close()
