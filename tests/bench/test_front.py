"""The bench of the whole front: a smoke run has the right shape and is rendered; no figure is judged."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.edgebench import results
from bench.edgebench.processes import ROOT
from bench.front.servers import OURS, PROXY, STOCK


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_every_server_with_tls_and_is_rendered(tmp_path: Path) -> None:
    out, page = tmp_path / "front.json", tmp_path / "page.md"
    page.write_text("before\n<!-- front figures: begin -->\nold\n<!-- front figures: end -->\n")
    for arguments in (
        ["run", "--smoke", "--out", str(out)],
        ["render", "--result", str(out), "--page", str(page)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "bench.front", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    found = results.load(out)
    asked = {(one.server, one.subject) for one in found.rounds}
    assert {(OURS, "picture"), (STOCK, "picture"), (PROXY, "detail, gzip")} <= asked
    assert (OURS, "detail, gzip, new connection") in asked
    assert (STOCK, "list query, gzip") not in asked
    text = page.read_text()
    assert "old" not in text
    assert f"CPU per request by that of {OURS}" in text
