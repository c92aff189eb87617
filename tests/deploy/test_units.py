"""The units as systemd's own judge sees them, and what they promise each other."""

import re
import subprocess
from pathlib import Path

import pytest

from edge.__main__ import STOP_MARGIN_S
from edge.settings import Settings
from tests.conftest import ROOT

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
JUDGE = ("systemd-analyze", "security", "--offline=true", "--no-pager")
EXPOSURE_MAX = 20  # tenths; systemd calls up to 2.0 "OK"


def setting(unit: str, name: str) -> list[str]:
    text = (UNITS / unit).read_text()
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_exposed_by_no_more_than_2(unit: str) -> None:
    judged = subprocess.run(
        [*JUDGE, f"--threshold={EXPOSURE_MAX}", str(UNITS / unit)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert judged.returncode == 0, judged.stdout[-200:] + judged.stderr


def test_systemd_finds_no_fault_in_any_unit(laid_out: Path) -> None:
    """As installed, with what they start beside them; a wrong name or section is a complaint."""
    names = [
        path.name.replace("@.", "@8000.") for path in UNITS.iterdir() if path.suffix != ".conf"
    ]
    for directory in ("usr/lib/systemd/system", "bin", "usr/bin"):
        (laid_out / directory).mkdir(parents=True, exist_ok=True)
    for target in ("sysinit", "basic", "shutdown", "network", "network-online", "timers"):
        (laid_out / f"usr/lib/systemd/system/{target}.target").write_text("[Unit]\n")
    for program in ("usr/bin/env", "usr/bin/redis-server"):
        (laid_out / program).touch(mode=0o755)
    store = laid_out / "opt/rentman-edge/bin/store"
    assert store.is_symlink()

    told = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", f"--root={laid_out}", *names],
        capture_output=True,
        text=True,
        check=False,
    )

    complaints = [line for line in told.stderr.splitlines() if "rentman" in line]
    complaints = [line for line in complaints if "is not executable" not in line]
    assert complaints == []


@pytest.mark.parametrize("unit", SERVICES)
def test_nothing_runs_as_root_or_keeps_a_secret_in_its_unit(unit: str) -> None:
    (user,) = setting(unit, "User")

    assert user.startswith("rentman-")
    assert "TOKEN=" not in (UNITS / unit).read_text()
    assert "PASSWORD" not in (UNITS / unit).read_text().upper()


@pytest.mark.parametrize("unit", [name for name in SERVICES if "backup" not in name])
def test_a_service_comes_back_for_ever_and_has_limits(unit: str) -> None:
    assert setting(unit, "Restart") == ["always"]
    assert setting(unit, "StartLimitIntervalSec") == ["0"]
    for limit in ("MemoryMax", "TasksMax", "LimitNOFILE", "TimeoutStopSec"):
        assert setting(unit, limit), limit


def test_the_daemon_is_watched_and_its_token_is_a_credential() -> None:
    unit = "rentman-sync.service"

    assert setting(unit, "Type") == ["notify"]
    assert int(setting(unit, "WatchdogSec")[0]) > 0
    assert setting(unit, "TimeoutStartSec") == ["infinity"]  # the store may come later
    assert setting(unit, "LoadCredential")[0].startswith("rentman-token:")


def test_every_group_and_user_of_a_unit_is_made() -> None:
    made = set(re.findall(r"^[ug] (\S+)", (UNITS / "sysusers.conf").read_text(), re.MULTILINE))
    for unit in SERVICES:
        for name in ("User", "Group", "SupplementaryGroups"):
            for value in setting(unit, name):
                assert set(value.split()) <= made


def test_an_edge_may_stop_as_slowly_as_it_does() -> None:
    allowed = float(setting("rentman-edge@.service", "TimeoutStopSec")[0])

    assert allowed > Settings().linger_s + STOP_MARGIN_S
