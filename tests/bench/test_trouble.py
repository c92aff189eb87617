"""What is done and seen beside a load."""

import os
import threading
from pathlib import Path

import pytest

from bench.beside import beside
from bench.edgebench.processes import BenchError
from bench.load.judge import thresholds
from bench.load.profiles import Trouble
from bench.load.stack import Stack
from bench.load.trouble import Acts, Seen, proofs, watched


def seen(generation: int, status: str = "ok", *, tree: bool = True) -> Seen:
    return Seen(at_s=1.0, generation=generation, status=status, tree=tree)


@pytest.mark.parametrize(
    ("done", "good", "bad"),
    [
        (["publish"] * 6, [seen(1), seen(2)], [seen(1), seen(1)]),
        (["upstream_down"], [seen(1, "stale"), seen(1)], [seen(1), seen(1)]),
        (["upstream_down"], [seen(1, "stale"), seen(1)], [seen(1, "stale")]),
        (["forget"], [seen(1, tree=False), seen(1)], [seen(1), seen(1)]),
        (["forget"], [seen(1, tree=False), seen(1)], [seen(1, tree=False)]),
    ],
)
def test_a_trouble_that_did_not_come_to_pass_keeps_no_limit(
    done: list[Trouble], good: list[Seen], bad: list[Seen]
) -> None:
    acts = [(1.0, what) for what in done]

    assert all(one.kept for one in proofs(acts, good, 1 / 3))
    assert not all(one.kept for one in proofs(acts, bad, 1 / 3))
    assert not any(one.kept for one in proofs(acts, [], 1 / 3))
    assert proofs([], [], 1 / 3) == []


def test_a_storm_of_which_few_changes_were_published_is_none() -> None:
    """As the limits have it: a quarter is too little, and more than a half cannot be."""
    share = thresholds("publish-storm").trouble.published
    acts: Acts = [(1.0, "publish")] * 149
    few = [seen(number) for number in range(37)]

    assert 1 / 4 < share < 1 / 2
    assert not any(one.kept for one in proofs(acts, few, share))
    assert all(one.kept for one in proofs(acts, [seen(n) for n in range(58)], share))


def test_what_fails_beside_a_run_fails_the_run() -> None:
    def fails(_: threading.Event) -> None:
        raise BenchError("the simulator said 500")

    with pytest.raises(BenchError, match="said 500"), beside(fails):
        pass


def test_memory_is_looked_at_from_the_first_moment_to_the_last() -> None:
    with watched(Stack(0, Path(), 0, os.getpid())) as seen:
        assert len(seen) == 1

    assert [one.at_s for one in seen] == sorted(one.at_s for one in seen)
    assert [one.bytes["others"] > 2**20 for one in seen] == [True, True]
