"""The published tree: pages as files, that Caddy serves and an edge starts from."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import table
from edge.layout import POLICY
from edge.tags import tag
from edge.tree import Tree
from snapshot import Entry
from tests.edge.trees import (
    PACKED,
    PAGES,
    change,
    files,
    generations,
    laid_out,
    shown,
    stored,
    written,
)
from tests.snapshot.made import entry, generation, row


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


def test_addresses_that_show_the_same_share_a_file_where_the_disk_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home's page is at four addresses."""
    same = PAGES | {"/api/by/name": PAGES["/api/a"]}
    written(tmp_path / "linked", 1, same)

    def cannot(*_: str) -> None:
        raise PermissionError

    monkeypatch.setattr("edge.files.os.link", cannot)
    written(tmp_path / "alone", 1, same)

    assert files(tmp_path / "linked") == files(tmp_path / "alone")
    assert dates(tmp_path / "linked") == dates(tmp_path / "alone")
    for root, names in {"linked": 2, "alone": 1}.items():
        seen = (tmp_path / root / "live" / "api" / "by" / "name.json.gz").stat()
        assert seen.st_nlink == names


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
    tree = written(tmp_path, 1, before)
    manifest, objects = generation(2, before | {"/api/list": shown(b"[1]")}, [row()])
    del manifest.pages["/api/2"]
    made = table.build(manifest, objects, None)

    with tree.turn(2):
        tree.take_away(made)
        assert set(files(tmp_path)) == {"api/1.json", "api/2.json"}
        tree.fill(made, {})

    assert files(tmp_path) == {"api/1.json": b"1", "api/list.json": b"[1]"}


def test_what_only_older_generations_named_goes(tmp_path: Path) -> None:
    for number in range(1, 6):
        written(tmp_path, number, {"/api/a": shown(b"%d" % number)})

    assert generations(tmp_path) == [4, 5]  # an edge may be starting from 4
    assert len(list((tmp_path / "objects").iterdir())) == 3  # two entries and the index
    assert files(tmp_path) == {"api/a.json": b"5"}


ENTRIES = st.builds(
    lambda body, packed: entry(body, gzip=packed, cache_control=POLICY),
    st.binary(max_size=2),
    st.sampled_from([b"", b"packed"]),
)


@settings(deadline=None, max_examples=30)  # a slow disk is no fault
@given(history=st.lists(st.dictionaries(st.sampled_from("abcdef"), ENTRIES), max_size=6))
def test_what_is_changed_in_place_is_as_if_made_afresh(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, Entry]]
) -> None:
    """Whatever was published before, and with the same tags."""
    again, afresh = tmp_path_factory.mktemp("again"), tmp_path_factory.mktemp("afresh")
    sites = [{f"/api/{name}": page for name, page in site.items()} for site in history]
    for number, pages in enumerate([*sites, PAGES], start=1):
        written(again, number, pages)
        assert files(again) == {
            f"{path[1:]}.json{end}": body
            for path, entry_ in pages.items()
            for end, body in stored(entry_).items()
        }
    written(afresh, len(sites) + 1, PAGES)
    assert dates(again) == dates(afresh)


def dates(root: Path) -> dict[str, int]:
    return {name: (root / "live" / name).stat().st_mtime_ns for name in files(root)}


def test_lists_that_edges_make_are_laid_out_beside_pages(tmp_path: Path) -> None:
    """One answer may be at two addresses; where a page was published, that is shown."""
    tree, addresses = Tree(tmp_path), ("/api/list", "/api/other", "/api/a")
    for number, body in enumerate((b"[1]", b"[2]"), start=1):
        manifest, objects = generation(number, PAGES, [row()])
        made, lists = table.build(manifest, objects, None), table.answer(shown(body))
        with tree.turn(number):
            tree.keep(objects)
            change(tree, made, dict.fromkeys(addresses, lists))

        found = files(tmp_path)
        assert [found[f"{path[1:]}.json"] for path in addresses] == [body, body, b"a" * 9]
        assert tree.intact(made, dict.fromkeys(addresses, lists))
        assert not tree.intact(made, {})


def test_a_page_that_gives_way_to_a_list_is_never_replaced_under_a_visitor(tmp_path: Path) -> None:
    """It was not taken away, for a list may name it: so it goes first."""
    tree = written(tmp_path, 1, PAGES)
    for number, found in ((2, None), (3, b"[3]")):
        manifest, objects = generation(number, {"/api/c": shown(b"c")}, [row()])
        made = table.build(manifest, objects, None)
        with tree.turn(number):
            change(tree, made, {"/api/a": table.answer(shown(b"[%d]" % number))})
        assert files(tmp_path).get("api/a.json") == found
        assert "api/a.json.gz" not in files(tmp_path)


def test_an_answer_to_a_query_lies_where_no_path_leads(tmp_path: Path) -> None:
    """And a page is not taken for one, whatever is in its path."""
    asked, odd = "/api/list?channel=rent&sort=newest", "/api/odd?channel=rent"
    manifest, objects = generation(1, PAGES | {odd: shown(b"odd")}, [row()])
    tree, made = Tree(tmp_path), table.build(manifest, objects, None)
    lists = {asked: table.answer(shown(b"[1]"))}
    with tree.turn(1):
        change(tree, made, lists)

    found = files(tmp_path)
    assert found["asked/api/list/channel=rent&sort=newest.json"] == b"[1]"
    assert found["api/odd?channel=rent.json"] == b"odd"
    assert tree.intact(made, lists)


def test_folders_that_are_empty_go(tmp_path: Path) -> None:
    for number in range(1, 6):
        written(tmp_path, number, {f"/api/{number}/a": shown(b"a")})

    assert [path.name for path in (tmp_path / "live" / "api").iterdir()] == ["5"]


def test_an_encoding_that_a_page_no_longer_has_goes(tmp_path: Path) -> None:
    written(tmp_path, 1)
    written(tmp_path, 2, PAGES | {"/api/a": shown(b"new")})
    assert set(files(tmp_path)) == {"api/a.json", "api/a/b.json"}

    written(tmp_path, 3)
    written(tmp_path, 4, {"/api/a/b": PAGES["/api/a/b"]})
    assert set(files(tmp_path)) == {"api/a/b.json"}


def test_a_tree_of_the_release_before_is_started_from_and_cleared_away(tmp_path: Path) -> None:
    """It had a directory of pages for each generation, and all bodies in one."""
    written(tmp_path, 1)
    for name in ("live", "layout"):
        (tmp_path / name).unlink()
    shutil.copytree(tmp_path / "shown", tmp_path / "1" / "pages")
    shutil.move(tmp_path / "shown", tmp_path / "bodies")
    (tmp_path / "2.draft" / "pages").mkdir(parents=True)  # its writer died
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
