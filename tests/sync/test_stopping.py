"""SIGTERM ends `python -m sync run` within seconds, whatever it is at: an unhurried end is a kill by
systemd, and a deploy that waits."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from snapshot import keys
from tests.conftest import Upstream, eventually, running_valkey
from tests.sync.conftest import Installation, installed

BOUND_S = 4  # a thread that waits for a locked database does so for five seconds
Daemon = subprocess.Popen[bytes]


def stops(process: Daemon) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(BOUND_S) == 0


def in_flight(upstream: Upstream) -> int:
    return int(upstream.admin.get("/admin/state").json()["requests"]["all"]["in_flight"])


@pytest.mark.parametrize(
    ("fault", "options", "told"),
    [
        ("F6", {"variant": "slow", "seconds": 30}, "lease_taken"),  # amid a page
        ("hang", {"endpoint": "media"}, '"cycle"'),  # amid a file
    ],
)
def test_amid_a_call(
    installation: Installation,
    pictureless: Upstream,
    tmp_path: Path,
    fault: str,
    options: dict[str, object],
    told: str,
) -> None:
    pictureless.heal()
    pictureless.fault(fault, **options)
    log = tmp_path / "log"
    with installation.daemon(log) as process:
        eventually(lambda: told in log.read_text() and in_flight(pictureless))
        stops(process)


def test_between_two_tries(
    installation: Installation, pictureless: Upstream, tmp_path: Path
) -> None:
    pictureless.fault("F8", variant="503", seconds=25)
    log = tmp_path / "log"
    with installation.daemon(log) as process:
        eventually(lambda: b"call_failed" in log.read_bytes())
        stops(process)


def test_standing_by(installation: Installation, valkey_url: str, tmp_path: Path) -> None:
    redis.Redis.from_url(valkey_url).set(keys.LEASE, "another/1")
    log = tmp_path / "log"
    with installation.daemon(log) as process:
        eventually(lambda: b"standing_by" in log.read_bytes())
        stops(process)


@contextlib.contextmanager
def asleep(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("amid", [keys.LEASE, keys.ENTRIES])
def test_while_the_store_hangs_at_rest_and_amid_a_publish(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, pictureless: Upstream, amid: str
) -> None:
    with running_valkey(tmp_path_factory.mktemp("v")) as url:
        made = installed(tmp_path, pictureless, url)
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            server = int(client.info()["process_id"])
            with made.daemon() as process:
                eventually(lambda: client.exists(amid))
                with asleep(server):
                    time.sleep(0.3)  # so that something waits for it
                    stops(process)


def test_while_a_thread_waits_for_a_locked_database(
    installation: Installation, pictureless: Upstream, tmp_path: Path
) -> None:
    pictureless.fault("F6", variant="slow", seconds=1)
    log = tmp_path / "log"
    with installation.daemon(log) as process:
        eventually(lambda: b"lease_taken" in log.read_bytes() and in_flight(pictureless))
        with contextlib.closing(sqlite3.connect(installation.directory / "sync.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            eventually(lambda: not in_flight(pictureless))
            time.sleep(0.5)  # the list is on its way into the database
            stops(process)
