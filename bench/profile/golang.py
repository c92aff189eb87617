"""Where a Go program spends its time: it samples itself, and Go's own tool names the functions."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.edgebench.processes import ROOT, BenchError

RATE = 100  # samples a second of CPU time, which is Go's own
TOTAL = re.compile(r"[Ss]amples = ([0-9.]+)(ms|s|min)")
UNITS_S = {"ms": 1e-3, "s": 1.0, "min": 60.0}
LINE = re.compile(r"\s*\S+\s+([0-9.]+)%\s+[0-9.]+%\s+\S+\s+([0-9.]+)%\s+(\S.*)")
INLINED = re.compile(r" \((?:partial-)?inline\)$")
VERSIONED = re.compile(r"^github\.com/|/v\d+(?=[./])")


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of all samples, by function: that it was on top of, and that it was in at all."""

    samples: int
    itself: Mapping[str, float]
    below: Mapping[str, float]


def sampled(admin: Path, seconds: int, kept: Path) -> Found:
    """Of the server behind that socket, while it is asked; `kept` is a file for the raw profile."""
    transport = httpx.HTTPTransport(uds=str(admin))
    with httpx.Client(transport=transport, timeout=seconds + 30) as client:
        answer = client.get("http://localhost/debug/pprof/profile", params={"seconds": seconds})
    if not answer.is_success:
        raise BenchError(f"no profile: {answer.status_code} {answer.text[:300]}")
    kept.write_bytes(answer.content)
    done = subprocess.run(
        [tool(), "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0", str(kept)],
        env={**os.environ, "GOTOOLCHAIN": "local"},  # noqa: TID251 - a program that we start
        capture_output=True,
        text=True,
        timeout=120,  # it is built at its first use
        check=False,
    )
    if done.returncode:
        raise BenchError(f"go tool pprof: {done.stderr[-500:]}")
    return summed(done.stdout)


def tool() -> str:
    """Go of the machine, or as `make caddy-cache` installs it."""
    found = shutil.which("go") or shutil.which(str(ROOT / ".tools" / "bin" / "go"))
    if found is None:
        raise BenchError(
            "Go is not installed: rm .tools/caddy-cache/.built, then make caddy-cache"
        )
    return found


def summed(text: str) -> Found:
    """Of what `go tool pprof -top` prints."""
    total = TOTAL.search(text)
    itself: dict[str, float] = {}
    below: dict[str, float] = {}
    for line in text.splitlines():
        if match := LINE.fullmatch(line):
            flat, cumulated, name = match.groups()
            short = VERSIONED.sub("", INLINED.sub("", name))
            itself[short] = round(float(flat) / 100, 4)
            below[short] = round(float(cumulated) / 100, 4)
    if total is None or not itself:
        raise BenchError(f"no samples: {text[:300]}")
    amount, unit = total.groups()
    return Found(round(float(amount) * UNITS_S[unit] * RATE), itself, below)
