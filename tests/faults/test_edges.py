"""Edges, Caddy and the connections to them: what dies is not missed, what comes in masses is borne."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, children, eventually
from tests.faults.parts import Part
from tests.faults.site import CADDY, Site, get
from tests.faults.trial import trial

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
EDGES = ("edge-1", "edge-2")
HEADER_S = 5.0  # the Caddyfile's read_header


def worker(edge: Part) -> int:
    found = children(edge.pid)
    assert len(found) == 1
    return found[0]


def ready(site: Site, number: int) -> bool:
    return get(f"{site.edges[number]}/readyz", 1).is_success


def test_workers_that_are_killed_one_after_the_other(site: Site) -> None:
    with trial(site, "edge killed") as going:
        began = time.monotonic()
        for turn in range(6):
            edge = site.parts[EDGES[turn % 2]]
            victim = worker(edge)
            os.kill(victim, signal.SIGKILL)
            eventually(lambda edge=edge, victim=victim: worker(edge) != victim)  # type: ignore[misc]
            eventually(partial(ready, site, turn % 2))
        going.held_s = time.monotonic() - began
        going.healed()
        going.recovered()


@pytest.mark.long
def test_every_edge_dead(site: Site) -> None:
    """What is laid out still answers; what is not is refused in the proper form."""
    with trial(site, "edges all dead") as going:
        going.refuses = True
        for name in EDGES:
            site.parts[name].down()
        going.hold(6)
        for name in EDGES:
            site.parts[name].start()
        going.healed()
        going.recovered()
    assert going.log.refused > 0


@pytest.mark.long
def test_an_edge_that_hangs(site: Site) -> None:
    """What it has in hand is asked of the other; then it gets nothing more.

    It wakes up where it fell asleep, so its first answers may be of then.
    """
    with trial(site, "edge hung") as going:
        going.mixed_s = 10
        victim = worker(site.parts["edge-1"])
        os.kill(victim, signal.SIGSTOP)
        going.hold(6)
        os.kill(victim, signal.SIGCONT)
        going.healed()
        going.recovered()
    assert going.log.late_at < going.healed_at + 1


@pytest.mark.long
def test_edges_restarted_one_after_the_other(site: Site) -> None:
    """As a deployment does."""
    with trial(site, "rolling restart") as going:
        began = time.monotonic()
        for number, name in enumerate(EDGES):
            assert site.parts[name].stop() == 0
            site.parts[name].start()
            eventually(partial(ready, site, number))
            time.sleep(1.2)  # Caddy looks every second
        going.held_s = time.monotonic() - began
        going.healed()
        going.recovered()


@pytest.mark.long
def test_caddy_killed(site: Site) -> None:
    """Connections end and none is taken until it is back: the one thing that has no second."""
    with trial(site, "caddy killed") as going:
        going.errors = 1000
        site.parts["caddy"].kill()
        going.healed()
        eventually(lambda: get(f"{site.url}/livez", 1).is_success, 10)
        going.held_s = time.monotonic() - going.healed_at
        going.recovered()


def reload(site: Site, config: Path) -> int:
    address = f"unix/{site.directory}/caddy.sock"
    command = [CADDY, "reload", "--config", str(config), "--adapter", "caddyfile", "--force"]
    environ = os.environ | site.parts["caddy"].environ
    done = subprocess.run(
        [*command, "--address", address],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return done.returncode


def test_caddy_reloaded_again_and_again(site: Site, tmp_path: Path) -> None:
    """Also with a file that it cannot read: then nothing changes."""
    broken = tmp_path / "Caddyfile"
    broken.write_text("localhost {\n  no_such_directive\n}\n")
    with trial(site, "caddy reloaded") as going:
        began = time.monotonic()
        for _ in range(8):
            assert reload(site, ROOT / "Caddyfile") == 0
        assert reload(site, broken) != 0
        going.held_s = time.monotonic() - began
        going.healed()
        going.recovered()


@contextlib.contextmanager
def connections(site: Site, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        made = []
        for _ in range(count):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), 10))
            made.append(one)
        yield made


def request(site: Site, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{site.port}\r\n\r\n".encode()


@pytest.mark.long
def test_two_thousand_connections(site: Site) -> None:
    """Each asks once, and all are answered."""
    with trial(site, "2,000 connections") as going:
        began = time.monotonic()
        with connections(site, 2000) as made:
            for one in made:
                one.sendall(request(site, "/api/revision"))
            answers = [one.recv(12) for one in made]
            going.held_s = time.monotonic() - began
        going.healed()
        going.recovered()
    assert set(answers) == {b"HTTP/1.1 200"}


@pytest.mark.long
def test_readers_that_do_not_read(site: Site) -> None:
    with trial(site, "slow readers") as going, connections(site, 100) as made:
        asked = request(site, "/api/properties?per_page=100") * 20
        for one in made:
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.send(asked)
        going.hold(3)
        for one in made:
            one.close()
        going.healed()
        going.recovered()


@pytest.mark.long
def test_headers_that_come_a_byte_at_a_time(site: Site) -> None:
    """They are cut off, however diligently they drip."""
    with trial(site, "slow headers") as going, connections(site, 200) as made:
        began = time.monotonic()
        left = made
        while left and time.monotonic() < began + 4 * HEADER_S:
            left = [one for one in left if drips(one)]
            time.sleep(0.3)
        going.held_s = time.monotonic() - began
        going.healed()
        going.recovered()
    assert left == []


def drips(one: socket.socket) -> bool:
    """Whether a byte more was taken, and no end heard."""
    try:
        one.send(b"G")
        return one.recv(1, socket.MSG_DONTWAIT) not in (b"", b"H")
    except BlockingIOError:
        return True
    except OSError:
        return False


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.long
def test_file_descriptors_run_out(site: Site) -> None:
    """Both edges take nobody more; what they have is answered, and files answer for themselves."""
    pids = [worker(site.parts[name]) for name in EDGES]
    before = [resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in pids]
    with trial(site, "descriptors exhausted") as going:
        going.refuses = True
        with contextlib.ExitStack() as held:
            for pid, url in zip(pids, site.edges, strict=True):
                limit = (open_files(pid) + 2, before[0][1])
                resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
                place = ("127.0.0.1", httpx.URL(url).port or 0)
                for _ in range(8):
                    held.enter_context(socket.create_connection(place, 5))
            going.hold(4)
            for pid, limits in zip(pids, before, strict=True):
                resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        going.healed()
        going.recovered()
    assert [worker(site.parts[name]) for name in EDGES] == pids


@pytest.mark.long
def test_the_disk_of_the_published_tree_is_full(site: Site) -> None:
    """Edges write nothing more; visitors get every new generation from their memory."""
    pids = [worker(site.parts[name]) for name in EDGES]
    with trial(site, "tree disk full") as going:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        going.hold(2)
        eventually(going.news[0].arrived)
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        going.healed()
        going.recovered()
        eventually(lambda: laid_out(site))


def laid_out(site: Site) -> bool:
    """Caddy's file server answers again."""
    answer = get(f"{site.url}/api/framer/featured", 5)
    return bool(answer.headers.get("cache-status") == "tree; hit")
