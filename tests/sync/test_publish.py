"""The press on a real store: only what changed moves, and a lost or damaged store is filled anew."""

import msgspec
import pytest

from snapshot import (
    LeaseLostError,
    Publisher,
    StoreUnavailableError,
    decode_entry,
    decode_rows,
    digest,
    keys,
)
from sync.publish import Press
from tests.sync.presses import Works, site
from tests.sync.samples import NOON


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
