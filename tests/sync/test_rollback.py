"""Older generations shown again, and numbers that are never given twice."""

from typing import Any

import pytest
import redis.asyncio

from snapshot import (
    IncompleteError,
    PinnedError,
    Pointer,
    Publisher,
    StoreUnavailableError,
    keys,
)
from sync.publish import Press
from tests.sync.presses import Works, site


async def test_a_number_that_was_promised_is_not_given_twice_when_the_store_is_lost(
    works: Works,
) -> None:
    notes: list[int] = []
    press = Press(Publisher(works.client), "writer", works.clock, promise=notes.append)
    for homes in (("1",), ("1", "2")):
        await press.publish(site(*homes), "test", "")
    await works.client.flushall()
    killed_before_its_note = Press(
        Publisher(works.client), "writer", works.clock, floor=1, promised=notes[-1]
    )

    made = await killed_before_its_note.publish(site("1"), "test", "")
    assert notes == [1, 2]
    assert made is not None
    assert made.generation == 3


async def test_a_promise_that_was_not_kept_costs_no_number(works: Works) -> None:
    await works.publish(site("1"))
    await works.publisher.pin("hold")
    for _ in range(3):
        with pytest.raises(PinnedError):
            await works.publish(site("1", "2"))
    await works.publisher.unpin()

    assert await works.publish(site("1", "2")) == 2


async def test_a_rollback_shows_the_older_generation_and_pins_it(works: Works) -> None:
    await works.publish(site("1"))
    await works.publish(site("1", pence=99_000))
    made = await works.press.revert(1)

    assert made.generation == 3
    assert await works.publisher.pinned() == "rollback to 1"
    with pytest.raises(PinnedError):
        await works.publish(site("1", "2"))
    await works.publisher.unpin()
    assert await works.publish(site("1", "2")) == 4


async def test_a_page_that_a_rollback_brings_back_is_new_to_who_asks_by_date(
    works: Works,
) -> None:
    await works.publish(site("1", "2"))
    works.clock.now += 100
    await works.publish(site("1", "2", pence=99_000))
    (worse, _) = await works.publisher.history()
    works.clock.now += 100

    back = await works.press.revert(1)

    bad = await works.publisher.manifest(worse.manifest)
    differ = {path for path, page in back.pages.items() if page.etag != bad.pages[path].etag}
    assert differ
    assert differ != back.pages.keys()
    assert {back.pages[path].modified for path in differ} == {works.clock.now}
    assert all(back.pages[path] == bad.pages[path] for path in back.pages.keys() - differ)


async def test_a_rollback_to_what_is_not_retained_is_a_look_up_error(works: Works) -> None:
    await works.publish(site("1"))

    with pytest.raises(LookupError, match="7 is not retained"):
        await works.press.revert(7)
    assert await works.publisher.pinned() == ""


async def test_a_rollback_that_is_refused_leaves_no_pin(works: Works) -> None:
    await works.publish(site("1"))
    await works.publish(site("1", "2"))
    await works.client.delete(keys.ENTRIES)

    with pytest.raises(IncompleteError):
        await works.press.revert(1)
    assert await works.publisher.pinned() == ""


async def test_a_rollback_stands_when_the_daemon_takes_the_lease_meanwhile(works: Works) -> None:
    await works.publish(site("1"))
    await works.publish(site("1", "2"))
    works.publisher.overtaken = Publisher(works.client)

    made = await works.press.revert(1)

    assert made.generation == 3
    assert await works.publisher.pinned() == "rollback to 1"


class CutOff(Publisher):
    """The store goes away amid a flip, which has arrived there or has not."""

    def __init__(self, client: redis.asyncio.Redis, *, arrives: bool) -> None:
        super().__init__(client)
        self.arrives = arrives

    async def flip(self, *args: Any, **options: Any) -> Pointer:
        if self.arrives:
            await super().flip(*args, **options)
        raise StoreUnavailableError("gone")


@pytest.mark.parametrize(("arrives", "pin"), [(True, "rollback to 1"), (False, "")])
async def test_a_rollback_that_is_cut_off_is_pinned_when_it_is_published_and_only_then(
    works: Works, arrives: bool, pin: str
) -> None:
    await works.publish(site("1"))
    await works.publish(site("1", pence=99_000))
    cut_off = Press(CutOff(works.client, arrives=arrives), "writer", works.clock)
    with pytest.raises(StoreUnavailableError):
        await cut_off.revert(1)

    assert await works.press.current() == (3 if arrives else 2)
    assert await works.publisher.pinned() == pin


async def test_a_rollback_beside_a_daemon_that_renews_its_lease_gets_through(
    works: Works,
) -> None:
    await works.publish(site("1"))
    await works.publish(site("1", "2"))
    daemon = Press(Publisher(works.client), "writer", works.clock)  # of the same installation

    class Overtaken(Publisher):
        times = 2

        async def flip(self, *args: Any, **options: Any) -> Pointer:
            if self.times:
                self.times -= 1
                await daemon.hold_lease()
            return await super().flip(*args, **options)

    rollback = Press(Overtaken(works.client), "writer", works.clock)
    daemon.lease = None

    assert (await rollback.revert(1)).generation == 3


async def test_a_store_put_back_to_an_older_state_is_published_under_a_number_nobody_has_seen(
    works: Works,
) -> None:
    await works.publish(site("1"))
    names = await works.client.keys("*")
    older = {name: await works.client.dump(name) or b"" for name in names}
    notes: list[int] = []
    killed = Press(Publisher(works.client), "writer", works.clock, promise=notes.append)
    await killed.publish(site("1", "2"), "test", "")  # and an edge has followed
    await works.client.flushall()
    for name, value in older.items():
        await works.client.restore(name, 0, value)

    after_a_restart = Press(
        Publisher(works.client), "writer", works.clock, floor=1, promised=notes[-1]
    )
    made = await after_a_restart.publish(site("1"), "test", "")
    assert made is not None
    assert made.generation == 3
    assert await after_a_restart.publish(site("1"), "test", "") is None
