"""What an operator does, done on a server at work: real units under a real systemd, with visitors."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import ROOT, eventually
from tests.deploy.server import URL, Load, Server, install
from tests.deploy.visitor import ROUNDS_MIN, VISITORS

pytestmark = [pytest.mark.machine, pytest.mark.timeout(300)]
EDGES = ("rentman-edge@8000", "rentman-edge@8001")
UNITS = ("rentman-store", "rentman-sync", *EDGES, "rentman-caddy")
TREE = "/var/lib/rentman-edge/tree"
NEXT = "/root/next"  # another release's sources


@contextmanager
def unnoticed(server: Server) -> Iterator[Load]:
    """Visitors ask all the while, and none of them notices."""
    with server.visited() as load:
        yield load
    assert (load.wrongs, load.wrong) == (0, [])
    assert load.asked >= 2 * ROUNDS_MIN * VISITORS


def release(server: Server) -> str:
    return server.run("readlink", "/opt/rentman-edge/current").strip().rpartition("/")[2]


def well(server: Server) -> None:
    """Everything runs, and the edges serve."""
    for unit in UNITS:
        eventually(lambda unit=unit: server.active(unit))  # type: ignore[misc]
    eventually(lambda: server.generation(8000) and server.generation(8001), 40)


def status(server: Server) -> dict[str, object]:
    return dict(json.loads(server.run("rentman-edge", "sync", "status", "--json")))


def published(server: Server) -> int:
    return int(str(status(server)["published"]))


def test_everything_runs_inside_its_sandbox(server: Server) -> None:
    for unit in UNITS:
        assert server.active(unit), server.run("journalctl", "-u", unit, "-n", "30")
    health = server.health()
    assert health["status"] == "ok", health
    for unit in UNITS[:4]:
        assert server.run("systemctl", "show", "--property=NRestarts", "--value", unit) == "0\n"


def test_files_are_for_those_who_need_them(server: Server) -> None:
    def may(user: str, *words: str) -> bool:
        return "exit code 0" in server.run(
            "setpriv", "--reuid", user, "--regid", user, "--init-groups", *words, check=False
        )

    assert not may("rentman-caddy", "ls", "/var/lib/rentman-edge/sync")
    assert not may("rentman-edge", "cat", "/etc/rentman-edge/rentman-token")
    assert not may("nobody", "ls", "/var/lib/rentman-edge/media")
    token = server.run("cat", "/etc/rentman-edge/rentman-token")
    assert token not in server.run("journalctl", "--no-pager", "--output=cat")


def test_the_checklist_is_green(server: Server) -> None:
    server.run("systemctl", "start", "rentman-backup")
    root = "/var/lib/rentman-edge/caddy/caddy/pki/authorities/local/root.crt"
    words = ("rentman-edge", "preflight", "--ca", root, "--address", "127.0.0.1")
    said = server.run(*words)

    assert "fail" not in said
    assert "ok   port 80: sends on to https" in said
    server.run("systemctl", "stop", EDGES[1])
    assert "warn edges: 1 of 2 ready" in server.run(*words)
    server.run("systemctl", "start", EDGES[1])
    well(server)


def test_a_restart_of_everything_is_noticed_by_nobody(server: Server) -> None:
    before = [server.pid(unit) for unit in UNITS[1:4]]
    with unnoticed(server):
        said = server.run("rentman-edge", "restart")

    assert said.count("ready again") == 2
    assert not set(before) & {server.pid(unit) for unit in UNITS[1:4]}
    said = server.run("journalctl", "-u", "rentman-caddy", "--output=cat", "-g", "config is")
    assert "config is unchanged" in said  # a reload that loads would cut a few off
    well(server)


def another(server: Server, change: str) -> None:
    """The sources of a release that differs from the one that runs."""
    names = "edge sync snapshot deploy docs Caddyfile LICENSE README.md pyproject.toml uv.lock"
    server.run("rm", "-rf", NEXT)
    server.run("mkdir", NEXT)
    server.run("cp", "-r", *names.split(), NEXT)
    server.run("ln", "-s", str(ROOT / ".tools"), f"{NEXT}/.tools")
    server.run("sh", "-c", change)


def test_an_upgrade_and_the_way_back_are_noticed_by_nobody(server: Server) -> None:
    before = release(server)
    another(server, f"echo >>{NEXT}/README.md")
    with unnoticed(server):
        install(server, source=NEXT)
        after = release(server)
        environ = server.run("sh", "-c", f"readlink /proc/{server.pid(EDGES[0])}/cwd")
        server.run("rentman-edge", "back")

    assert after != before
    assert after in environ
    assert release(server) == before
    well(server)


def test_a_release_that_does_not_start_stops_the_round(server: Server) -> None:
    before, second = release(server), server.pid(EDGES[1])
    another(server, f"echo 'raise SystemExit(7)' >{NEXT}/edge/__main__.py")
    with unnoticed(server):
        with pytest.raises(AssertionError, match="does not come up"):
            install(server, source=NEXT)
        assert server.pid(EDGES[1]) == second
        server.run("rentman-edge", "back")

    assert release(server) == before
    well(server)


def test_an_edge_is_drained_and_comes_back(server: Server) -> None:
    with unnoticed(server):
        server.run("systemctl", "stop", EDGES[1])
        time.sleep(1)
        server.run("systemctl", "start", EDGES[1])
        eventually(lambda: server.generation(8001))
        server.run("systemctl", "kill", "--signal=KILL", EDGES[0])  # and the worst way
        eventually(lambda: server.generation(8000))


def test_the_store_dies_and_comes_back(server: Server) -> None:
    with unnoticed(server):
        server.run("systemctl", "kill", "--signal=KILL", "rentman-store")
        eventually(lambda: server.active("rentman-store"))
        server.run("systemctl", "stop", "rentman-store")
        server.run("systemctl", "restart", EDGES[0])  # it starts from the tree
        eventually(lambda: server.generation(8000))
        server.run("systemctl", "start", "rentman-store")
    well(server)


def test_a_store_that_lost_everything_is_filled_again(server: Server) -> None:
    with unnoticed(server):
        server.run("systemctl", "stop", "rentman-store")
        server.run("sh", "-c", "rm -rf /var/lib/rentman-edge/store/*")
        server.run("systemctl", "start", "rentman-store")
        eventually(lambda: published(server), 40)
    well(server)


def test_what_was_published_is_rolled_back_held_and_let_go(server: Server) -> None:
    shown = published(server)
    server.life("price_cut")
    eventually(lambda: published(server) > shown, 40)
    with unnoticed(server):
        server.run("rentman-edge", "sync", "rollback", str(shown))
        assert status(server)["pinned"]
        held = published(server)
        server.life("price_cut")
        time.sleep(5)
        assert published(server) == held
        server.run("rentman-edge", "sync", "unpin")
        eventually(lambda: published(server) > held, 40)


def test_a_daemon_that_hangs_is_started_again(server: Server) -> None:
    server.run("mkdir", "-p", "/run/systemd/system/rentman-sync.service.d")
    server.machine.write(
        "/run/systemd/system/rentman-sync.service.d/soon.conf", "[Service]\nWatchdogSec=4\n"
    )
    server.run("systemctl", "daemon-reload")
    server.run("systemctl", "restart", "rentman-sync")
    before = server.pid("rentman-sync")

    server.run("kill", "-STOP", str(before))
    eventually(lambda: server.pid("rentman-sync") not in (0, before), 30)

    server.run("rm", "-r", "/run/systemd/system/rentman-sync.service.d")
    server.run("systemctl", "daemon-reload")
    assert "watchdog" in server.run("journalctl", "-u", "rentman-sync", "-n", "50").lower()
    well(server)


def test_after_a_power_failure_no_torn_page_is_shown(server: Server) -> None:
    eventually(lambda: server.run("cat", f"{TREE}/GENERATION"))
    server.run("systemctl", "stop", *EDGES)
    server.run("sh", "-c", f"find {TREE}/shown -type f -exec truncate -s 0 {{}} +")
    server.run("systemd-tmpfiles", "--remove", "--boot", "rentman-edge.conf")
    for name in ("live", "GENERATION"):
        assert "No such file" in server.run("ls", f"{TREE}/{name}", check=False)

    with server.visited() as load:
        server.run("systemctl", "start", *EDGES)
        eventually(lambda: server.generation(8000) and server.generation(8001), 40)
        eventually(lambda: server.run("cat", f"{TREE}/GENERATION"))
    torn = [fault for fault in load.wrong if ": 200 " in fault or "Decode" in fault]

    assert torn == []
    with unnoticed(server):
        time.sleep(1)
    assert server.run("find", f"{TREE}/shown/", "-size", "0") == ""


def test_a_second_node_follows_the_same_store(server: Server) -> None:
    """On another address, with a tree of its own; the first node's edges may then go."""
    settings = [
        "EDGE_HOST=127.0.0.2",
        "EDGE_TREE_DIR=/var/lib/rentman-edge/tree2",
        "EDGE_PORT=8000",
    ]
    settings += ["EDGE_REDIS_URL=unix:///run/rentman-store/store.sock?db=0", "EDGE_PROCESSES=1"]
    server.run("install", "-d", "-o", "rentman-edge", "/var/lib/rentman-edge/tree2")
    server.run(
        *(
            "systemd-run",
            "--unit=node2",
            "--uid=rentman-edge",
            "-p",
            "SupplementaryGroups=rentman-store",
        ),
        *(f"--setenv={setting}" for setting in settings),
        *("-p", "WorkingDirectory=/opt/rentman-edge/current"),
        *("/usr/bin/env", ".venv/bin/python", "-m", "edge"),
    )
    caddy = "/etc/rentman-edge/caddy.env"
    server.run("sed", "-i.before", "s/^CADDY_EDGES=.*/& 127.0.0.2:8000/", caddy)
    server.run("systemctl", "restart", "rentman-caddy")
    there = "http://127.0.0.2:8000"
    eventually(lambda: server.get("/readyz", there), 40)
    time.sleep(3)  # until Caddy has seen all three
    before = published(server)
    with unnoticed(server):
        server.run("systemctl", "stop", *EDGES)
        server.life("price_cut")
        eventually(
            lambda: int(json.loads(server.get("/readyz", there))["generation"]) > before, 40
        )
        server.run("systemctl", "start", *EDGES)
        eventually(lambda: server.generation(8000) and server.generation(8001), 40)
        time.sleep(3)
        server.run("systemctl", "stop", "node2")
    server.run("mv", f"{caddy}.before", caddy)
    server.run("systemctl", "restart", "rentman-caddy")
    well(server)


