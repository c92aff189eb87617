"""Benches one after the other, each a program of its own."""

import subprocess
import sys
from collections.abc import Sequence

from bench.edgebench.processes import ROOT

GRACE_S = 60


def each(commands: Sequence[Sequence[str]]) -> list[str]:
    """Those that failed; the others are measured all the same."""
    failed = []
    for command in commands:
        print(f"== {' '.join(command)}", flush=True)
        if ended([sys.executable, "-m", *command]):
            failed.append(f"python -m {' '.join(command)}")
    return failed


def ended(command: Sequence[str], within_s: float | None = None) -> int:
    """Its exit code. When this program is told to end, or the time is over (`TimeoutExpired`), so is that
    one, which first ends what it started."""
    child = subprocess.Popen(command, cwd=ROOT)
    try:
        return child.wait(within_s)
    finally:
        if child.poll() is None:
            child.terminate()
            _gone(child)


def _gone(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
