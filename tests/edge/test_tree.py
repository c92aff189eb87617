"""The published tree: whole generations of files, that Caddy serves and an edge starts from."""

import gzip
import os
from pathlib import Path

import pytest
import redis.asyncio

from edge import table
from edge.tree import Tree
from snapshot import DamagedError, Entry
from tests.conftest import eventually, running_valkey
from tests.edge.conftest import running_edge
from tests.snapshot.made import entry, generation, publish, row

PACKED = gzip.compress(b"a" * 9)
PAGES = {"/api/a": entry(b"a" * 9, gzip=PACKED), "/api/a/b": entry(b"b")}


def written(root: Path, number: int, pages: dict[str, Entry] = PAGES, grace_s: float = 0) -> Tree:
    manifest, objects = generation(number, pages, [row()])
    tree = Tree(root, grace_s)
    assert tree.write(table.build(manifest, objects, None), objects, {})
    return tree


def live(root: Path) -> Path:
    return root / (root / "CURRENT").read_text() / "pages"


def test_each_encoding_has_its_body_and_its_tag_beside_it(tmp_path: Path) -> None:
    written(tmp_path, 1)
    found = {path.name: path.read_bytes() for path in (live(tmp_path) / "api").glob("a.json*")}

    tag = PAGES["/api/a"].etag.strip('"').encode()
    assert found == {
        "a.json": b"a" * 9,
        "a.json.etag": b'"' + tag + b'"',
        "a.json.gz": PACKED,
        "a.json.gz.etag": b'"' + tag + b'.gz"',
    }


def test_what_was_laid_out_is_loaded_again_checked(tmp_path: Path) -> None:
    tree = written(tmp_path, 3)
    manifest, objects = tree.load()

    loaded = table.build(manifest, objects, None)
    assert loaded.generation == 3
    assert loaded.finder.rows == (row(),)


def test_unchanged_pages_are_the_same_file_in_the_next_generation(tmp_path: Path) -> None:
    written(tmp_path, 1)
    before = (live(tmp_path) / "api" / "a.json").stat().st_ino
    written(tmp_path, 2, PAGES | {"/api/c": entry(b"c")})

    assert (live(tmp_path) / "api" / "a.json").stat().st_ino == before


def test_old_generations_go_after_their_grace_and_take_what_only_they_named(
    tmp_path: Path,
) -> None:
    for number in range(1, 5):
        written(tmp_path, number, {"/api/a": entry(b"%d" % number)})
        os.utime(tmp_path / str(number), (0, 0))
    written(tmp_path, 5, {"/api/a": entry(b"5")})

    assert sorted(path.name for path in tmp_path.iterdir() if path.name.isdigit()) == ["4", "5"]
    assert len(list((tmp_path / "objects").iterdir())) == 3  # two entries and the index
    assert (live(tmp_path) / "api" / "a.json").read_bytes() == b"5"


def test_an_older_generation_is_never_made_live(tmp_path: Path) -> None:
    tree = written(tmp_path, 2)
    manifest, objects = generation(1, PAGES)

    assert not tree.write(table.build(manifest, objects, None), objects, {})
    assert tree.generation() == 2


@pytest.mark.parametrize("path", ["/api/../../x", "/api//x", "/api/.hidden", "/api/" + "x" * 300])
def test_a_path_that_is_no_file_name_is_left_to_the_edge(tmp_path: Path, path: str) -> None:
    written(tmp_path / "tree", 1, {path: entry(b"x"), "/api/a": entry(b"a")})

    assert [p.name for p in live(tmp_path / "tree").rglob("*.json")] == ["a.json"]
    assert [p.name for p in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize("name", ["CURRENT", "objects", "1/manifest"])
def test_a_tree_with_something_gone_says_so(tmp_path: Path, name: str) -> None:
    tree = written(tmp_path, 1)
    if name == "objects":
        next((tmp_path / name).iterdir()).unlink()
    else:
        next(tmp_path.glob(f"{name}*")).unlink()

    with pytest.raises(DamagedError):
        tree.load()


def test_an_altered_object_is_not_served(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    victim = next((tmp_path / "objects").iterdir())
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    manifest, objects = tree.load()

    with pytest.raises(DamagedError):
        table.build(manifest, objects, None)


async def test_an_edge_starts_cold_from_the_tree_when_the_store_is_away(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    await publish(store, 1, PAGES, [row()])
    with running_edge(tmp_path, valkey_url) as edge:
        eventually((tmp_path / "tree" / "CURRENT").exists)
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
        eventually(lambda: (tmp_path / "tree" / "CURRENT").read_text() == "5")


def test_two_edges_share_one_tree(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    with tree._locked() as mine, tree._locked() as other:
        assert (mine, other) == (True, False)