def serial(server: Server) -> str:
    """Of the certificate that is shown; nothing when none is."""
    ask = "openssl s_client -connect 127.0.0.1:443 -servername localhost </dev/null"
    read = "openssl x509 -noout -serial"
    return server.run("sh", "-c", f"{ask} 2>&1 | {read} 2>&1 || true").strip()


def numbered(told: str) -> str:
    return told if told.startswith("serial=") else ""


def test_a_certificate_is_renewed_under_load(server: Server) -> None:
    """As Caddy's own authority issues it: the renewal is the same for any other."""
    place = "/etc/rentman-edge/caddy.d"
    server.machine.write(f"{place}/global-renew.caddy", "renew_interval 1s\n")
    short = "tls {\n\tissuer internal {\n\t\tlifetime 20s\n\t}\n}\n"
    server.machine.write(f"{place}/site-tls.caddy", short)
    server.run("systemctl", "stop", "rentman-caddy")
    server.run("sh", "-c", "rm -rf /var/lib/rentman-edge/caddy/caddy/certificates")
    server.run("systemctl", "start", "rentman-caddy")
    eventually(lambda: server.get("/readyz"))
    before = eventually(lambda: numbered(serial(server)))
    with unnoticed(server):
        eventually(lambda: numbered(serial(server)) not in ("", before), 40)
    server.run("rm", f"{place}/global-renew.caddy", f"{place}/site-tls.caddy")
    server.run("sh", "-c", "rm -rf /var/lib/rentman-edge/caddy/caddy/certificates")
    server.run("systemctl", "restart", "rentman-caddy")
    eventually(lambda: server.get("/readyz"))


