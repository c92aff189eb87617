"""One pass in this process, on real parts: what the loops of the daemon rely on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import redis.asyncio
from blockbuster import blockbuster_ctx

from snapshot import PinnedError, Publisher, keys
from sync.cycle import CONFIRMED, HELD, Cycle
from sync.daemon import Daemon
from sync.gallery import Gallery
from sync.media.studio import Studio
from sync.model import Medium
from sync.publish import Press
from sync.render.card import page_slug
from sync.render.images import Links
from sync.rentman.client import Rentman
from sync.state.database import State
from tests.conftest import Upstream
from tests.sync.samples import NOON, picture


@pytest.fixture
async def cycle(
    pictureless: Upstream,
    make_client_of: Callable[[Upstream], Rentman],
    state: State,
    store: redis.asyncio.Redis,
    tmp_path: Path,
) -> AsyncIterator[Cycle]:
    source = make_client_of(pictureless)
    press = Press(Publisher(store), "writer", lambda: NOON)
    async with Studio(tmp_path / "media", profile="fast", workers=1) as studio:
        gallery = Gallery(source, studio, state, lambda: NOON, tmp_path / "media")
        links = Links("https://homes.example")
        yield Cycle(source, state, press, gallery, links, page_size=50, clock=lambda: NOON)


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


async def test_two_equal_short_lists_pass_the_guard(cycle: Cycle, pictureless: Upstream) -> None:
    await cycle.refresh()
    await asyncio.to_thread(cycle.state.set_note, HELD, "")
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
    await Daemon(cycle, 900)._check()

    assert cycle.press.floor == 7


async def test_the_daemon_fills_an_emptied_store_and_tells_of_its_source(
    cycle: Cycle, store: redis.asyncio.Redis
) -> None:
    await cycle.refresh()
    await store.flushall()
    await Daemon(cycle, 900)._check()

    assert await cycle.press.current() == 2
    assert b'"outcome":"published"' in await cycle.press.publisher.source()


async def test_a_fault_is_said_once_until_it_has_passed(
    cycle: Cycle, caplog: pytest.LogCaptureFixture
) -> None:
    daemon, faults = Daemon(cycle, 900), [True, True, False, True]

    async def step() -> None:
        if faults.pop(0):
            raise PinnedError("held")

    while faults:
        await daemon._supervised(step)

    assert [record.getMessage() for record in caplog.records] == ["step: PinnedError: held"] * 2


async def test_nothing_that_goes_wrong_ends_the_daemon(
    cycle: Cycle, caplog: pytest.LogCaptureFixture
) -> None:
    async def step() -> int:
        raise ZeroDivisionError

    assert await Daemon(cycle, 900)._supervised(step) is None
    assert "nobody foresaw" in caplog.text


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


async def test_a_picture_gone_from_the_disk_is_wanted_again(cycle: Cycle, tmp_path: Path) -> None:
    await cycle.refresh()
    name = cycle._wanted()[0]
    made = picture()
    cycle.state.keep_medium(Medium(filename=name.filename, picture=made))
    (tmp_path / "media" / made.key).mkdir(parents=True)
    assert name not in cycle._wanted()

    (tmp_path / "media" / made.key).rmdir()

    assert name in cycle._wanted()


async def test_an_operator_may_let_an_empty_list_in(cycle: Cycle, pictureless: Upstream) -> None:
    await cycle.refresh()
    pictureless.fault("F3")
    assert (await cycle.refresh()).outcome == "held"
    cycle.state.set_note(CONFIRMED, cycle.state.note(HELD))

    assert (await cycle.refresh()).outcome != "held"
    assert cycle.state.note(CONFIRMED) == ""
