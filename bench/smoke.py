"""Whether the benches that have peers work with all of them, within a time; judges no speed.

The others have no peer that could be absent: tests/bench runs each of them."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from bench import turns
from bench.edgebench import peers
from bench.edgebench.peers import AbsentError, Peer
from bench.edgebench.processes import BenchError

DEADLINE_S = 300.0  # for all of it: two minutes are usual, more where nothing is prepared
SETUP = ("bench.edgebench", "setup")
LITTLE = ("--within", "15", "--listings", "8", "--untimed", "--out", "{}")
STAGES = (
    SETUP,
    ("bench.edgebench", "run", "--smoke", "--out", "{}/edge.json"),
    ("bench.front", "run", "--smoke", "--out", "{}/front.json"),
    ("bench.served", "run", "--smoke", "--out", "{}/served.json"),
    ("bench.query", "run", "--smoke", "--out", "{}/query.json"),
    ("bench.visits", "run", "--smoke", "--out", "{}/visits.json"),
    ("bench.load", "run", "smoke", *LITTLE),
)
TOOLS = ("wrk", "openssl")
HOW = (
    "`python -m bench.edgebench setup` installs wrk, nginx-light, varnish and linux-perf from Debian, which takes root, "
    "and Bun by npm; both take a network that reaches them. The packages of Python come by `make setup`."
)


class Absence(msgspec.Struct):
    """What each bench's result says of who was not there."""

    absent: dict[str, str] = {}


def smoke(
    folder: Path, stages: Sequence[Sequence[str]] = STAGES, deadline_s: float = DEADLINE_S
) -> list[str]:
    """Those that failed. `BenchError` when something to compare with is not here, or the time is over."""
    began = time.monotonic()
    failed, took = [], {}
    for stage in stages:
        at = time.monotonic()
        command = [part.format(folder) for part in stage]
        print(f"== {' '.join(command)}", flush=True)
        if _ended(command, deadline_s - (at - began)):
            failed.append(f"python -m {' '.join(command)}")
        if tuple(stage) == SETUP:
            required()
        failed += _without(folder)
        took[" ".join(stage[:2]).removesuffix(" run")] = time.monotonic() - at
    each = ", ".join(f"{name} {seconds:.0f}" for name, seconds in took.items())
    print(
        f"smoke: {time.monotonic() - began:.0f} s of {deadline_s:.0f} at most ({each})", flush=True
    )
    return failed


def required(
    tools: Sequence[str] = TOOLS, others: Sequence[Peer] = peers.ALL, how: str = HOW
) -> None:
    """`BenchError` names all that is missing, and how to get it."""
    missing = [f"{tool} is not installed" for tool in tools if shutil.which(tool) is None]
    missing += [f"{peer.name}: {why}" for peer in others if (why := _absent(peer.version))]
    if missing:
        raise BenchError(f"not all is here to compare with: {'; '.join(missing)}. {how}")


def _absent(version: Callable[[], str]) -> str:
    try:
        version()
    except AbsentError as error:
        return str(error)
    return ""


def _ended(command: Sequence[str], left_s: float) -> int:
    try:
        return turns.ended([sys.executable, "-m", *command], max(0.0, left_s))
    except subprocess.TimeoutExpired:
        how = f" {HOW}" if tuple(command) == SETUP else ""
        raise BenchError(f"the time was over in `python -m {' '.join(command)}`.{how}") from None


def _without(folder: Path) -> Iterator[str]:
    """Results that were made without somebody; each is told once."""
    for file in sorted(folder.glob("*.json")):
        for name, why in msgspec.json.decode(file.read_bytes(), type=Absence).absent.items():
            yield f"{file.stem}, which was measured without {name}: {why}"
        file.unlink()
