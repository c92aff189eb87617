"""The published tree while generations come quickly: nothing outdated is shown, nothing made in vain."""

import asyncio
import errno
from pathlib import Path
from unittest.mock import Mock

import pytest
import redis.asyncio

from edge import ahead, keeper
from edge.keeper import Keeper
from edge.reply import View
from edge.results import Results
from edge.table import Answer, Table, build
from edge.tree import Tree
from snapshot import Reader
from tests.edge.conftest import until
from tests.edge.trees import PAGES, files, shown, written
from tests.snapshot.made import generation, publish, row


class Site:
    """A store, and a keeper that is told of each generation as a follower tells it."""

    def __init__(self, client: redis.asyncio.Redis, root: Path) -> None:
        self.client, self.tree, self.view = client, Tree(root), View()
        self.keeper = Keeper(Reader(client), self.tree, lambda: self.view)

    async def flip(self, number: int) -> None:
        """`/api/a` changes with each, `/api/a/b` with none."""
        pages = PAGES | {"/api/a": shown(b"%d" % number)}
        await publish(self.client, number, pages, [row()], after=number - 1)
        self.view = View(table=build(*generation(number, pages, [row()]), None))
        self.keeper.flipped()


@pytest.fixture
async def site(store: redis.asyncio.Redis, tmp_path: Path) -> Site:
    made = Site(store, tmp_path)
    await made.flip(1)
    await made.keeper.lay_out()
    assert made.tree.generation() == 1
    return made


@pytest.fixture
async def bare(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Flips came too close together for lists; they rest when the test says so (`rest`)."""
    monkeypatch.setattr(keeper, "STORM_S", 60)
    await site.flip(2)
    await site.keeper.lay_out()
    assert not has_lists(site.tree.root)
    return site


def rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "STORM_S", 0)


def has_lists(root: Path) -> bool:
    return any(name.startswith("asked/") for name in files(root))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "GAP_S", 0.01)


async def test_in_a_storm_pages_follow_and_lists_when_flips_rest(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "STORM_S", 60)
    for number in range(2, 5):
        await site.flip(number)
        await site.keeper.lay_out()
        assert site.keeper.laid_out == site.tree.generation() == number
        assert set(files(tmp_path)) == {"api/a.json", "api/a/b.json"}
        await site.keeper.lay_out()
        assert set(files(tmp_path)) == {"api/a.json", "api/a/b.json"}

    rest(monkeypatch)
    with site.tree.alone():  # a sibling
        await site.keeper.lay_out()
    assert set(files(tmp_path)) == {"api/a.json", "api/a/b.json"}
    await site.keeper.lay_out()
    assert files(tmp_path)["api/a.json"] == b"4"
    assert has_lists(tmp_path)


async def test_what_changes_goes_at_once_and_nothing_comes_while_flips_do(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GAP_S", 60)
    monkeypatch.setattr(keeper, "LONGEST_S", 600)
    await site.flip(2)
    laid = asyncio.create_task(site.keeper.lay_out())
    for number in range(3, 6):
        await until(lambda: set(files(tmp_path)) == {"api/a/b.json"})
        await site.flip(number)
    assert (site.tree.generation(), laid.done()) == (1, False)
    laid.cancel()
    await asyncio.gather(laid, return_exceptions=True)


async def test_flips_without_end_keep_pages_away_only_for_so_long(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GAP_S", 60)
    monkeypatch.setattr(keeper, "LONGEST_S", 59)
    slept = Mock()

    async def sleep(seconds: float) -> None:
        slept(seconds)

    await site.flip(2)
    monkeypatch.setattr("edge.keeper.asyncio.sleep", sleep)
    await site.keeper.lay_out()

    slept.assert_called_once_with(60)  # the gap, though
    assert site.tree.generation() == 2


async def test_a_flip_while_lists_are_made_is_heeded_first(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or what it changes would be shown again."""
    made = ahead.most_asked

    async def meanwhile(table: Table, results: Results) -> dict[str, Answer]:
        monkeypatch.setattr(ahead, "most_asked", made)
        await site.flip(3)
        return await made(table, results)

    monkeypatch.setattr(keeper, "STORM_S", 0)
    monkeypatch.setattr(ahead, "most_asked", meanwhile)
    await site.flip(2)
    await site.keeper.lay_out()
    assert (site.tree.generation(), set(files(tmp_path))) == (1, {"api/a/b.json"})

    assert await site.keeper.flipped_within(0)
    await site.keeper.lay_out()
    assert files(tmp_path)["api/a.json"] == b"3"


async def test_lists_that_could_not_be_written_are_tried_again(
    bare: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rest(monkeypatch)
    with monkeypatch.context() as full:
        full.setattr("edge.tree.write", Mock(side_effect=OSError(errno.ENOSPC, "no space left")))
        await bare.keeper.lay_out()
        await bare.keeper.lay_out()
    assert [record.getMessage() for record in caplog.records] == [
        "the tree lacks lists: OSError: [Errno 28] no space left"
    ]
    assert (bare.tree.generation(), bare.keeper.fault) == (2, "OSError")

    await bare.keeper.lay_out()
    assert bare.keeper.fault == ""
    assert has_lists(tmp_path)


async def test_lists_are_not_added_to_what_another_left_torn(
    bare: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its pages would be replaced while Caddy may have looked them up."""
    await bare.keeper.lay_out()
    pages = {"/api/a": shown(b"of three"), "/api/a/b": shown(b"too")}
    bare.tree.take_away(build(*generation(3, pages, [row()]), None))  # and died
    rest(monkeypatch)
    await bare.keeper.lay_out()
    assert "the tree is not whole" in caplog.text

    await bare.keeper.lay_out()
    assert bare.tree.intact(*await whole(bare))
    assert files(tmp_path)["api/a.json"] == b"2"


async def whole(site: Site) -> tuple[Table, dict[str, Answer]]:
    table = site.view.table
    assert table is not None
    return table, await ahead.most_asked(table, Results())


async def test_a_flip_after_a_calm_is_laid_out_whole(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "STORM_S", 0.05)
    await asyncio.sleep(0.1)
    await site.flip(2)
    monkeypatch.setattr(keeper, "STORM_S", 60)  # what a storm would wait
    async with asyncio.timeout(10):
        await site.keeper.lay_out()

    assert files(tmp_path)["api/a.json"] == b"2"
    assert has_lists(tmp_path)


async def test_whoever_begins_where_another_took_away_fills_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died, or was ended, while flips did not rest."""
    monkeypatch.setattr(keeper, "GAP_S", 60)
    await site.flip(2)
    laid = asyncio.create_task(site.keeper.lay_out())
    await until(lambda: "api/a.json" not in files(tmp_path))
    laid.cancel()
    await asyncio.gather(laid, return_exceptions=True)
    tree = written(tmp_path, 3)

    assert files(tree.root) == {
        "api/a.json": PAGES["/api/a"].body,
        "api/a.json.gz": PAGES["/api/a"].gzip,
        "api/a/b.json": b"b",
    }


async def test_whoever_starts_where_lists_wait_does_not_take_the_tree_for_torn(
    bare: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    again = Keeper(bare.keeper.reader, bare.tree, lambda: bare.view)
    await again.lay_out()
    rest(monkeypatch)
    await again.lay_out()

    assert caplog.text == ""
    assert has_lists(tmp_path)
