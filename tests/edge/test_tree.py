"""The published tree: whole generations of files, that Caddy serves and an edge starts from."""

import errno
import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis.asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import table
from edge.files import move
from edge.layout import POLICY
from edge.tags import tag
from edge.tree import Tree
from snapshot import FORMAT, DamagedError, Entry, Manifest, digest
from tests.conftest import eventually, running_valkey
from tests.edge.conftest import running_edge
from tests.snapshot.made import entry, generation, publish, row

PACKED = gzip.compress(b"a" * 9)
PAGES = {
    "/api/a": entry(b"a" * 9, gzip=PACKED, cache_control=POLICY),
    "/api/a/b": entry(b"b", cache_control=POLICY),
}


def written(root: Path, number: int, pages: dict[str, Entry] = PAGES) -> Tree:
    manifest, objects = generation(number, pages, [row()])
    tree = Tree(root, gap_s=0)
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
    return {"": entry_.body} | ({".gz": entry_.gzip} if entry_.gzip else {})


def generations(root: Path) -> list[int]:
    return sorted(int(path.name) for path in root.iterdir() if path.name.isdigit())


def files(root: Path) -> dict[str, bytes]:
    pages = root / "live"
    return {
        str(path.relative_to(pages)): path.read_bytes()
        for path in pages.rglob("*")
        if path.is_file()
    }


def test_each_encoding_is_a_file_dated_by_its_tag(tmp_path: Path) -> None:
    written(tmp_path, 1)
    found = {path.name: path for path in (tmp_path / "live" / "api").glob("a.json*")}
    answer = table.answer(PAGES["/api/a"])

    assert {name: path.read_bytes() for name, path in found.items()} == {
        "a.json": b"a" * 9,
        "a.json.gz": PACKED,
    }
    for name, coding in {"a.json": "identity", "a.json.gz": "gzip"}.items():
        seen = found[name].stat()
        assert tag(seen.st_mtime_ns, seen.st_size) == answer.stored[coding].etag


def test_what_was_laid_out_is_loaded_again_checked(tmp_path: Path) -> None:
    tree = written(tmp_path, 3)
    manifest, objects = tree.load()

    loaded = table.build(manifest, objects, None)
    assert loaded.generation == 3
    assert loaded.finder.rows == (row(),)


def test_unchanged_pages_are_left_alone(tmp_path: Path) -> None:
    written(tmp_path, 1)
    before = (tmp_path / "live" / "api" / "a.json").stat().st_ino
    written(tmp_path, 2, PAGES | {"/api/c": shown(b"c")})

    assert (tmp_path / "live" / "api" / "a.json").stat().st_ino == before


def test_what_changes_is_away_before_it_comes_back_and_what_goes_goes_last(tmp_path: Path) -> None:
    """Caddy looks a file up and then opens it: between, nothing may take its place. And no list that
    is still shown names a home that is gone."""
    before = {"/api/list": shown(b"[1,2]"), "/api/1": shown(b"1"), "/api/2": shown(b"2")}
    written(tmp_path, 1, before)
    manifest, objects = generation(2, before | {"/api/list": shown(b"[1]")}, [row()])
    del manifest.pages["/api/2"]
    seen: list[set[str]] = []

    def wait(_: float) -> None:
        seen.append(set(files(tmp_path)))

    tree = Tree(tmp_path, gap_s=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edge.tree.time.sleep", wait)
        assert laid_out(tree, manifest, objects)

    assert seen == [{"api/1.json", "api/2.json"}]
    assert files(tmp_path) == {"api/1.json": b"1", "api/list.json": b"[1]"}


def test_what_only_older_generations_named_goes(tmp_path: Path) -> None:
    for number in range(1, 6):
        written(tmp_path, number, {"/api/a": shown(b"%d" % number)})

    assert generations(tmp_path) == [4, 5]  # an edge may be starting from 4
    assert len(list((tmp_path / "objects").iterdir())) == 3  # two entries and the index
    assert files(tmp_path) == {"api/a.json": b"5"}


@settings(deadline=None, max_examples=30)  # a slow disk is no fault
@given(
    history=st.lists(st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=2)), max_size=6)
)
def test_what_is_changed_in_place_is_as_if_made_afresh(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, bytes]]
) -> None:
    """Whatever was published before."""
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


