"""Many generations in a row under load: no error, no short body, no mix of two generations."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import eventually
from tests.stack.small import flip_often, small_stack, visiting

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
FLIPS, SLOW = 500, 5  # while they come one upon another, edges answer; then files, in turns


def test_flips_under_load_are_seen_whole_and_by_nobody_as_an_error(tmp_path: Path) -> None:
    with small_stack(tmp_path, edges=2) as stack, visiting(stack.url) as visitors:
        asyncio.run(flip_often(stack.store, 2, FLIPS))
        asyncio.run(flip_often(stack.store, FLIPS + 2, SLOW, pause_s=1.5))
        last = f"{stack.url}/api/a"
        eventually(lambda: httpx.get(last).json()["generation"] == FLIPS + SLOW + 1)
        time.sleep(0.1)

    assert [visitor.wrong for visitor in visitors] == [[], [], []]
    seen: set[int] = set().union(*(visitor.generations for visitor in visitors))
    assert len(seen) > FLIPS / 10
    assert sum(visitor.asked for visitor in visitors) > FLIPS
    from_tree = sum(visitor.from_tree for visitor in visitors)
    assert FLIPS / 5 < from_tree < sum(visitor.asked for visitor in visitors) - FLIPS / 5
