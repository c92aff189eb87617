"""`python -m sync COMMAND` as operators run it: real processes, exit codes, one-line reports."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import pytest
import redis

from snapshot import keys
from sync.wiring import alone
from tests.conftest import ROOT, Upstream, eventually, running
from tests.sync.conftest import Installation


def test_once_publishes_and_a_second_time_finds_nothing_changed(
    installation: Installation,
) -> None:
    code, report = installation.once()
    assert (code, report["outcome"], report["generation"]) == (0, "published", 1)
    assert report["listings"] >= 8
    assert report["calls"] >= 2

    code, report = installation.once()
    assert (code, report["outcome"], report["generation"]) == (0, "unchanged", 1)


def test_without_json_the_report_is_one_sentence(installation: Installation) -> None:
    done = installation.sync("once")

    assert done.returncode == 0
    assert re.fullmatch(r"published, generation 1, \d+ listings, .*s\n", done.stdout)
    assert done.stderr == ""


def test_an_empty_list_after_a_full_one_is_held(
    installation: Installation, pictureless: Upstream
) -> None:
    _, before = installation.once()
    pictureless.fault("F3")

    code, report = installation.once()
    assert (code, report["outcome"]) == (3, "held")
    assert report["reason"] == f"empty, after {before['listings']}"
    assert "generation 1:" in installation.sync("verify").stdout


@pytest.mark.parametrize(("mode", "page"), [("F1", 1), ("F7", None)])
def test_a_source_that_fails_leaves_everything_as_it_was(
    installation: Installation, pictureless: Upstream, mode: str, page: int | None
) -> None:
    pictureless.fault(mode, page=page)

    code, report = installation.once()
    assert (code, report["outcome"], report["generation"]) == (4, "failed", 0)
    assert report["reason"]


def test_a_source_that_fails_at_the_pictures_is_told_apart_and_its_list_is_in(
    installation: Installation, pictureless: Upstream
) -> None:
    pictureless.heal()
    pictureless.fault("401", endpoint="media")

    code, report = installation.once()
    assert (code, report["outcome"], report["generation"]) == (4, "failed", 1)
    assert report["reason"].startswith("the list is in; pictures: token")


def test_quarantined_rows_are_in_the_report_and_the_others_are_published(
    installation: Installation, pictureless: Upstream
) -> None:
    _, whole = installation.once()
    ref = pictureless.life("price_cut")["propref"]
    pictureless.fault("F19", variant="unknown", propref=ref)

    code, report = installation.once()
    assert code == 0
    assert report["quarantine"] == [
        {"id": str(ref), "field": "rentorbuy", "reason": "unknown code '7'"}
    ]
    assert report["listings"] == whole["listings"] - 1


def test_a_second_sync_at_the_same_time_is_refused(installation: Installation) -> None:
    with alone(installation.settings.media_dir):
        done = installation.sync("once")

    assert done.returncode == 1
    assert "another sync is at work" in done.stderr


def test_once_beside_the_daemon_of_another_machine_asks_the_source_nothing(
    installation: Installation, pictureless: Upstream, valkey_url: str
) -> None:
    redis.Redis.from_url(valkey_url).set(keys.LEASE, "elsewhere/1")
    pictureless.admin.delete("/admin/requests")
    done = installation.sync("once")

    assert (done.returncode, done.stdout) == (1, "")
    assert "another writer holds the lease" in done.stderr
    assert pictureless.admin.get("/admin/state").json()["requests"]["all"]["calls"] == 0


def test_a_store_that_is_away_is_one_line_and_exits_1(installation: Installation) -> None:
    done = installation.sync("once", SYNC_REDIS_URL="unix:///nowhere/v.sock")

    assert done.returncode == 1
    assert done.stderr.startswith("python -m sync: StoreUnavailableError")
    assert "Traceback" not in done.stderr


def test_a_rollback_holds_until_it_is_unpinned(
    installation: Installation, pictureless: Upstream
) -> None:
    installation.once()
    pictureless.life("price_cut")
    assert installation.once()[1]["generation"] == 2

    assert "generation 3 shows what 1 showed" in installation.sync("rollback", "1").stdout
    pictureless.life("new_listing")
    code, report = installation.once()
    assert (code, report["outcome"], report["reason"]) == (3, "held", "pinned: rollback to 1")
    assert "resumes" in installation.sync("unpin").stdout
    assert installation.once()[1]["generation"] == 4


def test_a_rollback_to_nowhere_says_so(installation: Installation) -> None:
    installation.once()
    done = installation.sync("rollback", "9")

    assert (done.returncode, done.stdout) == (1, "generation 9 is not retained\n")


def test_status_tells_the_generation_and_the_last_runs(
    installation: Installation, pictureless: Upstream
) -> None:
    installation.once()
    pictureless.fault("F1")
    installation.once()

    told = msgspec.json.decode(installation.sync("status", "--json").stdout)
    assert (told["published"], told["last_made"]) == (1, 1)
    assert [run["outcome"] for run in told["runs"]] == ["failed", "published"]


def test_lint_tells_what_each_advert_lacks(installation: Installation) -> None:
    assert installation.sync("lint").stdout == "0 listings, 0 without findings\n"
    _, report = installation.once()
    told = installation.sync("lint")
    listed = msgspec.json.decode(installation.sync("lint", "--json").stdout)["listings"]

    assert len(listed) == report["listings"]
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[-1].startswith(f"{len(listed)} listings, ")
    for line in listed:
        codes = {finding["code"] for finding in line["findings"]}
        assert (f"{line['id']} lacks" in told.stdout) is bool(codes - {"pets"})
        assert line["nation"] in {"england", "scotland", "wales"}
    assert any(line["findings"] for line in listed)


def test_verify_finds_nothing_then_everything_then_damage(
    installation: Installation, valkey_url: str
) -> None:
    nothing = installation.sync("verify")
    assert (nothing.returncode, nothing.stdout) == (1, "nothing is published\n")
    installation.once()
    assert re.search(r"generation 1: \d+ pages", installation.sync("verify").stdout)

    client = redis.Redis.from_url(valkey_url)
    name = client.hkeys(keys.ENTRIES)[0]
    client.hset(keys.ENTRIES, name, b"rubbish")
    damaged = installation.sync("verify")
    assert damaged.returncode == 1
    assert "DamagedError" in damaged.stderr


def test_the_token_may_come_from_a_file_and_is_written_nowhere(
    installation: Installation, tmp_path: Path
) -> None:
    token = installation.environ["SYNC_RENTMAN_TOKEN"]
    (tmp_path / "token").write_text(f"{token}\n")
    done = installation.sync(
        "once", "--json", SYNC_RENTMAN_TOKEN="", SYNC_RENTMAN_TOKEN_FILE=str(tmp_path / "token")
    )

    assert done.returncode == 0
    assert "token" not in done.stdout + done.stderr
    with closing(sqlite3.connect(tmp_path / "sync.db")) as database:
        assert token.encode() not in "\n".join(database.iterdump()).encode()


def test_on_a_terminal_once_shows_how_far_it_is_and_results_are_tables(
    installation: Installation,
) -> None:
    shown = on_a_terminal(installation, "once")
    assert re.search(r"list .*\d+/\d+", shown)
    assert re.search(r"pictures .*\d+/\d+", shown)
    assert "published, generation 1" in shown

    assert "┃" in on_a_terminal(installation, "diagnose")


def on_a_terminal(installation: Installation, *words: str) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        installation.command(*words),
        env=os.environ | installation.environ | {"TERM": "xterm", "COLUMNS": "200"},
        cwd=ROOT,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # EIO: the other end has closed
            while some := os.read(ours, 65536):
                shown += some
    os.close(ours)
    return shown.decode()


def test_ctrl_c_exits_130(installation: Installation, pictureless: Upstream) -> None:
    pictureless.fault("F6")
    pictureless.admin.delete("/admin/requests")
    heeding = ["env", "--default-signal=INT"]  # else not, where the tests run in the background
    with running([*heeding, *installation.command("once")], installation.environ) as process:
        eventually(
            lambda: pictureless.admin.get("/admin/state").json()["requests"]["all"]["in_flight"]
        )
        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 130


def test_log_lines_of_a_command_leave_its_result_alone(
    installation: Installation, pictureless: Upstream
) -> None:
    pictureless.fault("F23", variant="drop", times=1, endpoint="list")
    done = installation.sync("once", "--json", SYNC_LOG_LEVEL="debug")

    assert msgspec.json.decode(done.stdout)["outcome"] == "published"
    assert [msgspec.json.decode(line)["event"] for line in done.stderr.splitlines()]
