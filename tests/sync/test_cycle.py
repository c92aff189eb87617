"""One pass in this process, on real parts: what the loops of the daemon rely on."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import redis.asyncio
from blockbuster import blockbuster_ctx
from structlog.testing import capture_logs

from snapshot import PinnedError, Publisher, keys
from sync.cycle import STORAGE, Cycle
from sync.daemon import Daemon
from sync.errors import StorageError
from sync.media.store import Directory
from sync.publish import Press
from sync.render.card import page_slug
from sync.source import Intake
from sync.state.database import State
from tests.conftest import Upstream
from tests.sync.samples import NOON


async def leading(cycle: Cycle) -> Daemon:
    """A daemon that has just taken the lease."""
    daemon = Daemon(cycle, 900)
    await daemon._renew()
    return daemon


@contextlib.contextmanager
def unblocked() -> Iterator[None]:
    """A blocking call of ours on the event loop is an error."""
    with blockbuster_ctx("sync"):
        yield


async def test_a_pass_never_blocks_the_loop(cycle: Cycle) -> None:
    with unblocked():
        report = await cycle.refresh()
        asked = await cycle.pictures()

    assert (report.outcome, report.generation) == ("published", 1)
    assert asked > 10


async def test_pictures_go_on_while_publishing_is_pinned(
    cycle: Cycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.cycle.REPUBLISH_S", 0.0)
    monkeypatch.setattr("sync.cycle.REPUBLISH_REST", 0.0)
    await cycle.refresh()
    await asyncio.to_thread(cycle.state.remember, [], NOON + 1)
    await cycle.press.publisher.pin("hold")
    changed = await asyncio.to_thread(cycle.state.visible)
    await asyncio.to_thread(cycle.state.remember, [changed[0].listing], NOON + 2)

    with pytest.raises(PinnedError):
        await cycle.pictures()
    ledger = await asyncio.to_thread(cycle.state.media)
    assert {name.filename for name in changed[0].listing.media if name.kind != "video"} <= {
        *ledger
    }


async def test_a_younger_site_is_never_followed_by_an_older_one(cycle: Cycle) -> None:
    await cycle.refresh()
    homes = await asyncio.to_thread(cycle.state.visible)
    async with asyncio.TaskGroup() as group:
        for n in range(4):
            keep = [item.listing for item in homes[n + 1 :]]
            await asyncio.to_thread(cycle.state.remember, keep, NOON + n)
            group.create_task(cycle.publish("race"))

    assert await cycle.publish("again") is None  # the last word was the youngest


async def test_a_home_whose_slug_changes_is_found_under_the_former_one(cycle: Cycle) -> None:
    await cycle.refresh()
    homes = await asyncio.to_thread(cycle.state.visible)
    before = page_slug(homes[0])
    renamed = msgspec.structs.replace(homes[0].listing, area="Elsewhere", area_slug="elsewhere")
    listings = [renamed, *(home.listing for home in homes[1:])]
    await asyncio.to_thread(cycle.state.remember, listings, NOON + 1)

    site, _ = await asyncio.to_thread(cycle._site)
    after = page_slug(msgspec.structs.replace(homes[0], listing=renamed))
    assert before != after
    assert site.index.moved == {before: after}


async def test_two_short_lists_of_one_minute_do_not_agree(
    cycle: Cycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, now = cycle.source.listings, NOON

    async def few() -> Intake:
        intake = await whole()
        return msgspec.structs.replace(intake, listings=intake.listings[:2])

    await cycle.refresh()
    monkeypatch.setattr(cycle.source, "listings", few)
    monkeypatch.setattr(cycle, "clock", lambda: now)
    cycle.apart_s = 450

    assert (await cycle.refresh()).outcome == "held"
    now += 10
    assert (await cycle.refresh()).outcome == "held"
    now += 450
    assert (await cycle.refresh()).outcome != "held"


async def test_two_equal_short_lists_pass_the_guard(cycle: Cycle, pictureless: Upstream) -> None:
    await cycle.refresh()
    pictureless.fault("F19", variant="unknown", times=1)  # every row goes to quarantine

    report = await cycle.refresh()
    assert report.outcome == "held"
    assert len(report.quarantine) > 5
    assert (await cycle.refresh()).outcome == "unchanged"


async def test_the_daemon_takes_a_rollback_s_number_as_its_own(
    cycle: Cycle, store: redis.asyncio.Redis
) -> None:
    await cycle.refresh()
    await store.hset(keys.POINTER, "generation", "7")
    await (await leading(cycle))._check()

    assert cycle.press.floor == 7


async def test_the_daemon_fills_an_emptied_store_and_tells_of_its_source(
    cycle: Cycle, store: redis.asyncio.Redis
) -> None:
    await cycle.refresh()
    await store.flushall()
    await (await leading(cycle))._check()

    assert await cycle.press.current() == 2
    assert b'"outcome":"published"' in await cycle.press.publisher.source()


async def test_the_daemon_puts_a_damaged_pointer_right(
    cycle: Cycle, store: redis.asyncio.Redis
) -> None:
    await cycle.refresh()
    await store.hset(keys.POINTER, "generation", "rubbish")
    await (await leading(cycle))._check()

    assert await cycle.press.current() == 2


async def test_a_publish_under_way_is_not_taken_for_one_that_failed(cycle: Cycle) -> None:
    await cycle.refresh()
    async with cycle._publishing:
        waiting = asyncio.create_task(cycle.publish("list"))
        await asyncio.sleep(0)
        assert not cycle.unpublished
        waiting.cancel()
        await asyncio.wait({waiting})

    assert cycle.unpublished


async def test_another_writer_s_word_on_its_source_stays(
    cycle: Cycle, store: redis.asyncio.Redis, pictureless: Upstream
) -> None:
    other = Press(Publisher(store), "other", lambda: NOON)
    await other.tell(b"theirs")
    pictureless.fault("F1")

    assert (await cycle.refresh()).outcome == "failed"
    assert await cycle.press.publisher.source() == b"theirs"


async def test_a_pass_tells_how_long_its_stages_took(cycle: Cycle) -> None:
    report = await cycle.refresh()

    stages = ["fetch", "guard", "commit", "render", "publish"]
    assert list(report.stages) == stages
    assert 0 < sum(report.stages.values()) <= report.seconds + 0.1
    assert cycle.state.runs(1)[0].stages == report.stages


async def test_what_a_pass_finds_is_in_the_history(cycle: Cycle, pictureless: Upstream) -> None:
    await cycle.refresh()
    ref = str(pictureless.life("price_cut")["propref"])
    await cycle.refresh()
    pictureless.fault("F19", variant="unknown", propref=ref, times=1)
    report = await cycle.refresh()

    assert [event.kind for event in cycle.state.events(ref)] == ["first_seen", "price", "missing"]
    (row,) = cycle.state.quarantine()
    assert (row.ref, row.field) == (report.quarantine[0].id.lower(), "rentorbuy")
    assert f'"{ref}"'.encode() in cycle.state.source_row(ref)
    assert b"photo1binary" not in cycle.state.source_row(ref)


async def test_a_refused_list_stays_out_until_another_was_taken(
    cycle: Cycle, pictureless: Upstream
) -> None:
    await cycle.refresh()
    whole = await asyncio.to_thread(cycle.state.present)
    pictureless.fault("F19", variant="unknown")
    await cycle.refresh()
    cycle.state.refuse(by="operator", now=NOON)

    for _ in range(2):
        report = await cycle.refresh()
        assert (report.outcome, report.reason) == ("held", "0 listings, refused by an operator")
    assert await asyncio.to_thread(cycle.state.present) == whole
    pictureless.heal()
    pictureless.fault("F13")
    assert (await cycle.refresh()).outcome == "unchanged"
    assert cycle.state.open_holds() == []


async def test_a_fault_is_said_once_until_it_has_passed(cycle: Cycle) -> None:
    daemon, faults = Daemon(cycle, 900), [True, True, False, True]

    async def step() -> None:
        if faults.pop(0):
            raise PinnedError("held")

    with capture_logs() as lines:
        while faults:
            await daemon._supervised(step)

    assert [line["reason"] for line in lines] == ["PinnedError: held"] * 2


async def test_nothing_that_goes_wrong_ends_the_daemon(cycle: Cycle) -> None:
    async def step() -> int:
        raise ZeroDivisionError

    with capture_logs() as lines:
        assert await Daemon(cycle, 900)._supervised(step) is None

    assert [(line["event"], line["step"]) for line in lines] == [("unforeseen", "step")]


async def test_an_empty_list_is_held_even_when_the_state_is_new(
    cycle: Cycle, pictureless: Upstream, tmp_path: Path
) -> None:
    await cycle.refresh()
    cycle.state = State(f"sqlite:///{tmp_path}/new.db")
    cycle.state.migrate()
    pictureless.fault("F3")

    report = await cycle.refresh()

    assert report.outcome == "held"
    assert await cycle.press.published() != set()
    cycle.state.close()


async def test_an_operator_may_let_an_empty_list_in(cycle: Cycle, pictureless: Upstream) -> None:
    await cycle.refresh()
    pictureless.fault("F3")
    assert (await cycle.refresh()).outcome == "held"
    cycle.state.confirm(by="operator", now=NOON)

    assert (await cycle.refresh()).outcome != "held"
    assert cycle.state.open_holds() == []


async def test_a_store_without_room_is_told_of_and_takes_nothing_from_the_site(
    cycle: Cycle, pictureless: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cycle.refresh()
    pictureless.heal()
    with monkeypatch.context() as full:
        full.setattr(cycle.gallery.studio, "store", Directory(Path("/proc")))
        with pytest.raises(StorageError):
            await cycle.pictures()

    told = await asyncio.to_thread(cycle.state.note, STORAGE)
    assert told == "finished pictures cannot be kept: disk"
    value = cycle.gallery.metrics.registry.get_sample_value
    assert value("rentman_edge_sync_pictures_total", {"outcome": "failed"})
    assert await cycle.press.current() >= 1
    assert await asyncio.to_thread(cycle.state.media) == {}

    pictureless.fault("F13")
    await cycle.pictures()

    assert await asyncio.to_thread(cycle.state.note, STORAGE) == ""