@pytest.mark.parametrize("victim", ["", ".gz"])
@pytest.mark.parametrize("how", ["gone", "cut", "dated otherwise"])
def test_a_tree_that_a_power_failure_cut_short_is_noticed_and_made_anew(
    tmp_path: Path, victim: str, how: str
) -> None:
    tree = written(tmp_path, 1)
    manifest, objects = generation(1, PAGES, [row()])
    made = table.build(manifest, objects, None)
    assert tree.intact(made, {})

    page = tmp_path / "shown" / "api" / f"a.json{victim}"
    match how:
        case "gone":
            page.unlink()
        case "cut":
            os.truncate(page, 0)
        case _:
            os.utime(page)

    assert not tree.intact(made, {})
    tree.withdraw()
    written(tmp_path, 1)
    assert tree.intact(made, {})
    assert files(tmp_path)[f"api/a.json{victim}"] == stored(PAGES["/api/a"])[victim]


def test_a_withdrawn_tree_is_not_made_of_what_it_was(tmp_path: Path) -> None:
    """It was withdrawn because its files may be torn: by a power failure, for one."""
    tree = written(tmp_path, 1)
    os.truncate(tmp_path / "shown" / "api" / "a.json", 0)
    tree.withdraw()
    assert not (tmp_path / "live").exists()

    written(tmp_path, 2)

    assert files(tmp_path)["api/a.json"] == b"a" * 9


def test_a_disk_that_keeps_no_nanoseconds_has_no_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Caddy's tags would not be the edges', nor differ where they must."""
    exact = os.utime

    def coarse(path: str, ns: tuple[int, int]) -> None:
        exact(path, ns=(ns[0] // 10**9 * 10**9, ns[1] // 10**9 * 10**9))

    monkeypatch.setattr("edge.files.os.utime", coarse)
    with pytest.raises(OSError, match="nanosecond"):
        written(tmp_path, 1)
    assert Tree(tmp_path).generation() == 0


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
    assert not (tmp_path / "objects").exists()


def test_folders_that_are_empty_go(tmp_path: Path) -> None:
    for number in range(1, 6):
        written(tmp_path, number, {f"/api/{number}/a": shown(b"a")})

    assert [path.name for path in (tmp_path / "live" / "api").iterdir()] == ["5"]


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


@pytest.mark.parametrize("after", range(5))
def test_whoever_dies_while_pages_change_is_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """At any file: none that the next generation has not is left, and none is missing."""
    many = {f"/api/{name}": shown(name.encode()) for name in "abcd"}
    written(tmp_path, 1, many | {"/api/gone": shown(b"gone")})
    monkeypatch.setattr("edge.tree.move", _killed_after(after))
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path, 2, {f"/api/{name}": shown(b"new") for name in "bcdefg"})
    monkeypatch.undo()
    left = (tmp_path / "live" / "api" / "a.json").exists()
    written(tmp_path, 3, {"/api/a": shown(b"a"), "/api/b": shown(b"b"), "/api/g": shown(b"g")})

    assert not left  # it was to go
    assert files(tmp_path) == {"api/a.json": b"a", "api/b.json": b"b", "api/g.json": b"g"}


def _killed_after(count: int) -> Callable[[str, str], None]:
    left = iter(range(count))

    def killed(there: str, here: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        move(there, here)

    return killed


def test_an_encoding_that_a_page_no_longer_has_goes(tmp_path: Path) -> None:
    written(tmp_path, 1)
    written(tmp_path, 2, PAGES | {"/api/a": shown(b"new")})
    assert set(files(tmp_path)) == {"api/a.json", "api/a/b.json"}

    written(tmp_path, 3)
    written(tmp_path, 4, {"/api/a/b": PAGES["/api/a/b"]})
    assert set(files(tmp_path)) == {"api/a/b.json"}


def test_a_withdrawn_tree_needs_no_room_beside_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may have been full: what is dead goes first, and so does what was half written."""
    tree = written(tmp_path, 1)
    tree.withdraw()
    seen: list[bool] = []

    def full(path: str, *_: object) -> None:
        seen.append((tmp_path / "shown" / "api").exists())
        Path(path).parent.mkdir(parents=True)
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("edge.tree.write", full)
    with pytest.raises(OSError, match="no space"):
        written(tmp_path, 2)

    assert seen == [False]
    assert not (tmp_path / "drafts").exists()


