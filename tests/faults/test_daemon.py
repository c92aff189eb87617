"""`sync` dies, sleeps, runs out of disk and out of time; what is published stays and goes on."""

import contextlib
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from snapshot import keys
from tests.conftest import eventually
from tests.faults import mortal as mortal_module
from tests.faults.mortal import POINTS
from tests.faults.parts import Part
from tests.faults.site import Site, sync_environ
from tests.faults.test_edges import EDGES, ready
from tests.faults.trial import trial

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]
LEASE_S = 3.0  # as the site has it
KILLS = 5
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@contextlib.contextmanager
def mortal(site: Site) -> Iterator[Path]:
    """A daemon that dies at the point that this file names."""
    part, wanted = site.parts["sync"], site.directory / "wanted"
    usual = part.command
    part.command = [sys.executable, mortal_module.__file__, str(wanted)]
    part.kill()
    try:
        yield wanted
    finally:
        part.command = usual


@pytest.mark.long
def test_it_is_killed_at_each_point_of_its_cycle(site: Site) -> None:
    with trial(site, "sync killed") as going:
        began = time.monotonic()
        with mortal(site) as wanted:
            for point in POINTS:
                wanted.write_text(point)
                news = site.news()
                eventually(lambda: not wanted.exists())
                died = time.monotonic()
                eventually(news.arrived)
                going.recovery_s = max(going.recovery_s, time.monotonic() - died)
        going.held_s = time.monotonic() - began
        going.more["kills"] = len(POINTS)
    assert site.verified()


@pytest.mark.long
def test_it_is_killed_at_random_moments(site: Site) -> None:
    dice = random.Random(5)
    with trial(site, "sync killed at random") as going:
        began = time.monotonic()
        for _ in range(KILLS):
            going.news.append(site.news())
            time.sleep(dice.uniform(0.3, 1.3))
            site.parts["sync"].kill()
            eventually(site.parts["sync"].alive)
        going.held_s = time.monotonic() - began
        going.more["kills"] = KILLS
        going.healed()
        going.recovered()
    assert site.verified()


@contextlib.contextmanager
def heir(site: Site) -> Iterator[Part]:
    """Another daemon on the same store, with a database and media of its own."""
    directory = site.directory / f"heir-{time.monotonic_ns()}"
    directory.mkdir()
    rentman = httpx.URL(site.upstream.url).port or 0
    environ = sync_environ(directory, site.url, site.ways["sync"].port, rentman)
    command = [sys.executable, "-W", "error", "-m", "sync", "run"]
    part = Part("heir", command, environ, directory / "sync.log")
    part.start()
    try:
        yield part
    finally:
        part.stop()
        part.close()


def writer(site: Site) -> str:
    with site.store as client:
        return bytes(client.get(keys.LEASE) or b"").decode().rpartition("/")[0]


@pytest.mark.long
def test_it_sleeps_past_its_lease_and_wakes_up_beside_another(site: Site) -> None:
    first = site.parts["sync"]
    with trial(site, "sync frozen") as going, heir(site) as second:
        eventually(lambda: "standing_by" in second.said())
        owner = writer(site)
        first.freeze()
        going.hold(LEASE_S)
        going.healed()
        going.recovered()
        assert writer(site) != owner
        first.thaw()
        said = len(first.said())
        eventually(lambda: "standing_by" in first.said()[said:])
        going.news.append(site.news())
        eventually(going.news[-1].arrived)
        assert writer(site) != owner
        second.stop()
        eventually(lambda: writer(site) == owner)
        going.news.append(site.news())
        eventually(going.news[-1].arrived)


def test_its_disk_is_full(site: Site) -> None:
    """Neither its database nor a picture can be written."""
    with trial(site, "sync disk full") as going:
        pid = site.parts["sync"].pid
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        going.hold(3)
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        going.healed()
        going.recovered()
    assert site.parts["sync"].pid == pid


@contextlib.contextmanager
def clock(site: Site) -> Iterator[Path]:
    """The file by which the clocks of `sync` and the edges go."""
    file = site.directory / "clock"
    file.write_text("+0")
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    parts = [site.parts[name] for name in (*EDGES, "sync")]
    usual = [part.environ for part in parts]
    for part in parts:
        part.environ = part.environ | faked
    restarted(site)
    try:
        yield file
    finally:
        for part, environ in zip(parts, usual, strict=True):
            part.environ = environ
        restarted(site)


def restarted(site: Site) -> None:
    site.parts["sync"].kill()
    for number, name in enumerate(EDGES):
        site.parts[name].down()
        site.parts[name].start()
        eventually(lambda number=number: ready(site, number))  # type: ignore[misc]


@pytest.mark.long
def test_clocks_that_jump_a_day(site: Site) -> None:
    with trial(site, "clock") as going:
        with clock(site) as file:
            for jump in ("+86400", "-86400", "+0"):
                file.write_text(jump)
                going.hold(1.5)
                assert min(health(site) for _ in range(10)) >= 0
                eventually(going.news[-1].arrived)
        going.news.append(site.news())
        going.healed()
        going.recovered()


def health(site: Site) -> int:
    return int(site.health()["age_s"])
