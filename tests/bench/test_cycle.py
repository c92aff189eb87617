"""The bench of passes: a smoke run has the right shape and can be rendered; no figure is judged."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import cli
from bench.cycle import naive, report
from bench.cycle.__main__ import BENCH, SIZES
from bench.cycle.report import Calls, Pass, Result
from bench.edgebench import fixture, results
from bench.load.judge import thresholds
from tests.bench.smoke import smoke


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_each_kind_of_pass_and_is_rendered(tmp_path: Path) -> None:
    out, text = smoke(tmp_path, "cycle")

    result = report.load(out)
    assert [(one.kind, one.outcome) for one in result.passes] == [
        ("first", "published"),
        ("again", "unchanged"),
        ("restarted", "unchanged"),
    ]
    assert all(one.seconds > 0 for one in result.passes)
    assert all(one.peak_bytes >= one.resting_bytes > 2**20 for one in result.passes)
    assert "| 30 | restarted |" in text


def test_a_naive_client_calls_for_every_page_and_every_file_that_a_row_names() -> None:
    with fixture.empty(60) as store, fixture.upstream(store) as source:
        media = source.state()["media"]
        calls = naive.refresh(source.url, fixture.TOKEN)

        assert source.calls() == calls
        assert (
            60 < calls - 2 <= media + 60
        )  # two pages; videos and the like are no files to ask for


def test_the_share_of_calls_is_of_the_naive_clients() -> None:
    assert Calls(listings=1, first=9, steady=2, naive=40).share == 0.05


def one(kind: str, seconds: float, peak_bytes: int = 10**8) -> Pass:
    return Pass(
        listings=1_000,
        kind=kind,
        outcome="unchanged",
        seconds=seconds,
        stages={},
        cpu_s=1,
        peak_bytes=peak_bytes,
        calls=5,
    )


def found(*passes: Pass, steady: int = 3) -> Result:
    made = Result(made_at="now", smoke=False, commit="abc", machine=results.machine())
    made.passes = [one("first", 60), *passes]
    made.calls = [Calls(listings=20, first=157, steady=steady, naive=166)]
    return made


@pytest.mark.parametrize(
    ("result", "missed"),
    [
        (found(one("again", 1)), None),
        (found(one("again", 1), one("restarted", 6)), "6.00 s at most, the goal of 5: **missed**"),
        (found(one("again", 1, 10**9)), "954 MiB at most, the goal of 381: **missed**"),
        (found(one("again", 1), steady=20), "1/8 of it, the goal of 1/10: **missed**"),
    ],
)
def test_a_goal_that_is_missed_fails_the_run_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: Result, missed: str | None
) -> None:
    monkeypatch.setattr(cli, "end_with_us", lambda: None)
    bench = replace(BENCH, run=lambda out, _smoke, _only: results.write(result, out))
    out = tmp_path / "cycle.json"

    assert cli.main(bench, ["run", "--out", str(out)]) == (1 if missed else 0)
    text = report.rendered(report.load(out))
    assert (missed or "**1,000 homes**, nothing new: 1.00 s at most, the goal of 5: kept") in text
    assert text.count("missed") == (1 if missed else 0)
    assert text.count(": kept") == (2 if missed else 3)


def test_every_size_has_a_goal() -> None:
    assert [str(size) for size in SIZES] == list(thresholds().cycle.seconds)