def test_a_generation_without_a_whole_manifest_is_passed_over_and_goes(tmp_path: Path) -> None:
    """Its writer died, or a store was lost whose numbers were higher."""
    written(tmp_path, 1)
    (tmp_path / "99").mkdir()
    assert Tree(tmp_path).load()[0].generation == 1

    written(tmp_path, 2)
    assert generations(tmp_path) == [1, 2]


def test_what_a_later_release_left_is_kept_and_hurts_nothing(tmp_path: Path) -> None:
    newer = msgspec.msgpack.encode({"format": FORMAT + 1})
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / f"manifest-{digest(newer)}").write_bytes(newer)

    assert written(tmp_path, 2).generation() == 2
    assert generations(tmp_path) == [1, 2]
    assert set(files(tmp_path)) == {"api/a.json", "api/a.json.gz", "api/a/b.json"}


def test_an_object_that_cannot_be_read_just_now_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the only copy would be thrown away when files run out."""
    manifest, objects = written(tmp_path, 1).load()

    def busy(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(Path, "read_bytes", busy)
    with pytest.raises(OSError, match="too many"):
        table.build(manifest, objects, None)


def test_a_disk_that_is_full_touches_nothing_that_is_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = written(tmp_path, 1)
    before = files(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("edge.tree.write", full)
    with pytest.raises(OSError, match="no space"):
        written(tmp_path, 2, {"/api/a": shown(b"new")})

    assert (tree.generation(), files(tmp_path)) == (1, before)


def test_a_number_without_the_link_is_none(tmp_path: Path) -> None:
    """Somebody took the link away: the next poll lays all out anew."""
    tree = written(tmp_path, 1)
    (tmp_path / "live").unlink()

    assert tree.generation() == 0


def test_nothing_is_shown_beside_what_could_not_be_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = written(tmp_path, 1)
    tree.withdraw()
    monkeypatch.setattr("edge.tree.shutil.rmtree", lambda *_, **__: None)
    with pytest.raises(FileExistsError):
        written(tmp_path, 2, {"/api/c": shown(b"c")})

    assert not (tmp_path / "live").exists()


def test_a_tree_of_the_release_before_is_started_from_and_cleared_away(tmp_path: Path) -> None:
    """It had a directory of pages for each generation, and all bodies in one."""
    written(tmp_path, 1)
    for name in ("live", "layout"):
        (tmp_path / name).unlink()
    shutil.copytree(tmp_path / "shown", tmp_path / "1" / "pages")
    shutil.move(tmp_path / "shown", tmp_path / "bodies")
    (tmp_path / "GENERATION").rename(tmp_path / "CURRENT")
    manifest, objects = Tree(tmp_path).load()
    assert table.build(manifest, objects, None).generation == 1

    written(tmp_path, 2)
    written(tmp_path, 3)

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {".lock", "2", "3", "GENERATION", "layout", "live", "objects", "shown"}
    assert files(tmp_path)["api/a.json"] == b"a" * 9


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
    assert files(tmp_path) == {"api/a.json": b"a"}


def test_an_older_generation_is_never_made_live(tmp_path: Path) -> None:
    tree = written(tmp_path, 2)
    manifest, objects = generation(1, PAGES)

    assert not laid_out(tree, manifest, objects)
    assert tree.generation() == 2


@pytest.mark.parametrize(
    "path", ["/api/../../../x", "/api//x", "/api/.hidden", "/api/" + "x" * 300]
)
def test_a_path_that_is_no_file_name_is_left_to_the_edge(tmp_path: Path, path: str) -> None:
    written(tmp_path / "tree", 1, {path: shown(b"x"), "/api/a": shown(b"a")})

    assert list(files(tmp_path / "tree")) == ["api/a.json"]
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
