"""What is on the disk goes only when nobody can ask for it any more."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from sync.cycle import Cycle
from sync.model import Medium
from sync.progress import Progress
from sync.publish import Press
from tests.conftest import Upstream
from tests.sync.samples import NOON, picture


async def test_a_picture_gone_from_the_disk_is_wanted_again(cycle: Cycle, tmp_path: Path) -> None:
    await cycle.refresh()
    name = cycle._wanted()[0]
    made = picture()
    recipes = cycle.gallery.studio.recipes()
    current = recipes["photo"]
    cycle.state.keep_medium(
        Medium(filename=name.filename, picture=made, recipe=current, share_recipe=recipes["share"])
    )
    (tmp_path / "media" / made.key).mkdir(parents=True)
    assert name not in cycle._wanted()

    (tmp_path / "media" / made.key).rmdir()

    assert name in cycle._wanted()


LOST, DAY = "f" * 32, 86_400


def age(cycle: Cycle, days: int) -> None:
    """Let time pass for all of it."""
    cycle.clock = cycle.gallery.clock = cycle.press.clock = lambda: NOON + days * DAY


async def shows_only_the_newest(cycle: Cycle, upstream: Upstream) -> None:
    """A new generation, and no older one retained."""
    upstream.life("price_cut")
    await cycle.refresh()
    await cycle.press.publisher.collect(await cycle.press.hold_lease(), retain=1)


async def test_a_file_goes_when_no_page_of_a_month_and_no_retained_generation_named_it(
    cycle: Cycle, pictureless: Upstream, tmp_path: Path
) -> None:
    await cycle.refresh()
    (tmp_path / "media" / LOST).mkdir()
    assert await cycle.tidy() == 0

    age(cycle, 29)
    await shows_only_the_newest(cycle, pictureless)
    assert await cycle.tidy() == 0

    age(cycle, 30)
    assert await cycle.tidy() == 1
    assert not (tmp_path / "media" / LOST).exists()


async def test_a_file_that_an_old_retained_generation_may_name_stays(
    cycle: Cycle, tmp_path: Path
) -> None:
    await cycle.refresh()
    (tmp_path / "media" / LOST).mkdir()
    await cycle.tidy()
    age(cycle, 400)

    assert await cycle.tidy() == 0
    assert (tmp_path / "media" / LOST).is_dir()


async def test_nothing_goes_while_a_rollback_can_be_shown(
    cycle: Cycle, pictureless: Upstream, tmp_path: Path
) -> None:
    await cycle.refresh()
    (tmp_path / "media" / LOST).mkdir()
    await cycle.tidy()
    age(cycle, 400)
    pictureless.life("price_cut")
    await cycle.refresh()
    await cycle.press.revert(1)
    await cycle.press.publisher.collect(await cycle.press.hold_lease(), retain=1)

    assert await cycle.tidy() == 0
    assert (tmp_path / "media" / LOST).is_dir()


async def test_what_a_listing_names_stays_for_ever_and_is_forgotten_with_it(
    cycle: Cycle, pictureless: Upstream, tmp_path: Path
) -> None:
    await cycle.refresh()
    name, made = cycle._wanted()[0], picture()
    await asyncio.to_thread(cycle.state.keep_medium, Medium(filename=name.filename, picture=made))
    gone = Medium(filename="of-a-home-long-let.jpg", picture=picture(LOST))
    await asyncio.to_thread(cycle.state.keep_medium, gone)
    for key in (made.key, LOST):
        (tmp_path / "media" / key).mkdir()
    await cycle.tidy()

    age(cycle, 400)
    await shows_only_the_newest(cycle, pictureless)

    assert await cycle.tidy() == 1
    assert set(cycle.gallery.ledger()) == {name.filename}
    assert (tmp_path / "media" / made.key).is_dir()


async def test_a_home_that_comes_back_while_its_pictures_go_is_not_published_with_them(
    cycle: Cycle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cycle.refresh()
    whole = [item.listing for item in await asyncio.to_thread(cycle.state.visible)]
    gone, made = whole[0], picture(LOST)
    name = next(name.filename for name in gone.media if name.kind == "photo")
    await asyncio.to_thread(cycle.state.keep_medium, Medium(filename=name, picture=made))
    (tmp_path / "media" / LOST).mkdir()
    for n in (1, 2):
        await asyncio.to_thread(cycle.state.remember, whole[1:], NOON + n)
    await cycle.tidy()
    age(cycle, 40)
    await cycle.publish("without it")
    await cycle.press.publisher.collect(await cycle.press.hold_lease(), retain=1)
    looked = Press.shown_since
    published: list[asyncio.Task[object]] = []

    async def meanwhile(press: Press) -> int:
        since = await looked(press)
        await asyncio.to_thread(cycle.state.remember, whole, NOON + 40 * DAY)
        published.append(asyncio.create_task(cycle.publish("it is back")))
        await asyncio.sleep(0.3)
        return since

    monkeypatch.setattr(Press, "shown_since", meanwhile)
    assert await cycle.tidy() == 1
    await published[0]

    assert LOST.encode() not in await everything_published(cycle)


async def everything_published(cycle: Cycle) -> bytes:
    reader = cycle.press.publisher
    pointer = await reader.pointer()
    assert pointer is not None
    names = (await reader.manifest(pointer.manifest)).digests()
    return b"".join((await reader.objects(names)).values())


async def test_nothing_is_set_aside_while_there_is_a_home_that_cannot_be_read(
    cycle: Cycle, tmp_path: Path
) -> None:
    await cycle.refresh()
    (tmp_path / "media" / LOST).mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute(
            "UPDATE listing SET payload = x'c1' WHERE ref = (SELECT min(ref) FROM listing)"
        )
        other.commit()
    await cycle.tidy()
    assert cycle.gallery.studio.store.unnamed() == {}


async def test_files_that_never_were_and_are_named_no_more_are_forgotten_in_time(
    cycle: Cycle,
) -> None:
    await cycle.refresh()
    names = [name.filename for name in cycle._wanted()]
    for filename, checked_at in ((names[0], 0), ("old.jpg", 0), ("young.jpg", NOON)):
        medium = Medium(filename=filename, reason="absent", checked_at=checked_at)
        await asyncio.to_thread(cycle.state.keep_medium, medium)
    await asyncio.to_thread(
        cycle.state.keep_medium, Medium(filename="lost.jpg", picture=picture())
    )

    await cycle.tidy()

    assert set(await asyncio.to_thread(cycle.state.media)) == {names[0], "young.jpg"}


async def test_removing_many_files_makes_steps(cycle: Cycle, tmp_path: Path) -> None:
    steps: list[float] = []

    def clock() -> float:
        steps.append(0)
        return 0.0

    cycle.gallery.progress = Progress(clock)
    many = {f"{n:032x}" for n in range(120)}
    for key in many:
        (tmp_path / "media" / key).mkdir()
    await cycle.gallery.remove(many)

    assert len(steps) == 3
    assert not any((tmp_path / "media" / key).exists() for key in many)
