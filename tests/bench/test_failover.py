"""The bench of takeovers: a smoke run ends the writer both ways and is rendered; no figure is judged."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.edgebench.processes import ROOT
from bench.failover import __main__ as failover


@pytest.mark.timeout(120)
def test_a_smoke_run_sees_the_other_take_over_from_a_dead_and_from_a_stopped_writer(
    tmp_path: Path,
) -> None:
    out, page = tmp_path / "failover.json", tmp_path / "README.md"
    page.write_text("<!-- failover figures: begin -->\nold\n<!-- failover figures: end -->\n")
    for arguments in (
        ["run", "--smoke", "--out", str(out)],
        ["render", "--result", str(out), "--page", str(page)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.failover", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    killed, stopped = failover.load(out).takeovers
    assert (killed.how, stopped.how) == ("killed", "stopped")
    assert 0 < killed.leading_s <= killed.published_s
    assert stopped.bound_s < killed.bound_s
    assert "| 30 | killed (SIGKILL) | 3 | 1 |" in page.read_text()
