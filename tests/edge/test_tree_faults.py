"""The published tree when disks are full, power fails, writers die and files are damaged."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from edge import table
from edge.files import move
from edge.tree import Tree
from snapshot import FORMAT, DamagedError, digest
from tests.edge.trees import PAGES, files, generations, shown, stored, written
from tests.snapshot.made import generation, row


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


def test_what_nobody_can_say_is_shown_is_shown_no_more(tmp_path: Path) -> None:
    tree = written(tmp_path, 1)
    (tmp_path / "layout").write_bytes(b"")
    tree.take_away(table.build(*generation(2, PAGES, [row()]), None))

    assert not (tmp_path / "live").exists()


def test_a_disk_that_is_full_leaves_what_has_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = written(tmp_path, 1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("edge.tree.write", full)
    with pytest.raises(OSError, match="no space"):
        written(tmp_path, 2, PAGES | {"/api/a": shown(b"new")})
    assert (tree.generation(), files(tmp_path)) == (1, {"api/a/b.json": b"b"})

    monkeypatch.undo()
    written(tmp_path, 3)
    assert files(tmp_path)["api/a.json"] == b"a" * 9


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
