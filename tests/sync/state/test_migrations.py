"""From an empty database, or one of any earlier release, to this one's schema: whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

import sync.state.engine
from sync.errors import StateError, UnusableSettingError
from sync.model import PricePoint
from sync.state.database import State
from sync.state.schema import metadata
from tests.sync.state.homes import home, shown, told

FIRST = Path(__file__).parents[2] / "golden" / "state-0001.sql"  # written by the first release
MIGRATIONS = Path(sync.state.engine.__file__).parent / "migrations"
DAY = 86_400


@pytest.fixture
def old(blank_url: str) -> Iterator[State]:
    """A database as the first release left it, on each engine."""
    made = State(blank_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with made._engine.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _copy(connection)
    yield made
    made.close()


def _copy(connection: sa.Connection) -> None:
    found = sa.MetaData()
    found.reflect(connection)
    with closing(sqlite3.connect(":memory:")) as first:
        first.executescript(FIRST.read_text())
        first.row_factory = sqlite3.Row
        for table in found.sorted_tables:
            rows = [dict(row) for row in first.execute(f"SELECT * FROM {table.name}")]
            if table.name == "alembic_version":
                assert rows == [{"version_num": "0001"}]
            else:
                connection.execute(sa.insert(table), [_free(row) for row in rows])


def _free(row: dict[str, object]) -> dict[str, object]:
    """Numbers of rows are the engine's to give."""
    return {name: value for name, value in row.items() if name != "id"}


def differences(state: State) -> list[object]:
    with state._engine.reading() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_a_database_of_the_first_release_is_read_and_carried_on(old: State) -> None:
    old.migrate()

    assert differences(old) == []
    assert shown(old) == ["2", "3", "AB1"]
    (one,) = [item for item in old.visible() if item.listing.id == "AB1"]
    assert (one.first_seen, one.changed_at, one.returned_at) == (1_760_000_000, 1_760_100_000, 0)
    assert one.prices == (
        PricePoint(channel="rent", since=1_760_000_000, pence=150_000),
        PricePoint(channel="rent", since=1_760_100_000, pence=140_000),
    )
    assert old.birth() == 1_760_000_000
    assert (old.identity(), old.note("generation")) == ("0123456789ab", "7")
    assert set(old.media()) == {"AB1-1.jpg", "old.jpg"}
    assert [(run.outcome, run.stages) for run in old.runs(9)] == [("published", {})]


def test_a_list_held_by_the_first_release_keeps_its_operator_s_word(old: State) -> None:
    old.migrate()

    (hold,) = old.open_holds()
    assert (hold.signature, hold.decision) == ("feedfeedfeedfeed", "confirmed")
    assert old.note("held") == old.note("confirmed") == ""


def test_homes_of_the_first_release_go_on_with_their_absences_and_changes(old: State) -> None:
    old.migrate()
    still = [item.listing for item in old.visible() if item.listing.id != "3"]
    old.remember(still, 1_760_300_000)

    assert shown(old) == ["2", "AB1"]
    assert told(old, "3") == ["hidden"]
    assert told(old, "2") == told(old, "AB1") == []
    assert {item.changed_at for item in old.visible()} == {1_760_000_000, 1_760_100_000}
    assert old.archive() == []


def test_a_migration_that_breaks_half_way_changes_nothing(old: State) -> None:
    with old._engine.writing() as connection:
        connection.execute(sa.text("CREATE TABLE audit (x INTEGER)"))  # the last one made
    with pytest.raises(StateError, match="audit"):
        old.migrate()

    with old._engine.reading() as connection:
        found = sa.inspect(connection)
        assert not found.has_table("event")
        assert "returned_at" not in {column["name"] for column in found.get_columns("listing")}
        version = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    assert version == "0001"
    with old._engine.writing() as connection:
        connection.execute(sa.text("DROP TABLE audit"))
    old.migrate()
    assert shown(old) == ["2", "3", "AB1"]


def test_an_empty_database_is_migrated_and_a_second_upgrade_does_nothing(blank_url: str) -> None:
    for _ in range(2):
        state = State(blank_url)
        state.migrate()
        assert differences(state) == []
        state.remember([home()], 1)
        assert shown(state) == ["1"]
        state.close()


def test_a_newer_database_is_a_state_error(state: State, url: str) -> None:
    with state._engine.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    newer = State(url)
    with pytest.raises(StateError, match="not of this release"):
        newer.migrate()
    newer.close()
    with state._engine.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0003'"))


def test_the_directory_of_the_database_is_made_and_others_cannot_read_the_file(
    tmp_path: Path,
) -> None:
    state = State(f"sqlite:///{tmp_path}/a/b/state.db")
    state.migrate()
    state.remember([home()], 1)

    for file in (tmp_path / "a/b").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name
    state.close()


@pytest.mark.parametrize(
    "place", ["sqlite:////proc/nowhere/state.db", "sqlite:////proc/version/state.db"]
)
def test_an_unwritable_database_names_its_setting(place: str) -> None:
    state = State(place)
    with pytest.raises(UnusableSettingError, match="SYNC_DATABASE_URL"):
        state.migrate()
    state.close()


def test_a_file_that_is_no_database_is_a_state_error(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database, but long enough to be read as one" * 9)
    state = State(f"sqlite:///{tmp_path}/state.db")
    with pytest.raises(StateError):
        state.migrate()
    state.close()


def test_a_server_that_is_away_is_a_state_error_without_the_password(tmp_path: Path) -> None:
    state = State(f"postgresql://sync:hush@/state?host={tmp_path}")
    with pytest.raises(StateError) as caught:
        state.migrate()
    state.close()

    assert "hush" not in str(caught.value)
