"""The daemon's log as machines and people read it, and what is never in it."""

import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from tests.conftest import ROOT, TOKEN, Upstream, eventually, running_valkey
from tests.sync.conftest import Installation, installed

PASSWORD = "hunter2-of-the-store"
PRIVATE = (
    "number",
    "postcode",
    "negotiatorname",
    "negotiatoremail",
    "negotiatormobile",
    "thoughts",
)
WORTH_LOOKING_FOR = 5  # characters: a house number alone is in every timestamp


def lines(log: Path) -> list[dict[str, Any]]:
    """Each line of a log is one JSON object."""
    return [msgspec.json.decode(line) for line in log.read_bytes().splitlines()]


def events(log: Path, name: str) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["event"] == name]


def test_a_pass_is_one_line_that_says_how_it_went_and_so_is_a_round_of_pictures(
    installation: Installation, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with installation.daemon(log):
        eventually(lambda: events(log, "pictures"))

    told = [line["event"] for line in lines(log) if line["event"] != "unknown_values"]
    assert told == ["started", "lease_taken", "cycle", "pictures", "stopping"]
    (line,) = events(log, "cycle")
    assert line.items() >= {"outcome": "published", "generation": 1, "quarantined": 0}.items()
    assert line["listings"] >= 8
    assert line["calls"] >= 2
    assert 0 < line["seconds"] < 30
    assert (line["level"], line["logger"]) == ("info", "sync.cycle")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["at"])


def test_anomalies_are_events_of_their_own_and_said_once(
    installation: Installation, pictureless: Upstream, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    installation.environ["SYNC_INTERVAL_S"] = "0.3"
    ref = str(pictureless.life("price_cut")["propref"])
    pictureless.fault("F19", variant="unknown", propref=ref)
    with installation.daemon(log):
        eventually(lambda: len(events(log, "cycle")) > 2)
        pictureless.fault("F3")
        eventually(lambda: [line for line in events(log, "cycle") if line["outcome"] == "held"])

    (row,) = events(log, "row_quarantined")
    assert row.items() >= {"id": ref, "field": "rentorbuy", "level": "warning"}.items()
    held = [line for line in events(log, "cycle") if line["outcome"] == "held"]
    assert re.fullmatch(r"empty, after \d+", held[0]["reason"])
    assert held[0]["level"] == "warning"


def test_no_line_of_a_whole_run_at_debug_level_holds_a_secret(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, pictureless: Upstream
) -> None:
    place, log = tmp_path_factory.mktemp("v"), tmp_path / "log"
    with running_valkey(place, "--user", "sync", "on", f">{PASSWORD}", "~*", "&*", "+@all"):
        redis_url = f"unix://sync:{PASSWORD}@{place}/v.sock?db=0"
        spied = installed(tmp_path, pictureless, redis_url)
        spied.environ |= {"SYNC_LOG_LEVEL": "debug", "SYNC_INTERVAL_S": "0.3"}
        pictureless.admin.post("/admin/settings", json={"token_form": "query"})
        try:
            with spied.daemon(log):
                eventually(lambda: events(log, "cycle"))
                for trouble in ("noref", "F7", "F2"):
                    pictureless.fault(trouble)
                    another_pass(log)
                    pictureless.heal()
                pictureless.fault("F23", variant="drop", times=1, endpoint="list")
                another_pass(log)
        finally:
            pictureless.admin.post("/admin/settings", json={"token_form": "any"})

    text = log.read_text()
    assert [secret for secret in (TOKEN, unquote(TOKEN), PASSWORD) if secret in text] == []
    assert [value for value in private_values(pictureless) if value in text] == []


def another_pass(log: Path) -> None:
    before = len(events(log, "cycle"))
    eventually(lambda: len(events(log, "cycle")) > before)


def private_values(upstream: Upstream) -> set[str]:
    upstream.heal()
    options = {"limit": "2000", "page": "1", "noimage": "1", "token": TOKEN}
    rows = upstream.admin.get("/propertyadvertising.php", headers=options).json()
    found = {str(row[name]).strip() for row in rows for name in PRIVATE if row.get(name)}
    kept = {value for value in found if len(value) >= WORTH_LOOKING_FOR}
    assert len(kept) > 20
    return kept


def test_on_a_terminal_the_lines_are_for_people(installation: Installation) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        installation.command("run"),
        env=os.environ | installation.environ,
        cwd=ROOT,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = read_until(ours, "published", 15)
        process.terminate()
    os.close(ours)

    assert "started" in shown
    assert '{"' not in shown


def read_until(descriptor: int, word: str, within_s: float) -> str:
    shown, deadline = "", time.monotonic() + within_s
    while word not in shown and time.monotonic() < deadline:
        if select.select([descriptor], [], [], 0.1)[0]:
            shown += os.read(descriptor, 65536).decode(errors="replace")
    return shown
