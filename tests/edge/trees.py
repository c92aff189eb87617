"""Trees for tests, laid out by no edge."""

import gzip
from collections.abc import Mapping
from pathlib import Path

from edge import table
from edge.layout import POLICY
from edge.table import Answer, Table
from edge.tree import Tree
from snapshot import Entry, Manifest
from tests.snapshot.made import entry, generation, row

PACKED = gzip.compress(b"a" * 9)
PAGES = {
    "/api/a": entry(b"a" * 9, gzip=PACKED, cache_control=POLICY),
    "/api/a/b": entry(b"b", cache_control=POLICY),
}


def written(root: Path, number: int, pages: dict[str, Entry] = PAGES) -> Tree:
    manifest, objects = generation(number, pages, [row()])
    tree = Tree(root)
    assert laid_out(tree, manifest, objects)
    return tree


def laid_out(tree: Tree, manifest: Manifest, objects: dict[str, bytes]) -> bool:
    with tree.turn(manifest.generation) as mine:
        if mine:
            tree.keep(objects)
            change(tree, table.build(manifest, objects, None), {})
    return mine


def change(tree: Tree, made: Table, lists: Mapping[str, Answer]) -> None:
    """Within a turn; Caddy, which would need a moment between the two, is not there."""
    tree.take_away(made)
    tree.fill(made, lists)


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
