"""The same visitors at several servers: paired rounds, and no figures from one that fails."""

from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest

from bench.edgebench import processes
from bench.edgebench.processes import BenchError, at_rest
from bench.edgebench.results import machine
from bench.front.servers import OURS
from bench.load.profiles import ALL
from bench.load.records import Told
from bench.load.stack import Stack
from bench.load.tally import PAGE, PICTURE, Second, Summary
from bench.visits import __main__ as visits
from bench.visits import report
from bench.visits.servers import NGINX, Server, Spent


def visit(server: str, number: int, cpu_s: float, p50_ms: float = 2.0) -> report.Visit:
    return report.Visit(
        server=server,
        number=number,
        requests=1_000,
        page_p50_ms=p50_ms,
        page_p99_ms=9.0,
        picture_p99_ms=3.0,
        cpu_s=cpu_s,
        edge_cpu_s=0.1,
        client_cpu_s=1.0,
    )


def summary(errors: int = 0) -> Summary:
    return Summary(
        requests=10,
        errors=errors,
        hits=10,
        bytes=100,
        p50_ms=1.0,
        p90_ms=2.0,
        p99_ms=3.0,
        p999_ms=4.0,
        longest_ms=5.0,
    )


def test_each_is_held_against_ours_of_its_own_round() -> None:
    """A machine that gets slower on the way decides nothing."""
    found = report.Result(
        made_at="2026-11-23T09:00:00Z",
        commit="abc",
        machine=machine(),
        visitors=300,
        seconds=22,
        absent={"another": "not installed"},
        visits=[
            *(visit(OURS, 1, 0.3, 1.0), visit(OURS, 2, 0.7, 2.0), visit(OURS, 3, 0.3, 3.0)),
            *(visit(NGINX, 1, 0.1), visit(NGINX, 2, 0.4), visit(NGINX, 3, 0.11)),
        ],
    )
    text = report.rendered(found)

    assert "Absent: another (not installed)." in text
    assert f"| {OURS} | 1.00 / 2.00 / 3.00 | 9.0 / 9.0 / 9.0 |" in text
    assert "| 300 / 300 / 700 | 100 / 100 / 100 | 1.00 / 1.00 / 1.00 |" in text
    assert "| 0.50 / 0.53 / 0.63 |" in text
    assert f"{NGINX} is cheaper (0.53)." in text


def told(users: int, errors: int = 0, **faults: int) -> Told:
    there = Second(at=1, requests=10, errors=0, users=users, p50_ms=1.0, p99_ms=2.0)
    totals = {PAGE: summary(errors), PICTURE: summary()}
    return Told(totals=totals, kinds={}, seconds=[there], faults=faults)


@pytest.mark.parametrize(
    ("told", "word"),
    [(told(300, 1), "{}"), (told(300, no_homes=1), "no_homes"), (told(180), "180 of 300")],
)
def test_a_server_that_fails_a_visitor_or_is_not_visited_has_no_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Told, word: str
) -> None:
    monkeypatch.setattr(visits, "visited", lambda *_: told)
    server = Server(NGINX, 1, lambda: (0.0, 0.0))

    with pytest.raises(BenchError, match=f"{NGINX}, round 2: .*{word}"):
        visits._visit(ALL["in-turn"], server, 2, (0.0, 0.0), tmp_path)


def using(*amounts: Spent) -> Callable[[], Spent]:
    """CPU seconds so far, of one that uses so much from look to look, and nothing after."""
    ends = accumulate(amounts, lambda then, more: (then[0] + more[0], then[1] + more[1]))
    looks = iter([(0.0, 0.0), *ends])
    last = (0.0, 0.0)

    def spent() -> Spent:
        nonlocal last
        last = next(looks, last)
        return last

    return spent


def test_standing_by_is_the_least_of_three_looks_once_the_start_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each server, of the edges, and of `sync`, whose first pass makes work for them."""
    monkeypatch.setattr(processes, "CALM_S", 0.01)
    began = [(0.5, 0.0), (0.0, 0.0), (0.0, 0.5), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]
    looks = [(0.02, 0.03), (0.01, 0.02), (0.3, 0.0)]
    server = Server(NGINX, 1, using(*began, *looks))
    passes = using((0.5, 0.0), (0.0, 0.0), (0.5, 0.5))
    monkeypatch.setattr(
        Stack, "spent", lambda _: dict(zip(("sync", "edge"), passes(), strict=True))
    )

    found = visits._idle(Stack(1, tmp_path, 2, 3), [server], 0.01)

    assert found[NGINX] == pytest.approx((1.0, 2.0))


def test_one_that_never_rests_is_no_measure_of_standing_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "CALM_S", 0.01)
    ever = using(*[(0.0, 1.0)] * 100)

    with pytest.raises(BenchError, match="edges is still at work"):
        at_rest(ever, "edges", 0.05)


@pytest.mark.parametrize("idle", [(1e9, 0.0), (0.0, 1e9)])
def test_cpu_below_nothing_is_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, idle: Spent
) -> None:
    monkeypatch.setattr(visits, "visited", lambda *_: told(300))
    server = Server(NGINX, 1, using((0.2, 0.1)))

    with pytest.raises(BenchError, match=f"{NGINX}, round 3: less CPU with visitors than without"):
        visits._visit(ALL["in-turn"], server, 3, idle, tmp_path)
