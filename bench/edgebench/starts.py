"""How long an edge takes until it answers: from nothing, from what it left on disk, and after a death."""

import os
import signal
import time

from bench.edgebench import fixture, processes
from bench.edgebench.processes import BenchError

DEATH_APART_S = 1.5  # one that has lived a second is replaced at once


def cold(store: fixture.Store) -> float:
    fixture.forget(store)
    return start(store)


def start(store: fixture.Store) -> float:
    began = time.perf_counter()
    with fixture.edge(store) as (_port, process):
        ready = time.perf_counter() - began
        processes.calm(process.pid)  # what it leaves on disk is whole
    return ready


def back(port: int, parent: int) -> float:
    """Kill the one process that serves: seconds until its successor answers.

    The connection waits meanwhile in the queue of the socket that the parent holds.
    """
    time.sleep(DEATH_APART_S)
    (victim,) = set(processes.family(parent)) - {parent}
    began = time.perf_counter()
    os.kill(victim, signal.SIGKILL)
    while victim in processes.family(parent):
        if time.perf_counter() - began > DEATH_APART_S:
            raise BenchError(f"process {victim} outlived its death")
    if not fixture.generation(port):
        raise BenchError("the successor has nothing to show")
    return time.perf_counter() - began
