"""The published tree: whole generations of files, that Caddy serves and an edge starts from."""

import gzip
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import table
from edge.layout import POLICY
from edge.tree import Tree
from snapshot import DamagedError, Entry, Manifest, digest, encode
from tests.conftest import eventually, running_valkey
from tests.edge.conftest import running_edge
from tests.snapshot.made import entry, generation, publish, row

PACKED = gzip.compress(b"a" * 9)
PAGES = {
    "/api/a": entry(b"a" * 9, gzip=PACKED, cache_control=POLICY),
    "/api/a/b": entry(b"b", cache_control=POLICY),
}


def written(root: Path, number: int, pages: dict[str, Entry] = PAGES, grace_s: float = 0) -> Tree:
    manifest, objects = generation(number, pages, [row()])
    tree = Tree(root, grace_s)
    assert laid_out(tree, manifest, objects)
    return tree


def laid_out(tree: Tree, manifest: Manifest, objects: dict[str, bytes]) -> bool:
    with tree.turn(manifest.generation) as mine:
        if mine:
            tree.keep(objects)
            tree.publish(table.build(manifest, objects, None), {})
    return mine


def shown(body: bytes) -> Entry:
    return entry(body, cache_control=POLICY)


def stored(entry_: Entry) -> dict[str, bytes]:
    """The files of one page, by suffix."""
    made = {"": entry_.body, ".etag": entry_.etag.encode()}
    if entry_.gzip:
        made |= {".gz": entry_.gzip, ".gz.etag": f'{entry_.etag[:-1]}.gz"'.encode()}
    return made


def generations(root: Path) -> list[int]:
    return sorted(int(path.name) for path in root.iterdir() if path.name.isdigit())


def files(root: Path) -> dict[str, bytes]:
    pages = live(root)
    return {
        str(path.relative_to(pages)): path.read_bytes()
        for path in pages.rglob("*")
        if path.is_file()
    }


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
    written(tmp_path, 2, PAGES | {"/api/c": shown(b"c")})

    assert (live(tmp_path) / "api" / "a.json").stat().st_ino == before


def test_old_generations_go_after_their_grace_and_take_what_only_they_named(
    tmp_path: Path,
) -> None:
    for number in range(1, 5):
        written(tmp_path, number, {"/api/a": shown(b"%d" % number)}, grace_s=60)
    for number in range(1, 4):
        os.utime(tmp_path / str(number), (0, 0))
    written(tmp_path, 5, {"/api/a": shown(b"5")}, grace_s=60)

    assert generations(tmp_path) == [2, 4, 5]  # 3 became 5; 2 is there to become 6
    assert len(list((tmp_path / "objects").iterdir())) == 4  # three entries and the index
    assert sorted(path.suffix for path in (tmp_path / "bodies").iterdir()) == ["", ".etag"]
    assert (live(tmp_path) / "api" / "a.json").read_bytes() == b"5"


def test_the_grace_of_a_generation_begins_when_another_takes_its_place(tmp_path: Path) -> None:
    """However long it had been live before."""
    for number in range(1, 6):
        written(tmp_path, number, grace_s=60)
        os.utime(tmp_path / str(number), (0, 0))

    assert generations(tmp_path) == [1, 2, 3, 4, 5]


@settings(deadline=None, max_examples=30)  # a slow disk is no fault
@given(
    history=st.lists(st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=2)), max_size=6)
)
def test_a_directory_made_of_an_old_one_is_as_if_made_afresh(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, bytes]]
) -> None:
    """Whatever was published before: with no grace, each generation is made of one before it."""
    again, afresh = tmp_path_factory.mktemp("again"), tmp_path_factory.mktemp("afresh")
    sites = [{f"/api/{name}": shown(body) for name, body in site.items()} for site in history]
    for number, pages in enumerate([*sites, PAGES], start=1):
        written(again, number, pages)
        assert files(again) == {
            f"{path[1:]}.json{end}": body
            for path, entry_ in pages.items()
            for end, body in stored(entry_).items()
        }
    written(afresh, len(sites) + 1, PAGES)
    assert files(again) == files(afresh)


@pytest.mark.parametrize("victim", ["", ".etag", ".gz", ".gz.etag"])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_body_that_is_gone_or_cut_short_is_written_again(
    tmp_path: Path, victim: str, how: str
) -> None:
    """By a power failure, or a writer killed while it swept."""
    written(tmp_path, 1)
    body = tmp_path / "bodies" / f"{digest(encode(PAGES['/api/a']))}{victim}"
    body.unlink()
    if how == "cut":
        body.write_bytes(b"")
    for place in tmp_path.glob("[0-9]"):
        shutil.rmtree(place)  # so that nothing is made of it

    written(tmp_path, 3)

    assert files(tmp_path)[f"api/a.json{victim}"] == stored(PAGES["/api/a"])[victim]


