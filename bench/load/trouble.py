"""What is done to the stack while visitors come, and whether it came to pass."""

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from bench.beside import beside
from bench.goals import Verdict, at_least
from bench.load.judge import Memory
from bench.load.profiles import Act, Trouble
from bench.load.stack import Stack

MEMORY_S, HEALTH_S = 10.0, 0.5  # between two looks
Acts = list[tuple[float, Trouble]]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the stack said of itself at one moment."""

    at_s: float
    generation: int
    status: str
    tree: bool  # whether the published tree is there


@contextlib.contextmanager
def watched(stack: Stack) -> Iterator[list[Memory]]:
    """The stack's memory while the block lasts: at its start, every few seconds, and at its end."""
    began = time.monotonic()
    found: list[Memory] = []

    def look() -> None:
        found.append(Memory(at_s=round(time.monotonic() - began, 1), bytes=stack.memory()))

    def watch(over: threading.Event) -> None:
        while not over.wait(MEMORY_S):
            look()

    look()
    with beside(watch):
        yield found
    look()


@contextlib.contextmanager
def acting(stack: Stack, acts: Sequence[Act]) -> Iterator[tuple[Acts, list[Seen]]]:
    """Do what the profile says while the block lasts: what was done, with the unix time; and what the
    stack said of itself meanwhile, if anything is done at all."""
    done: Acts = []
    seen: list[Seen] = []

    def act(what: Act, over: threading.Event) -> None:
        wait = what.at_s
        while not over.wait(wait):
            stack.do(what.what)
            done.append((time.time(), what.what))
            if not what.every_s:
                return
            wait = what.every_s

    def watch(over: threading.Event) -> None:
        while not over.wait(HEALTH_S):
            with contextlib.suppress(OSError, http.client.HTTPException):  # while it is troubled
                seen.append(_seen(stack))

    with beside(*(partial(act, what) for what in acts), *([watch] if acts else [])):
        yield done, seen


def _seen(stack: Stack) -> Seen:
    said = stack.health()
    return Seen(
        at_s=time.time(),
        generation=int(str(said["generation"])),
        status=str(said["status"]),
        tree=stack.has_tree(),
    )


def proofs(acts: Acts, seen: Sequence[Seen], published: float) -> list[Verdict]:
    """That each trouble was one: a storm without a flip is easily weathered. `published`: of the changes,
    the share that has to have come as generations."""
    done = [what for _, what in acts]
    found = []
    if "publish" in done:
        numbers = {one.generation for one in seen}
        wanted = done.count("publish") * published
        found.append(at_least("generations published", wanted, len(numbers)))
    if "upstream_down" in done:
        stale = [one for one in seen if one.status != "ok"]
        found.append(at_least("times seen stale", 1, len(stale)))
        found.append(at_least("well at the end", 1, seen[-1].status == "ok" if seen else 0))
    if "forget" in done:
        found.append(at_least("times seen without a tree", 1, sum(not one.tree for one in seen)))
        found.append(at_least("a tree at the end", 1, seen[-1].tree if seen else 0))
    return found
