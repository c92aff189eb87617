"""Processes of ours: started in a group of their own, measured from /proc, ended by their id."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
STOP_S = 10.0
TICK_S = 0.005
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
CALM_S, CALM_SHARE, CALM_WITHIN_S = 1.0, 0.03, 120.0


class BenchError(Exception):
    """A figure that cannot be trusted; nothing is written."""


def free_port() -> int:
    """Below those that the kernel gives to outgoing connections: one of these could take it meanwhile."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


@contextlib.contextmanager
def running(
    command: list[str], log: Path, environ: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """`command` for as long as the block lasts."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environ or {})},  # noqa: TID251 - ours plus what is asked for
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, insist; the whole group that we started, for servers have workers."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def family(pid: int) -> list[int]:
    """`pid` and everything below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat from the third field on: the second may contain anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_s(pids: list[int]) -> float:
    """User and system time of these processes so far, and of those of theirs that have ended."""
    ticks = 0
    for pid in pids:
        fields = _stat(pid)
        ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS_PER_S


def calm(pid: int, within_s: float = CALM_WITHIN_S) -> None:
    """Return once `pid` and what it started have stopped working on their own: what follows is due
    to requests alone."""
    at_rest(lambda: (cpu_s(family(pid)),), f"process {pid}", within_s)


def at_rest(
    spent: Callable[[], Sequence[float]], what: str, within_s: float = CALM_WITHIN_S
) -> None:
    """Return once none of those whose CPU seconds so far are `spent` works on its own any more."""
    deadline = time.monotonic() + within_s
    while True:
        before = spent()
        time.sleep(CALM_S)
        used = (now - then for now, then in zip(spent(), before, strict=True))
        if all(one <= CALM_SHARE * CALM_S for one in used):
            return
        if time.monotonic() > deadline:
            raise BenchError(f"{what} is still at work after {within_s:g} s")


def memory_bytes(pids: list[int]) -> int:
    """Proportional set size: a page that several of these processes share counts once."""
    return sum(_kilobytes(pid, "smaps_rollup", "Pss:") for pid in pids) * 1024


def own_bytes(pids: list[int]) -> int:
    """The same without what is a file's: of programs and libraries one's share grows whenever somebody
    else who uses them ends."""
    parts = ("Pss_Anon:", "Pss_Shmem:")
    return sum(_kilobytes(pid, "smaps_rollup", part) for pid in pids for part in parts) * 1024


def peak_rss_bytes(pids: list[int]) -> int:
    """Of the largest of them."""
    return max(_kilobytes(pid, "status", "VmHWM:") for pid in pids) * 1024


def rss_bytes(pids: list[int]) -> int:
    """Of the largest of them, now."""
    return max(_kilobytes(pid, "status", "VmRSS:") for pid in pids) * 1024


def _kilobytes(pid: int, file: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise BenchError(f"no {name} of {pid}")


def until(
    look: Callable[[], bool], within_s: float, what: str, log: Path, tick_s: float = TICK_S
) -> None:
    """Return once `look` is true; say what was waited for, and the log's end, when it never is."""
    deadline = time.monotonic() + within_s
    while not _tried(look):
        if time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise BenchError(f"{what}: not within {within_s:g} s\n{tail}")
        time.sleep(tick_s)


def _tried(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except (OSError, http.client.HTTPException):
        return False
