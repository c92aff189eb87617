"""For every n, a pass whose n-th call of the outside fails: it changes nothing by halves.

tests/sync/crash kills a pass at each of these; here it lives to deal with the fault. The next pass,
undisturbed, must leave what one undisturbed pass leaves.
"""

from collections.abc import Iterator

import pytest
import redis

from tests.conftest import Upstream, running_upstream
from tests.faults.trial import keep
from tests.sync.conftest import Installation, installed
from tests.sync.crash.test_crash import AGAIN, CHANGES, FIRST, KILLED
from tests.sync.crash.world import World

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with running_upstream(tmp_path_factory.mktemp("source"), "--listings", "4") as upstream:
        yield upstream


@pytest.fixture(scope="module")
def installation(
    source: Upstream, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    return installed(tmp_path_factory.mktemp("i"), source, valkey_url)


@pytest.fixture
def world(source: Upstream, installation: Installation, valkey_url: str) -> Iterator[World]:
    """Published, and the source has changed since; it has no files."""
    source.fault("F13")
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
        made = World(installation, client)
        made.migrate()
        made.run(FIRST)
        for event in CHANGES:
            source.life(event)
        yield made


def test_each_call_of_the_outside_fails_once(world: World) -> None:
    kept, before = world.keep(), world.look()
    world.run(AGAIN)
    one = world.look()
    world.restore(kept)
    calls = world.run(KILLED)
    whole = world.look()
    world.run(AGAIN)
    two = world.look()
    endings, seen = set(), []
    for number in range(1, calls + 1):
        world.restore(kept)
        endings.add(world.spoiled(KILLED, number))
        if (found := world.keep()) in seen:
            continue  # the same world again would only have the same future
        seen.append(found)
        left = world.look()
        assert left.pages in (before.pages, whole.pages), number
        assert left.generation >= before.generation, number
        world.run(AGAIN)
        after = world.look()
        assert after.pages in (one.pages, two.pages), number
        assert after.generation >= left.generation, number
    keep({"fault": "every call", "calls": calls, "errors": 0, "lost": 0})
    assert calls > 20
    assert endings >= {0, 1}
