"""Locust's visitors, as programs of their own, and the stack that they come to."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.edgebench.fixture import STATE, alone
from bench.edgebench.processes import HOST, ROOT, BenchError, free_port, running
from bench.load import stack
from bench.load.profiles import Profile
from bench.load.records import Told

GRACE_S = 60
LOCUSTS = 2  # processes; one alone is busy enough to make visitors wait for it
T = TypeVar("T")


def on_a_stack(listings: int, interval_s: int, do: Callable[[stack.Stack, Path], T]) -> T:
    """With pictures that an earlier run has made: to make them takes minutes."""
    folder = STATE / f"visitors-{listings}"
    folder.mkdir(parents=True, exist_ok=True)
    with alone(), stack.started(folder, listings, interval_s) as served:
        return do(served, folder)


def client_cpu_s() -> float:
    """Of the programs that this one started and that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def visited(profile: Profile, url: str, folder: Path) -> Told:
    file, log = folder / f"{profile.name}.json", folder / "locust.log"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "bench" / "locustfile.py")]
    options = ["--headless", "--only-summary", "--host", url, "--exit-code-on-error", "0"]
    port = f"{free_port()}"  # by which its processes meet: others' may be there, too
    options += ["--processes", f"{LOCUSTS}", "--master-bind-host", HOST]
    options += ["--master-bind-port", port, "--master-port", port]
    visits = ["--visits", profile.name, "--within", f"{profile.seconds}", "--told", str(file)]
    log.unlink(missing_ok=True)
    with running([*command, *options, *visits], log) as process:
        try:
            code = process.wait(profile.seconds + GRACE_S)
        except subprocess.TimeoutExpired:
            raise BenchError(f"locust does not end: {log.read_text()[-3000:]}") from None
    if code or not file.exists():
        raise BenchError(f"locust ended with {code}: {log.read_text()[:3000]}")
    return msgspec.json.decode(file.read_bytes(), type=Told)
