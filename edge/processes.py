"""Several processes behind one listening socket, and a parent that misses none of them.

The parent binds the socket, forks, waits, and forks again. It never starts a thread, a loop or a
server, so a fork is safe at any time and a new process costs no import. Connections that come
meanwhile wait in the shared accept queue, or are taken by a sibling.
"""

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("edge.processes")
STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})
AWAITED = STOPPING | {signal.SIGCHLD}
CALM_S = 1.0  # a process that lived this long is replaced at once
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(slots=True)
class Place:
    """One process's place: `number` outlives the processes that take it."""

    number: int
    pid: int = 0  # 0: empty
    born: float = 0.0
    wait_s: float = 0.0
    due: float = 0.0  # when an empty place is to be filled


def supervise(count: int, serve: Callable[[int], int], stop_s: float) -> int:
    """Keep `count` processes in `serve(number)` until SIGTERM or SIGINT; then end them.

    They are asked by SIGTERM, and killed after `stop_s`. Returns 0 when each ended as asked,
    otherwise 1. In a child, `serve`'s value is the process's exit code.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    places = [Place(number) for number in range(count)]
    received = 0
    while received not in STOPPING:
        for place in places:
            if not place.pid and place.due <= time.monotonic():
                place.pid, place.born = _fork(place.number, serve), time.monotonic()
        received = _await(_longest(places, time.monotonic()))
        _bury(places)
    return _end(places, stop_s)


def _fork(number: int, serve: Callable[[int], int]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    # A parent that is killed takes its children along: they would hold the port against the next.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
    os._exit(serve(number))  # a connection that actix still holds must not hold the process


def _await(longest_s: float | None) -> int:
    if longest_s is None:
        return signal.sigwait(AWAITED)
    found = signal.sigtimedwait(AWAITED, longest_s)
    return found.si_signo if found else 0


def _longest(places: list[Place], now: float) -> float | None:
    """Seconds until the next empty place is due; None when all are taken."""
    due = [place.due - now for place in places if not place.pid]
    return max(0.0, min(due)) if due else None


def _bury(places: list[Place]) -> None:
    for pid, code in _ended():
        for place in places:
            if place.pid == pid:
                _vacate(place, time.monotonic())
                log.error("process %d (%d) ended: %s", place.number, pid, _why(code))


def _vacate(place: Place, now: float) -> None:
    """At once for a process that had been well, ever more slowly for one that cannot live."""
    well = now - place.born >= CALM_S
    place.wait_s = 0.0 if well else min(max(place.wait_s * 2, FIRST_WAIT_S), LONGEST_WAIT_S)
    place.pid, place.due = 0, now + place.wait_s


def _ended() -> list[tuple[int, int]]:
    """Children that have ended, with their exit code; negative: the signal that ended them."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not pid:
            return found
        found.append((pid, os.waitstatus_to_exitcode(status)))


def _why(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _end(places: list[Place], stop_s: float) -> int:
    """Ask every process to drain, wait for it, insist."""
    left = {place.pid for place in places if place.pid}
    codes = []
    for pid in left:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + stop_s
    while left and time.monotonic() < deadline:
        signal.sigtimedwait({signal.SIGCHLD}, max(0.0, deadline - time.monotonic()))
        for pid, code in _ended():
            left.discard(pid)
            codes.append(code)
    for pid in left:
        log.error("process %d did not end in %.0f s", pid, stop_s)
        os.kill(pid, signal.SIGKILL)
    asked = (0, -signal.SIGTERM)  # the latter: one that had only just been started
    return 1 if left or any(code not in asked for code in codes) else 0
