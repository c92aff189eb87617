"""The press on a real store: only what changed moves, and a lost or damaged store is filled anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import redis.asyncio

from snapshot import (
    IncompleteError,
    LeaseLostError,
    PinnedError,
    Pointer,
    Publisher,
    StoreUnavailableError,
    decode_entry,
    decode_rows,
    digest,
    keys,
)
from sync.publish import Press
from sync.render.card import Moment
from sync.render.images import Links
from sync.render.site import Site, render
from tests.sync.samples import NOON, known, ledger


class Watched(Publisher):
    """A real publisher that notes what it is asked to send, and may be cut off after it."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__(client)
        self.sent: set[str] = set()
        self.dies_after_sending = False
        self.overtaken: Publisher | None = None  # takes the lease as soon as a generation is out

    async def flip(self, *args: Any, **options: Any) -> Pointer:
        pointer = await super().flip(*args, **options)
        if self.overtaken:
            await self.overtaken.acquire("writer", 30)
        return pointer

    async def send(self, objects: Mapping[str, bytes]) -> None:
        self.sent = set(objects)
        await super().send(objects)
        if self.dies_after_sending:
            raise StoreUnavailableError("gone")


@dataclass
class Clock:
    now: int = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Works:
    press: Press
    publisher: Watched
    clock: Clock
    client: redis.asyncio.Redis

    async def publish(self, site: Site) -> int:
        made = await self.press.publish(site, "test", "digest")
        return made.generation if made else 0


@pytest.fixture
def works(store: redis.asyncio.Redis) -> Works:
    publisher, clock = Watched(store), Clock()
    return Works(Press(publisher, "writer", clock), publisher, clock, store)


def site(*refs: str, pence: int = 150_000) -> Site:
    homes = [known(refs[0], pence=pence), *map(known, refs[1:])]
    return render(homes, ledger(*homes), Links("https://homes.example"), Moment(NOON, NOON))


async def test_the_first_generation_can_be_read_back_whole(works: Works) -> None:
    assert await works.publish(site("1", "2")) == 1

    pointer = await works.publisher.pointer()
    assert pointer is not None
    manifest = await works.publisher.manifest(pointer.manifest)
    objects = await works.publisher.objects(manifest.digests())
    page = manifest.pages["/api/framer/property/1"]
    assert msgspec.json.decode(decode_entry(objects[page.digest], page.digest).body)["id"] == "1"
    index = manifest.artefacts["cards"]
    assert [row.id for row in decode_rows(objects[index], index)] == ["1", "2"]


async def test_nothing_changed_is_nothing_published(works: Works) -> None:
    await works.publish(site("1", "2"))

    assert await works.publish(site("1", "2")) == 0
    assert await works.press.current() == 1


async def test_only_changed_pages_are_sent_and_the_others_keep_their_date(works: Works) -> None:
    await works.publish(site("1", "2", "3"))
    works.clock.now += 60
    homes = site("1", "2", "3")
    changed = msgspec.json.encode({"id": "1", "changed": True})
    body = homes.pages["/api/framer/property/1"]
    for path, old in homes.pages.items():
        if old is body:
            homes.pages[path] = type(body)(changed)

    assert await works.publish(homes) == 2
    assert len(works.publisher.sent) == 1
    pointer = await works.publisher.pointer()
    assert pointer is not None
    pages = (await works.publisher.manifest(pointer.manifest)).pages
    assert pages["/api/framer/property/1"].modified == NOON + 60
    assert pages["/api/framer/property/2"].modified == NOON


async def test_after_the_store_was_emptied_everything_is_sent_again_under_a_higher_number(
    works: Works,
) -> None:
    await works.publish(site("1", "2"))
    everything = works.publisher.sent
    await works.client.flushall()

    assert await works.publish(site("1", "2")) == 2
    assert works.publisher.sent == everything


async def test_a_damaged_manifest_is_published_anew(works: Works) -> None:
    await works.publish(site("1"))
    pointer = await works.publisher.pointer()
    assert pointer is not None
    await works.client.hset(keys.MANIFESTS, pointer.manifest, b"rubbish")

    assert await works.publish(site("1")) == 2


@pytest.mark.parametrize("generation", ["rubbish", "-3", ""])
async def test_a_damaged_pointer_is_put_right_under_a_number_above_the_history_s(
    works: Works, generation: str
) -> None:
    await works.publish(site("1"))
    await works.publish(site("1", "2"))
    await works.client.hset(keys.POINTER, "generation", generation)
    after_a_restart = Press(Publisher(works.client), "writer", works.clock)

    assert await after_a_restart.current() == 0
    assert await after_a_restart.published() == {"1", "2"}
    made = await after_a_restart.publish(site("1", "2"), "test", "")
    assert made is not None
    assert made.generation == 3
    assert await after_a_restart.current() == 3
    assert await after_a_restart.publish(site("1", "2"), "test", "") is None


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


async def test_only_the_writer_tells_of_its_source(works: Works) -> None:
    await works.press.tell(b"mine")
    with pytest.raises(LeaseLostError):
        await Press(Publisher(works.client), "other", works.clock).tell(b"theirs")

    assert await works.publisher.source() == b"mine"


async def test_a_lost_entry_is_sent_again(works: Works) -> None:
    await works.publish(site("1", "2"))
    lost = min(works.publisher.sent)
    await works.client.hdel(keys.ENTRIES, lost)

    assert await works.publish(site("1", "2")) == 2
    assert works.publisher.sent == {lost}


async def test_a_store_that_dies_between_send_and_flip_loses_nothing(works: Works) -> None:
    await works.publish(site("1"))
    works.publisher.dies_after_sending = True
    with pytest.raises(StoreUnavailableError):
        await works.publish(site("1", "2"))
    assert await works.press.current() == 1
    works.publisher.dies_after_sending = False

    assert await works.publish(site("1", "2")) == 2
    assert await works.press.current() == 2


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


async def test_another_writer_is_refused_until_the_lease_is_released(works: Works) -> None:
    other = Press(Publisher(works.client), "other", works.clock)
    await works.publish(site("1"))
    with pytest.raises(LeaseLostError):
        await other.publish(site("2"), "test", "")
    await works.press.release()

    made = await other.publish(site("2"), "test", "")
    assert made is not None
    assert made.generation == 2


async def test_a_writer_that_was_overtaken_competes_again(works: Works) -> None:
    await works.publish(site("1"))
    await works.client.delete(keys.LEASE)
    other = Press(Publisher(works.client), "other", works.clock)
    await other.hold_lease()
    with pytest.raises(LeaseLostError):
        await works.publish(site("1", "2"))
    await other.release()

    assert await works.publish(site("1", "2")) == 2


async def test_what_a_failed_publish_had_sent_does_not_stay(works: Works) -> None:
    """A store that ran full has to have room for the next try."""
    await works.publish(site("1"))
    before = await works.client.hkeys(keys.ENTRIES)
    works.publisher.dies_after_sending = True

    with pytest.raises(StoreUnavailableError):
        await works.publish(site("1", "2"))

    assert set(await works.client.hkeys(keys.ENTRIES)) == set(before)


async def test_what_no_generation_names_is_collected(works: Works) -> None:
    await works.publish(site("1"))
    orphan = b"sent by a writer that died before its flip"
    await works.publisher.send({digest(orphan): orphan})
    await works.publish(site("1", "2"))

    assert not await works.client.hexists(keys.ENTRIES, digest(orphan))
