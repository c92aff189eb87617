"""The bench of passes: a smoke run has the right shape and can be rendered; no figure is judged."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.cycle import naive, report
from bench.cycle.report import Calls
from bench.edgebench import fixture
from bench.edgebench.processes import ROOT


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_each_kind_of_pass_and_is_rendered(tmp_path: Path) -> None:
    out, readme = tmp_path / "cycle.json", tmp_path / "README.md"
    readme.write_text(
        "before\n<!-- cycle figures: begin -->\nold\n<!-- cycle figures: end -->\nafter\n"
    )
    for arguments in (
        ["run", "--smoke", "--out", str(out)],
        ["render", "--result", str(out), "--page", str(readme)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.cycle", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    result = report.load(out)
    assert [(one.kind, one.outcome) for one in result.passes] == [
        ("first", "published"),
        ("again", "unchanged"),
        ("restarted", "unchanged"),
    ]
    assert all(one.seconds > 0 for one in result.passes)
    assert all(one.peak_bytes >= one.resting_bytes > 2**20 for one in result.passes)
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
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
