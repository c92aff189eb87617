"""`python -m sync run` as a real process: it stops at once, leaves nothing behind, and heals."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from snapshot import keys
from tests.conftest import Upstream, eventually, running, running_valkey
from tests.sync.conftest import Installation, installed

Process = subprocess.Popen[bytes]


def generation(redis_url: str) -> int:
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        return int(client.hget(keys.POINTER, "generation") or 0)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@contextlib.contextmanager
def daemon(at: Installation, log: Path | None = None) -> Iterator[Process]:
    with running(at.command("run"), at.environ, log) as process:
        yield process


def test_sigterm_ends_it_quickly_with_zero_and_leaves_no_child(
    installation: Installation, pictureless: Upstream, valkey_url: str
) -> None:
    pictureless.heal()
    with daemon(installation) as process:
        eventually(lambda: children(process.pid))  # a picture is being made
        workers = children(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
        assert time.monotonic() - began < 3
    eventually(lambda: not any(map(alive, workers)), 3)
    assert generation(valkey_url) >= 1
    assert not redis.Redis.from_url(valkey_url).exists(keys.LEASE)


def test_after_kill_nine_a_restart_carries_on(
    installation: Installation, pictureless: Upstream, valkey_url: str
) -> None:
    pictureless.heal()
    with daemon(installation) as process:
        eventually(lambda: children(process.pid))
        workers = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(5)
    eventually(lambda: not any(map(alive, workers)), 5)
    pictureless.fault("F13")
    pictureless.life("price_cut")
    before = generation(valkey_url)

    with daemon(installation):
        eventually(lambda: generation(valkey_url) > before, 15)
        assert installation.sync("verify").returncode == 0
        refused = installation.sync("once")
    assert "another sync is at work" in refused.stderr


def test_a_store_that_comes_back_empty_is_filled_within_seconds_under_a_higher_number(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, pictureless: Upstream
) -> None:
    place = tmp_path_factory.mktemp("d")
    log = tmp_path / "daemon.log"
    with contextlib.ExitStack() as stack:
        with running_valkey(place) as url:
            stack.enter_context(daemon(installed(tmp_path, pictureless, url), log))
            before = eventually(lambda: generation(url))
        with running_valkey(place):
            began = time.monotonic()
            after = eventually(lambda: generation(url), 15)
            assert time.monotonic() - began < 12
            assert after > before
    assert "Traceback" not in log.read_text()
    assert log.read_text().count("StoreUnavailableError") < 10


def test_a_source_that_is_away_at_the_start_is_waited_for(
    installation: Installation, pictureless: Upstream, valkey_url: str, tmp_path: Path
) -> None:
    pictureless.fault("F1")
    installation.environ["SYNC_INTERVAL_S"] = "0.5"
    with daemon(installation, tmp_path / "daemon.log"):
        eventually(lambda: b"not_an_array" in (tmp_path / "daemon.log").read_bytes())
        assert generation(valkey_url) == 0
        pictureless.admin.delete("/admin/faults", params={"mode": "F1"})
        eventually(lambda: generation(valkey_url) == 1)
