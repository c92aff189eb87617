"""What the service manager hears of a real daemon, over a real datagram socket."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sync.notify import Notifier
from tests.conftest import Upstream, eventually, running_valkey
from tests.sync.conftest import Installation, installed


@dataclass
class Manager:
    """Listens as systemd does."""

    path: str
    inbox: socket.socket
    heard: list[str] = field(default_factory=list)

    def hears(self, word: str) -> bool:
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard.append(self.inbox.recv(4096).decode())
        return any(message.startswith(word) for message in self.heard)

    def forget(self) -> None:
        self.hears("")
        self.heard.clear()

    def environ(self, watchdog_s: float) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(path)
        inbox.setblocking(False)
        yield Manager(path, inbox)


def test_it_is_ready_and_pings_tells_how_the_pass_went_and_that_it_stops(
    installation: Installation, manager: Manager
) -> None:
    installation.environ |= manager.environ(0.6)
    with installation.daemon():
        eventually(lambda: manager.hears("STATUS=published"))
        assert manager.heard.index("READY=1") < manager.heard.index("STATUS=published")
        manager.forget()
        eventually(lambda: manager.hears("WATCHDOG=1"))
    assert manager.hears("STOPPING=1")


def test_it_is_not_ready_before_redis_is_there(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    manager: Manager,
    pictureless: Upstream,
) -> None:
    place = tmp_path_factory.mktemp("d")
    late = installed(tmp_path, pictureless, f"unix://{place}/v.sock?db=0")
    late.environ |= manager.environ(0.6)
    with late.daemon():
        eventually(lambda: manager.hears("WATCHDOG=1"))
        assert not manager.hears("READY=1")
        with running_valkey(place):
            eventually(lambda: manager.hears("READY=1"))


def test_a_source_that_hangs_beyond_all_patience_stops_the_pings(
    installation: Installation, manager: Manager, pictureless: Upstream
) -> None:
    pictureless.fault("F6")
    installation.environ |= manager.environ(0.6) | {
        "SYNC_TIMEOUT_S": "60",
        "SYNC_STALL_S": "1",
    }
    with installation.daemon():
        eventually(lambda: manager.hears("STATUS=no step for 1 s: lists"))
        manager.forget()
        time.sleep(1)
        assert not manager.hears("WATCHDOG=1")


def test_a_source_that_hangs_within_its_deadlines_does_not(
    installation: Installation, manager: Manager, pictureless: Upstream
) -> None:
    pictureless.fault("F6")
    installation.environ |= manager.environ(0.6) | {
        "SYNC_TIMEOUT_S": "0.2",
        "SYNC_STALL_S": "10",  # more than a call and the longest wait before the next
    }
    with installation.daemon():
        eventually(lambda: manager.hears("STATUS=failed"))
        assert not manager.hears("STATUS=no step")
        manager.forget()
        eventually(lambda: manager.hears("WATCHDOG=1"))


def test_the_abstract_names_of_linux_work() -> None:
    name = f"@rentman-edge-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind("\0" + name[1:])
        Notifier(name).status("one\ntwo")

        assert inbox.recv(100) == b"STATUS=one two"


def test_a_manager_that_is_away_or_not_there_is_no_fault() -> None:
    Notifier("/nowhere/notify").ping()
    Notifier().ping()


@pytest.mark.parametrize(
    ("environ", "watched_s"),
    [
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_watchdog_is_ours_when_it_names_us_or_nobody(
    environ: dict[str, str], watched_s: float
) -> None:
    assert Notifier.of(environ, 7).watchdog_s == watched_s
