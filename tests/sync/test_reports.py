"""A pass that fails in the middle still says what it was: in its report, in the log, in the metrics and
in the history of runs."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from snapshot import Publisher, connect
from sync.cycle import Cycle
from sync.daemon import Daemon
from sync.state.records import Run
from tests.conftest import Upstream
from tests.sync.conftest import Installation


@contextlib.contextmanager
def without(table: str, database: Path) -> Iterator[None]:
    """What the database cannot do: a real fault, and one that passes."""
    with contextlib.closing(sqlite3.connect(database)) as other:
        other.execute(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            other.execute(f"ALTER TABLE away RENAME TO {table}")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def spoiled(upstream: Upstream) -> str:
    ref = str(upstream.life("price_cut")["propref"])
    upstream.fault("F19", variant="unknown", propref=ref)
    return ref


async def test_a_list_that_cannot_be_kept_is_a_failed_pass_that_knows_its_rows(
    cycle: Cycle, pictureless: Upstream, database: Path
) -> None:
    ref = spoiled(pictureless)
    with without("event", database):
        report = await cycle.refresh()

    assert (report.outcome, report.stage, report.error) == ("failed", "commit", "StateError")
    assert [row.id for row in report.quarantine] == [ref]
    assert list(report.stages) == ["fetch", "guard", "commit"]
    assert report.calls >= 2
    assert not report.taken
    assert recorded(cycle)[0].reason == report.reason


async def test_a_list_that_cannot_be_published_is_in_all_the_same(
    cycle: Cycle, pictureless: Upstream
) -> None:
    await cycle.refresh()
    pictureless.life("price_cut")
    cycle.press.publisher = Publisher(connect("unix:///nowhere?db=0"))
    report = await cycle.refresh()

    assert (report.outcome, report.stage) == ("failed", "publish")
    assert report.error == "StoreUnavailableError"
    assert report.taken
    assert report.listings >= 8
    assert (recorded(cycle)[0].outcome, recorded(cycle)[0].reason) == ("failed", report.reason)


async def test_runs_that_the_database_could_not_take_are_recorded_when_it_can(
    cycle: Cycle, database: Path
) -> None:
    with without("run", database), capture_logs() as lines:
        assert (await cycle.refresh()).outcome == "published"
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == [
        "run_not_recorded"
    ]

    await cycle.refresh()
    assert [run.outcome for run in recorded(cycle)] == ["unchanged", "published"]


async def test_a_number_that_cannot_be_noted_does_not_undo_what_is_published(
    cycle: Cycle, database: Path
) -> None:
    await cycle.refresh()
    cycle._noted = 0
    with without("note", database), capture_logs() as lines:
        await cycle._note_generation()

    assert [line["event"] for line in lines] == ["generation_not_noted"]
    assert cycle._noted == 0


async def test_the_daemon_tells_of_it_in_a_line_and_in_its_metrics(
    cycle: Cycle, pictureless: Upstream, database: Path
) -> None:
    daemon = Daemon(cycle, 900)
    spoiled(pictureless)
    with without("event", database), capture_logs() as lines:
        await daemon._refresh()

    (line,) = [line for line in lines if line["event"] == "cycle"]
    expected = {"outcome": "failed", "stage": "commit", "quarantined": 1, "log_level": "warning"}
    assert line.items() >= expected.items()
    value = daemon.metrics.registry.get_sample_value
    prefix = "rentman_edge_sync_"
    assert value(f"{prefix}cycles_total", {"outcome": "failed"}) == 1
    assert value(f"{prefix}quarantined_rows") == 1
    assert value(f"{prefix}faults_total", {"step": "refresh", "error": "StateError"}) == 1


async def test_what_the_store_could_not_take_is_published_when_it_is_back(
    cycle: Cycle, pictureless: Upstream
) -> None:
    await cycle.refresh()
    pictureless.life("price_cut")
    daemon, there = Daemon(cycle, 900), cycle.press.publisher
    await daemon._renew()
    cycle.press.publisher = Publisher(connect("unix:///nowhere?db=0"))
    await daemon._refresh()
    cycle.press.publisher = there
    await daemon._check()

    assert await cycle.press.current() == 2


def test_once_prints_the_report_of_a_pass_that_failed_here_and_exits_1(
    installation: Installation,
) -> None:
    installation.once()
    with without("source_row", installation.directory / "sync.db"):
        done = installation.sync("once", "--json")

    report = msgspec.json.decode(done.stdout)
    assert (done.returncode, report["outcome"], report["stage"]) == (1, "failed", "commit")
    assert report["reason"].startswith("StateError: ")


def recorded(cycle: Cycle) -> list[Run]:
    return cycle.state.runs(10)
