"""The published tree while generations come quickly: nothing outdated is shown, nothing made in vain."""

import asyncio
from pathlib import Path

import pytest
import redis.asyncio

from edge import keeper
from edge.keeper import Keeper
from edge.reply import View
from edge.table import build
from edge.tree import Tree
from snapshot import Reader
from tests.edge.test_refresh import until
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

    monkeypatch.setattr(keeper, "STORM_S", 0)
    with site.tree.alone():  # a sibling
        await site.keeper.lay_out()
    assert set(files(tmp_path)) == {"api/a.json", "api/a/b.json"}
    await site.keeper.lay_out()
    assert files(tmp_path)["api/a.json"] == b"4"
    assert [name for name in files(tmp_path) if name.startswith("asked/")]


async def test_what_changes_goes_at_once_and_comes_when_no_flip_came_for_the_gap(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only for so long."""
    monkeypatch.setattr(keeper, "GAP_S", 60)
    monkeypatch.setattr(keeper, "LONGEST_S", 0.5)
    await site.flip(2)
    laid = asyncio.create_task(site.keeper.lay_out())
    for number in range(3, 6):
        await site.flip(number)
        await asyncio.sleep(0.1)
        assert (site.tree.generation(), set(files(tmp_path))) == (1, {"api/a/b.json"})

    monkeypatch.setattr(keeper, "GAP_S", 0.01)
    await asyncio.sleep(0.5)
    await site.flip(6)
    await laid
    assert files(tmp_path)["api/a.json"] == b"6"


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
    assert [name for name in files(tmp_path) if name.startswith("asked/")]


async def test_whoever_begins_where_another_took_away_fills_it(site: Site, tmp_path: Path) -> None:
    """It died, or was ended, while flips did not rest."""
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
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "STORM_S", 60)
    await site.flip(2)
    await site.keeper.lay_out()
    again = Keeper(site.keeper.reader, site.tree, lambda: site.view)
    await again.lay_out()
    monkeypatch.setattr(keeper, "STORM_S", 0)
    await again.lay_out()

    assert caplog.text == ""
    assert [name for name in files(tmp_path) if name.startswith("asked/")]
