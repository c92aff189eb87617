"""`python -m sync COMMAND` as operators run it: real processes, exit codes, one-line reports."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import msgspec
import pytest
import redis

from snapshot import keys
from sync.__main__ import app, main
from sync.commands import remembered
from sync.commands.quarantine import quarantine
from sync.commands.result import FAILED, HELD, INTERRUPTED, OK, UPSTREAM_FAILED, USAGE
from sync.model import Medium
from sync.state.database import State
from sync.state.records import Held
from sync.wiring import alone
from tests.conftest import ROOT, Upstream, eventually, running
from tests.sync.conftest import Installation
from tests.sync.samples import NOON, listed, picture

DOCUMENTS = "".join((ROOT / name).read_text() for name in ("README.md", "docs/sync.md"))


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


def test_bad_settings_are_all_named_at_once(installation: Installation) -> None:
    done = installation.sync(
        "once",
        SYNC_RENTMAN_TOKEN="",
        SYNC_INTERVAL_S="soon",
        SYNC_PAGE_SIZE="0",
        SYNC_PICTURE_PROFILE="huge",
        SYNC_COLOUR="red",
    )

    assert done.returncode == 2
    for name in ("RENTMAN_TOKEN", "INTERVAL_S", "PAGE_SIZE", "PICTURE_PROFILE", "COLOUR"):
        assert f"SYNC_{name}" in done.stderr
    assert done.stdout == ""


ALONE = (
    "run",
    "once",
    "verify",
    "status",
    "diagnose",
    "holds",
    "quarantine",
    "history",
    "audit",
    "lint",
    "rollback",
    "unpin",
)
COMMANDS = (*ALONE, "confirm", "holds confirm", "holds refuse")
CODES = {0: "done", 1: "failed", 2: "usage", 3: "held", 4: "upstream failed"}


def test_help_names_every_command_and_exit_code() -> None:
    done = Installation(Path(), {}).sync("--help")

    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    for word in (*ALONE, *(f"{code} {word}" for code, word in CODES.items())):
        assert word in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_is_in_the_documents(command: str) -> None:
    with pytest.raises(SystemExit) as ended, redirect_stdout(StringIO()) as shown:
        app([*command.split(), "--help"])

    assert not ended.value.code
    usage, _, rest = shown.getvalue().partition("\n\n")
    assert usage.startswith(f"Usage: python -m sync {command}")
    assert len(rest.splitlines()[0]) > 20  # what it is for
    assert command in DOCUMENTS


def test_exit_codes_are_documented() -> None:
    table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", DOCUMENTS, re.MULTILINE))

    assert {int(code) for code in table} == {OK, FAILED, USAGE, HELD, UPSTREAM_FAILED, INTERRUPTED}


@pytest.mark.parametrize(
    "words",
    [[], ["publish"], ["rollback"], ["rollback", "one"], ["status", "--yaml"], ["history"]],
)
def test_what_cannot_be_understood_exits_2(words: list[str]) -> None:
    try:
        code: object = main(words)
    except SystemExit as ended:
        code = ended.code

    assert code == 2


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_REDIS_URL", "http://store"),
        ("SYNC_REDIS_URL", "redis://store:port/0"),
        ("SYNC_DATABASE_URL", "sqlite:////proc/nowhere/sync.db"),
        ("SYNC_DATABASE_URL", "nonsense"),
        ("SYNC_MEDIA_DIR", "/proc/nowhere/media"),
        ("SYNC_MEDIA_URL", "https://bucket"),
        ("SYNC_MEDIA_KEEP_DAYS", "1"),
        ("SYNC_RENTMAN_URL", "ftp://rentman"),
        ("SYNC_PUBLIC_URL", "https://"),
        ("SYNC_CONTACT", "büro@homes.example"),
        ("SYNC_CONTACT", "a\nb"),
        ("SYNC_CALLS_PER_HOUR", "59"),
        ("SYNC_LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_exits_2(
    installation: Installation, name: str, value: str
) -> None:
    done = installation.sync("once", **{name: value})

    assert done.returncode == 2
    assert f"\n{name}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_uploads_that_is_not_there_is_named_and_exits_2(
    installation: Installation,
) -> None:
    done = installation.sync("once", SYNC_SOURCE="xml", SYNC_XML_DIR="/proc/nowhere")

    assert done.returncode == 2
    assert "\nSYNC_XML_DIR: " in done.stderr


def test_only_the_web_service_asks_for_a_token(installation: Installation) -> None:
    asked = installation.sync("status", SYNC_SOURCE="web", SYNC_RENTMAN_TOKEN="")

    assert (asked.returncode, asked.stdout) == (2, "")
    assert "SYNC_RENTMAN_TOKEN is required for SYNC_SOURCE=web" in asked.stderr
    assert installation.sync("status", SYNC_SOURCE="xml", SYNC_RENTMAN_TOKEN="").returncode == 0


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


@pytest.fixture
def memory(installation: Installation) -> Iterator[State]:
    """The installation's own database."""
    state = State(installation.settings.database_url)
    state.migrate()
    yield state
    state.close()