def sums(server: Server) -> str:
    """Of every finished picture."""
    find = "cd /var/lib/rentman-edge/media && find . -name '*.*' -path './[0-9a-f]*' | sort | xargs sha256sum"
    return server.run("sh", "-c", find)


def test_everything_lost_is_brought_back_by_a_backup(server: Server) -> None:
    server.run("systemctl", "stop", "rentman-sync")
    pictures, shown = sums(server), published(server)
    server.run("systemctl", "start", "rentman-backup")
    server.run("systemctl", "stop", "rentman.target", *UNITS)
    server.run("sh", "-c", "cd /var/lib/rentman-edge && rm -rf sync/* media/* store/* tree/*")

    began = time.monotonic()
    server.run("systemctl", "start", "rentman-store")
    said = server.run("rentman-edge", "backup", "restore")
    assert "keeps it" not in said
    server.run("systemctl", "start", *UNITS[2:])
    eventually(lambda: server.generation(8000) == server.generation(8001) == shown, 40)
    print(f"served again {time.monotonic() - began:.1f} s after the start of a restore: {said}")  # noqa: T201

    assert sums(server) == pictures
    some = pictures.split()[1].removeprefix("./")
    address = f"{URL}/api/framer/images/{some}"
    head = server.run("curl", "--silent", "--insecure", "--fail", "--head", address)
    assert "cache-status: files; hit" in head.lower()  # Caddy may read them
    assert "as they were written" in server.run("rentman-edge", "sync", "verify")
    server.run("systemctl", "start", "rentman.target")
    well(server)


@pytest.mark.parametrize(
    "words",
    [
        ("sync", "status"),
        ("sync", "holds"),
        ("sync", "quarantine"),
        ("sync", "diagnose"),
        ("sync", "lint"),
        ("backup", "list"),
        ("backup", "check"),
    ],
)
def test_the_operator_s_commands_run_as_the_daemon_does(server: Server, words: tuple[str]) -> None:
    """With its user, settings and token, which the operator need not know."""
    server.run("systemctl", "start", "rentman-backup")

    assert "Traceback" not in server.run("rentman-edge", *words)


def test_uninstalling_leaves_settings_data_and_backups(server: Server) -> None:
    """Last: the server is gone afterwards."""
    server.run("env", "deploy/install.sh", "--uninstall")

    units = server.run("systemctl", "list-units", "--plain", "--no-legend", "rentman*")
    assert "running" not in units
    assert "No such" in server.run("ls", "/opt/rentman-edge", check=False)
    kept = server.run("ls", "/etc/rentman-edge/sync.env", "/var/lib/rentman-edge/sync/sync.db")
    assert "No such" not in kept
