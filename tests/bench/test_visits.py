"""The same visitors at several servers: paired rounds, and no figures from one that fails."""

from pathlib import Path

import pytest

from bench.edgebench.processes import BenchError
from bench.edgebench.results import machine
from bench.front.servers import OURS
from bench.load.profiles import ALL
from bench.load.records import Told
from bench.load.tally import PAGE, PICTURE, Second, Summary
from bench.visits import __main__ as visits
from bench.visits import report
from bench.visits.servers import NGINX, Server


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
            *(visit(NGINX, 1, 0.1), visit(NGINX, 2, 0.3), visit(NGINX, 3, 0.2)),
        ],
    )
    text = report.rendered(found)

    assert "Absent: another (not installed)." in text
    assert f"| {OURS} | 1.00 / 2.00 / 3.00 | 9.0 / 9.0 / 9.0 |" in text
    assert "| 300 / 300 / 700 | 100 / 100 / 100 | 1.00 / 1.00 / 1.00 |" in text
    assert "| 0.50 / 0.50 / 0.75 |" in text
    assert f"{NGINX} is cheaper (0.50)." in text


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
