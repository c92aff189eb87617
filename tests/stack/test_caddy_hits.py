"""How seldom a visitor's question is worked out while the visitor waits."""

import asyncio
import itertools
import time
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.conftest import eventually
from tests.stack.small import Stack, flip_often, small_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
LIST = "/api/framer/properties"
QUESTIONS = [
    f"{LIST}?beds_min={beds}&price_max={price}&sort={sort}"
    for beds, price, sort in itertools.product(
        range(5), range(500, 4500, 500), ("newest", "price_asc")
    )
]
SPELLINGS = ("{}", "{}&utm_source=mail", "{}&fbclid=a1", "{}&gclid=b2&utm_medium=x")


def worked_out(client: httpx.Client, addresses: list[str]) -> int:
    """How many of these were not kept by any cache."""
    said = [
        client.get(address).raise_for_status().headers["cache-status"] for address in addresses
    ]
    assert {*said} <= {"tree; hit", "edge; hit", "edge; fwd=miss; stored"}
    return sum("fwd=" in one for one in said)


def shows(stack: Stack, generation: int) -> bool:
    return all(edge.generation() >= generation for edge in stack.edges)


def test_a_question_is_worked_out_by_one_edge_and_never_again_for_a_visitor(
    tmp_path: Path,
) -> None:
    """Whatever advertisers add to it, and however often something is published."""
    with (
        small_stack(tmp_path, edges=2, EDGE_PROCESSES="1") as stack,
        httpx.Client(base_url=stack.url, timeout=10) as client,
    ):
        spelt = [spelling.format(one) for one in QUESTIONS for spelling in SPELLINGS]
        assert worked_out(client, spelt) == len(QUESTIONS)
        assert worked_out(client, spelt) == 0

        for number in (2, 3):
            asyncio.run(flip_often(stack.store, number, 1))
            eventually(partial(shows, stack, number))
            time.sleep(1)  # the edges ask themselves, about a millisecond each
            assert worked_out(client, spelt) < len(QUESTIONS) / 2
            assert worked_out(client, spelt) == 0
