"""The published tree as running edges lay it out, start from it and give it up."""

import os
from pathlib import Path

import redis.asyncio

from tests.conftest import eventually, running_valkey
from tests.edge.conftest import running_edge
from tests.edge.trees import PAGES, files, shown, written
from tests.snapshot.made import entry, publish, row


async def test_an_edge_starts_cold_from_the_tree_when_the_store_is_away(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    await publish(store, 1, PAGES, [row()])
    with running_edge(tmp_path, valkey_url) as edge:
        eventually((tmp_path / "tree" / "GENERATION").exists)
        assert edge.generation() == 1

    with running_edge(tmp_path, f"unix://{tmp_path}/nobody") as alone:
        assert alone.generation() == 1
        assert alone.http.get("/api/a").content == b"a" * 9
        assert alone.http.get("/api/properties").json()["total"] == 1


async def test_a_newer_generation_in_the_store_replaces_the_tree(tmp_path: Path) -> None:
    written(tmp_path / "tree", 4)
    (tmp_path / "v").mkdir()
    with running_valkey(tmp_path / "v") as url, running_edge(tmp_path, url) as edge:
        assert edge.generation() == 4
        client = redis.asyncio.Redis.from_url(url)
        await publish(client, 5, {"/api/a": entry(b"new")}, [row()], after=0)
        await client.aclose()

        eventually(lambda: edge.http.get("/api/a").content == b"new")
        eventually(lambda: (tmp_path / "tree" / "GENERATION").read_text() == "5")


async def test_a_tree_that_cannot_be_written_is_withdrawn_and_comes_back(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    """Visitors would see the old pages for as long as it lasts."""
    await publish(store, 1, PAGES, [row()])
    tree = tmp_path / "tree"
    with running_edge(tmp_path, valkey_url) as edge:
        eventually((tree / "GENERATION").exists)
        (tree / "layout").unlink()
        (tree / "layout").mkdir()
        await publish(store, 2, {"/api/a": shown(b"new")}, [row()])
        eventually(lambda: not (tree / "GENERATION").exists())
        eventually(lambda: edge.http.get("/api/a").content == b"new")

        (tree / "layout").rmdir()
        eventually(lambda: (tree / "GENERATION").read_text() == "2")


async def test_a_damaged_tree_is_laid_out_anew(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    await publish(store, 1, PAGES, [row()])
    written(tmp_path / "tree", 1)
    victim = next((tmp_path / "tree" / "objects").iterdir())
    victim.write_bytes(b"")
    with running_edge(tmp_path, valkey_url) as edge:
        eventually(edge.generation)
        eventually(lambda: victim.stat().st_size)
    assert "damaged" in edge.log.read_text()


async def test_a_tree_cut_short_is_laid_out_anew(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    await publish(store, 1, PAGES, [row()])
    with running_edge(tmp_path, valkey_url):
        eventually((tmp_path / "tree" / "GENERATION").exists)
    os.truncate(tmp_path / "tree" / "shown" / "api" / "a.json", 0)
    with running_edge(tmp_path, valkey_url):
        eventually(lambda: files(tmp_path / "tree").get("api/a.json") == b"a" * 9)


def test_two_edges_share_one_tree(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    with tree.alone() as mine, tree.alone() as other:
        assert (mine, other) == (True, False)
