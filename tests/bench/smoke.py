"""A bench as its user runs it, little and quick: measured, then rendered into a page with a place for it."""

import subprocess
import sys
from pathlib import Path

from bench.edgebench.processes import ROOT

LONGEST_S = 110


def smoke(folder: Path, bench: str, *only: str, kind: str = "") -> tuple[Path, str]:
    """The result's file, and what the page has between its markers now."""
    name = kind or bench
    out, page = folder / f"{name}.json", folder / "page.md"
    begin, end = f"<!-- {name} figures: begin -->", f"<!-- {name} figures: end -->"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    for arguments in (
        ["run", "--smoke", "--out", str(out), *(f"--only={one}" for one in only)],
        ["render", "--result", str(out), "--page", str(page)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{bench}", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    text = page.read_text()
    assert text.startswith(f"before\n{begin}\n")
    assert text.endswith(f"\n{end}\nafter\n")
    between = text.partition(begin)[2].partition(end)[0]
    assert "old" not in between.splitlines()
    return out, between
