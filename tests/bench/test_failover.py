"""The bench of takeovers: a smoke run ends the writer both ways and is rendered; its figures are not judged."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import cli
from bench.edgebench import results
from bench.failover import __main__ as failover
from bench.failover.__main__ import BENCH, LISTINGS, Result, Takeover
from bench.load.judge import thresholds
from tests.bench.smoke import smoke


@pytest.mark.timeout(120)
def test_a_smoke_run_sees_the_other_take_over_from_a_dead_and_from_a_stopped_writer(
    tmp_path: Path,
) -> None:
    out, text = smoke(tmp_path, "failover")

    killed, stopped = failover.load(out).takeovers
    assert (killed.how, stopped.how) == ("killed", "stopped")
    assert 0 < killed.leading_s <= killed.published_s
    assert stopped.bound_s < killed.bound_s
    assert "| 30 | killed (SIGKILL) | 3 | 1 |" in text
    assert "not judged" in text
    assert failover.judged(failover.load(out)) == []


def takeover(how: str, leading_s: float, pass_s: float = 5.0) -> Takeover:
    return Takeover(
        listings=LISTINGS,
        how=how,
        lease_s=20,
        leading_s=leading_s,
        published_s=leading_s + pass_s,
        outcome="published",
    )


@pytest.mark.parametrize(
    ("last", "missed"),
    [
        (takeover("stopped", 2.009), None),
        (takeover("stopped", 2.11), "2.110 s until the lease was taken, the bound of 2.1: **miss"),
        (takeover("killed", 22.11), "22.110 s until the lease was taken, the bound of 22.1: **m"),
        (takeover("stopped", 2.0, 25.1), "a pass 25.10 s after that, the goal of 25: **missed**"),
    ],
)
def test_a_takeover_that_comes_late_fails_the_run_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: Takeover, missed: str | None
) -> None:
    monkeypatch.setattr(cli, "end_with_us", lambda: None)
    result = Result(made_at="now", smoke=False, commit="abc", machine=results.machine())
    result.takeovers = [takeover("killed", 20.03), takeover("stopped", 2.0), last]
    bench = replace(BENCH, run=lambda out, _smoke, _only: results.write(result, out))
    out = tmp_path / "failover.json"

    assert cli.main(bench, ["run", "--out", str(out)]) == (1 if missed else 0)
    text = failover.rendered(failover.load(out))
    assert (missed or "2.009 s until the lease was taken, the bound of 2.1: kept") in text
    assert text.count("missed") == (1 if missed else 0)


def test_the_size_that_is_measured_has_a_goal() -> None:
    assert list(thresholds().failover.published) == [str(LISTINGS)]