def test_a_tree_that_a_power_failure_cut_short_is_noticed(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    manifest, objects = generation(1, PAGES, [row()])
    made = table.build(manifest, objects, None)
    assert tree.intact(made, {})

    (tmp_path / "bodies" / digest(encode(PAGES["/api/a"]))).write_bytes(b"")

    assert not tree.intact(made, {})


def test_a_withdrawn_tree_is_not_made_of_what_it_was(tmp_path: Path) -> None:
    """It was withdrawn because its files may be torn: by a power failure, for one."""
    tree = written(tmp_path, 1)
    os.truncate(tmp_path / "bodies" / digest(encode(PAGES["/api/a"])), 0)
    tree.withdraw()

    written(tmp_path, 1)

    assert files(tmp_path)["api/a.json"] == b"a" * 9


def test_an_empty_object_is_asked_for_again(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    manifest, objects = generation(1, PAGES, [row()])
    victim = next(iter(objects))
    (tmp_path / "objects" / victim).write_bytes(b"")

    assert tree.lacks(manifest) == {victim}


def test_an_object_under_a_wrong_name_is_not_kept(tmp_path: Path) -> None:
    manifest, objects = generation(1, PAGES, [row()])

    with pytest.raises(DamagedError), Tree(tmp_path).turn(manifest.generation):
        Tree(tmp_path).keep(dict.fromkeys(objects, b"something else"))
    assert Tree(tmp_path).generation() == 0


def test_folders_that_are_empty_go(tmp_path: Path) -> None:
    for number in range(1, 6):
        written(tmp_path, number, {f"/api/{number}/a": shown(b"a")})

    assert [path.name for path in (live(tmp_path) / "api").iterdir()] == ["5"]


def test_a_withdrawn_tree_is_still_good_to_start_from(tmp_path: Path) -> None:
    tree = written(tmp_path, 3)
    tree.withdraw()

    assert tree.generation() == 0
    assert tree.load()[0].generation == 3


def test_a_damaged_tree_is_discarded_once(tmp_path: Path) -> None:
    tree = written(tmp_path, 3)
    tree.discard(2)
    assert tree.generation() == 3

    tree.discard(3)

    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_what_a_dead_writer_left_is_cleared_away(tmp_path: Path) -> None:
    written(tmp_path, 1)
    (tmp_path / "2.draft" / "pages").mkdir(parents=True)
    (tmp_path / "3").mkdir()

    written(tmp_path, 3)

    assert generations(tmp_path) == [1, 3]
    assert not list(tmp_path.glob("*.draft"))
    assert files(tmp_path)


def test_a_tree_of_the_release_before_is_taken_over(tmp_path: Path) -> None:
    """It has no record of its layout, so nothing is made of it."""
    written(tmp_path, 1)
    (tmp_path / "1" / "layout").unlink()
    written(tmp_path, 2)
    written(tmp_path, 3, {"/api/c": shown(b"c")})

    assert Tree(tmp_path).load()[0].generation == 3
    assert set(files(tmp_path)) == {"api/c.json", "api/c.json.etag"}


@pytest.mark.parametrize(
    "changes",
    [{"status": 410}, {"content_type": "text/plain"}, {"cache_control": "no-cache"}],
)
def test_what_caddy_would_answer_otherwise_is_left_to_the_edge(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    odd = entry(b"x", **({"cache_control": POLICY} | changes))
    written(tmp_path, 1, PAGES | {"/api/odd": odd})

    assert not [name for name in files(tmp_path) if "odd" in name]


def test_a_page_and_a_folder_of_one_name_do_not_stop_the_tree(tmp_path: Path) -> None:
    written(tmp_path, 1, {"/api/a": shown(b"a"), "/api/a.json/b": shown(b"b")})
    written(tmp_path, 2, {"/api/a.json/b": shown(b"b"), "/api/a": shown(b"a")})

    assert Tree(tmp_path).generation() == 2


def test_an_older_generation_is_never_made_live(tmp_path: Path) -> None:
    tree = written(tmp_path, 2)
    manifest, objects = generation(1, PAGES)

    assert not laid_out(tree, manifest, objects)
    assert tree.generation() == 2


@pytest.mark.parametrize("path", ["/api/../../x", "/api//x", "/api/.hidden", "/api/" + "x" * 300])
def test_a_path_that_is_no_file_name_is_left_to_the_edge(tmp_path: Path, path: str) -> None:
    written(tmp_path / "tree", 1, {path: shown(b"x"), "/api/a": shown(b"a")})

    assert [p.name for p in live(tmp_path / "tree").rglob("*.json")] == ["a.json"]
    assert [p.name for p in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize("name", ["objects", "1/manifest"])
def test_a_tree_with_something_gone_says_so(tmp_path: Path, name: str) -> None:
    tree = written(tmp_path, 1)
    if name == "objects":
        next((tmp_path / name).iterdir()).unlink()
    else:
        next(tmp_path.glob(f"{name}*")).unlink()

    with pytest.raises(DamagedError):
        table.build(*tree.load(), None)


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


async def test_a_tree_that_cannot_be_written_is_withdrawn_and_comes_back(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    """Visitors would see the old pages for as long as it lasts."""
    await publish(store, 1, PAGES, [row()])
    tree = tmp_path / "tree"
    with running_edge(tmp_path, valkey_url) as edge:
        eventually((tree / "CURRENT").exists)
        (tree / "bodies").rename(tree / "away")
        (tree / "bodies").write_text("in the way")
        await publish(store, 2, {"/api/a": shown(b"new")}, [row()])
        eventually(lambda: not (tree / "CURRENT").exists())
        eventually(lambda: edge.http.get("/api/a").content == b"new")

        (tree / "bodies").unlink()
        eventually(lambda: (tree / "CURRENT").read_text() == "2")


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
        eventually((tmp_path / "tree" / "CURRENT").exists)
    os.truncate(tmp_path / "tree" / "bodies" / digest(encode(PAGES["/api/a"])), 0)
    with running_edge(tmp_path, valkey_url):
        eventually(lambda: files(tmp_path / "tree").get("api/a.json") == b"a" * 9)


def test_two_edges_share_one_tree(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    with tree._locked() as mine, tree._locked() as other:
        assert (mine, other) == (True, False)
