"""A minute of faults at random, one after the other, under load; and memory that does not grow."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, children, eventually
from tests.faults.gate import Manner
from tests.faults.site import Site
from tests.faults.test_edges import EDGES, reload, worker
from tests.faults.trial import trial

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(240)]
SOAK_S, BREATH_S = 60.0, (0.5, 2.0)
MEMORY_S = 15.0
MANNERS: list[Manner] = ["refuse", "reset", "hang", "half", "slow", "cut", "garbage"]
GROWTH_MB_A_MINUTE = 24.0  # of an edge; a generation kept by mistake each time would be more


def kill_edge(site: Site, dice: random.Random) -> None:
    for pid in children(site.parts[dice.choice(EDGES)].pid):
        os.kill(pid, signal.SIGKILL)


def kill_sync(site: Site, _dice: random.Random) -> None:
    if site.parts["sync"].alive():
        site.parts["sync"].kill()


def spoil_way(site: Site, dice: random.Random) -> None:
    dice.choice(list(site.ways.values())).set(dice.choice(MANNERS))
    time.sleep(dice.uniform(0.5, 2))
    site.all_ways("pass")


def flush(site: Site, _dice: random.Random) -> None:
    with site.store as client:
        client.flushall()


def lie(site: Site, dice: random.Random) -> None:
    mode = dice.choice(["F1", "F2", "F3", "F4", "F5", "F7", "F8"])
    site.upstream.fault(mode, endpoint="list", seconds=0.1)
    time.sleep(dice.uniform(0.5, 2))
    site.calm()


def reload_caddy(site: Site, _dice: random.Random) -> None:
    assert reload(site, ROOT / "Caddyfile") == 0


def change(site: Site, _dice: random.Random) -> None:
    site.news()


FAULTS: list[Callable[[Site, random.Random], None]] = [
    kill_edge,
    kill_sync,
    spoil_way,
    flush,
    lie,
    reload_caddy,
    change,
    change,
]


def resident(site: Site) -> dict[int, float]:
    """MiB that each edge worker holds by itself, by process; one that is new starts anew."""
    found = {}
    for name in EDGES:
        pid = worker(site.parts[name])
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found[pid] = int(rollup.split("Private_Dirty:")[1].split()[0]) / 1024
    return found


def slope(points: list[tuple[float, float]]) -> float:
    """Of the least-squares line, for a minute."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return 60 * sum((x - mean_x) * (y - mean_y) for x, y in points) / below


def test_a_minute_of_random_faults(site: Site) -> None:
    dice = random.Random(11)
    with trial(site, "soak") as going:
        going.mixed_s = 8
        going.errors = 4 * len(FAULTS)  # a killed edge and a reload in one moment
        began, count = time.monotonic(), 0
        while time.monotonic() < began + SOAK_S:
            dice.choice(FAULTS)(site, dice)
            count += 1
            time.sleep(dice.uniform(*BREATH_S))
        going.held_s = time.monotonic() - began
        going.more["faults"] = count
        site.calm()
        going.healed()
        going.recovered(30)
    assert site.verified()


def test_memory_stays_flat_over_many_generations(site: Site) -> None:
    with trial(site, "memory") as going:
        points: dict[int, list[tuple[float, float]]] = {}
        began = time.monotonic()
        while time.monotonic() < began + MEMORY_S:
            news = site.news()
            eventually(news.arrived)
            for pid, size in resident(site).items():
                points.setdefault(pid, []).append((time.monotonic() - began, size))
        going.held_s = time.monotonic() - began
        steepest = max(slope(found[len(found) // 3 :]) for found in points.values())
        going.more["mb_a_minute"] = steepest
        going.recovered()
    assert len(points) == len(EDGES)
    assert steepest < GROWTH_MB_A_MINUTE
