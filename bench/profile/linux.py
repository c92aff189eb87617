"""Where a process spends its time below Python: perf samples what runs, of which library and of the kernel."""

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

from bench.edgebench.processes import BenchError

RATE = 499  # samples a second of CPU time; odd, so that it beats with no clock
LIBRARY = re.compile(r"([0-9.]+)%\s+(\S+)")
KERNEL = re.compile(r"\[.*\]")  # and its vdso, modules and guests
BUILT = re.compile(r"(?:\.cpython-\d+\S*)?\.so\b.*|-\d\S*")  # how a file of a library was built
LEAST = 0.01  # a share below is not worth a line


def tool() -> str:
    found = shutil.which("perf")
    if found is None:
        raise BenchError("perf is not installed: `python -m bench.edgebench setup`")
    return found


def sampled(pid: int, seconds: int, kept: Path) -> dict[str, float]:
    """The shares of that process's time, by library; `kept` is a file for the raw samples."""
    _done("record", "-F", f"{RATE}", "-o", str(kept), "-p", f"{pid}", "--", "sleep", f"{seconds}")
    return summed(_done("report", "-i", str(kept), "--stdio", "--sort", "dso"))


def _done(*arguments: str) -> str:
    done = subprocess.run(
        [tool(), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise BenchError(f"perf {arguments[0]}: {done.stderr[-500:]}")
    return done.stdout


def summed(text: str) -> dict[str, float]:
    """Of what `perf report --sort dso` prints."""
    shares: defaultdict[str, float] = defaultdict(float)
    for line in text.splitlines():
        if match := LIBRARY.fullmatch(line.strip()):
            share, name = match.groups()
            shares["Linux" if KERNEL.fullmatch(name) else BUILT.sub("", name)] += float(share)
    if not shares:
        raise BenchError(f"perf saw nothing: {text[:300]}")
    return {
        name: round(share / 100, 4)
        for name, share in sorted(shares.items(), key=lambda one: -one[1])
        if share >= 100 * LEAST
    }