EMPTY = Held(signature="signature", code="empty", reason="empty, after 9", before=9, after=0)


async def test_a_held_list_is_shown_until_it_is_let_in(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    await remembered.holds(installation.settings, as_json=False)
    for at in (NOON, NOON + 60):
        memory.hold(EMPTY, at)
    await remembered.holds(installation.settings, as_json=True)
    nothing, shown = capsys.readouterr().out.splitlines()

    assert nothing == "no list is held"
    (told,) = msgspec.json.decode(shown)
    assert (told["signature"], told["reason"]) == ("signature", "empty, after 9")
    assert (told["first_seen"], told["runs"], told["decision"]) == (NOON, 2, "pending")
    assert "is let in" in installation.sync("holds", "confirm").stdout
    assert [hold.decision for hold in memory.open_holds()] == ["confirmed"]
    await remembered.holds(installation.settings, as_json=False)
    assert capsys.readouterr().out.endswith(" 2 confirmed\n")


async def test_a_refused_list_stays_out_and_the_audit_says_who_said_so(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await remembered.refuse(installation.settings) == 0
    memory.hold(EMPTY, NOON)
    assert await remembered.refuse(installation.settings) == 0

    assert [hold.decision for hold in memory.open_holds()] == ["refused"]
    assert [(done.action, done.by) for done in memory.audit(5)] == [("refuse", "command line")]
    assert capsys.readouterr().out.splitlines() == [
        "no list is held",
        "the held list stays out until another is taken",
    ]


async def test_what_is_left_out_is_listed_with_its_reason_until_it_is_mended(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    memory.remember([listed()], NOON, faults=[("7", "rentorbuy", "unknown code '9'")])
    memory.keep_medium(Medium(filename="A.jpg", reason="truncated", checked_at=NOON))
    memory.keep_medium(Medium(filename="B.jpg", picture=picture(), checked_at=NOON))

    assert await quarantine(installation.settings, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "7 rentorbuy unknown code '9' 2025-10-09 08:53:20",
        "A.jpg file truncated 2025-10-09 08:53:20",
    ]
    memory.remember([listed()], NOON + 60)
    await quarantine(installation.settings, as_json=True)
    told = msgspec.json.decode(capsys.readouterr().out)
    assert (told["rows"], [file["filename"] for file in told["files"]]) == ([], ["A.jpg"])


async def test_the_history_of_a_home_has_its_prices_in_order(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    memory.remember([listed(propref="AB-1")], NOON)
    memory.remember([listed(propref="AB-1", rentmonth="1400")], NOON + 86_400)

    assert await remembered.history(installation.settings, "ab-1 ", as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2025-10-09 08:53:20 first seen available",
        "2025-10-10 08:53:20 price £1,500.00 a month to £1,400.00 a month",
    ]
    assert await remembered.history(installation.settings, "AB-1", as_json=True) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert [event["kind"] for event in told["events"]] == ["first_seen", "price"]
    assert [point["pence"] for point in told["prices"]] == [150_000, 140_000]
    assert await remembered.history(installation.settings, "nowhere", as_json=False) == 1
    assert capsys.readouterr().out == "nothing is known of nowhere\n"


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
    with running(installation.command("once"), installation.environ) as process:
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
