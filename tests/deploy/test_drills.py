"""What an operator does, done on a server at work: real units under a real systemd, with visitors."""

import pytest

from tests.conftest import eventually
from tests.deploy.server import Server

pytestmark = pytest.mark.machine
UNITS = (
    "rentman-store",
    "rentman-sync",
    "rentman-edge@8000",
    "rentman-edge@8001",
    "rentman-caddy",
)


def test_everything_runs_inside_its_sandbox(server: Server) -> None:
    for unit in UNITS:
        assert server.active(unit), server.run("journalctl", "-u", unit, "-n", "30")
    health = server.health()
    assert health["status"] == "ok", health


def test_a_restart_of_everything_is_noticed_by_nobody(server: Server) -> None:
    before = [server.pid(unit) for unit in UNITS[1:4]]
    with server.visited() as load:
        said = server.run("rentman-edge", "restart")
    after = [server.pid(unit) for unit in UNITS[1:4]]

    assert said.count("ready again") == 2
    assert not set(before) & set(after)
    assert (load.wrongs, load.wrong) == (0, [])
    assert load.asked > 200
    eventually(lambda: server.active("rentman-sync"))
