"""A generation laid out as files: Caddy's fast tier, and the copy an edge starts from without Redis.

    GENERATION                   the number of the generation that is laid out, replaced by rename
    objects/<digest>             entries and artefacts as they are in the store
    <generation>/manifest-<digest>
    layout                       which answer each file below shown/ shows
    shown/<path>.json[.gz …]     each encoding, of a date that makes Caddy give it its tag (`edge.tags`);
                                 one file, linked, where addresses show the same
    shown/asked/<path>/<query>.json[.gz …]  the same of what is asked most (`edge.query.usual`)
    live -> shown                where Caddy looks
    drafts/                      what is to come

Pages are changed where they are. Caddy looks a file up before it opens it, and an answer must not be
made of two: so what changes is taken away at once, and its successor, written aside, moved in only when
whoever had looked it up is done. Edges answer it meanwhile. What is gone for good goes after that, for
no list names it any more.
Nothing is forced to the disk: an edge that starts looks whether all is there at its full length, for
a power failure may have cut it; without `live`, which a boot removes, all is laid out anew.
Several edges may share a tree: the one that holds the lock writes, the others go on.
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge.files import link, listed, move, point, put, remove, shows, sweep, write
from edge.layout import (
    MADE,
    File,
    Layout,
    added,
    files,
    gone,
    layout,
    lingering,
    named,
    outdated,
    unsure,
)
from edge.table import Answer, Table
from snapshot import (
    UNREADABLE,
    DamagedError,
    Manifest,
    NewerFormatError,
    SnapshotError,
    decode_manifest,
    digest,
    encode,
)

GENERATION, LAYOUT, LIVE = "GENERATION", "layout", "live"
SHOWN, DRAFTS = "shown", "drafts"
KEPT = 2  # manifests: an edge may be starting from the one before


@dataclass(frozen=True, slots=True)
class Tree:
    root: Path

    def generation(self) -> int:
        """The live generation, 0 for none."""
        with contextlib.suppress(OSError, ValueError):
            if (self.root / LIVE).is_symlink():
                return int((self.root / GENERATION).read_text())
        return 0

    def load(self) -> tuple[Manifest, "Objects"]:
        """The newest generation with a whole manifest; its objects are not yet checked.

        Not only the live one: a tree that was withdrawn is still good to start from. Raises
        `SnapshotError` when there is none.
        """
        for number in self._numbers():
            with contextlib.suppress(OSError, ValueError, DamagedError):
                manifest = _manifest(self.root / str(number))
                return manifest, Objects(self.root / "objects", manifest)
        raise DamagedError(f"no whole generation in {self.root}")

    def lacks(self, manifest: Manifest) -> set[str]:
        """The objects of this manifest that are not on disk yet; an empty file is none."""
        held = {name for name, size in listed(self.root / "objects").items() if size}
        return manifest.digests() - held

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other edge writes here, for as long as the block lasts."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    @contextlib.contextmanager
    def turn(self, number: int) -> Iterator[bool]:
        """Whether it is this edge's turn to lay that generation out, for as long as the block lasts:
        no other edge does it, or has done it."""
        with self.alone() as mine:
            yield mine and self.generation() < number

    def keep(self, objects: Mapping[str, bytes]) -> None:
        """What `lacks` said, as it is stored; for `fill`, within the same turn.

        Raises `OSError`, or `DamagedError` for an object that is not what its name says.
        """
        for name, data in objects.items():
            if digest(data) != name:
                raise DamagedError(f"object {name} does not match its digest")
            put(self.root / "objects" / name, data)

    def take_away(self, table: Table) -> None:
        """What may not be shown any more once edges serve `table`; within a turn.

        Raises `OSError`: what is live may then be of two generations, and is to be withdrawn. So
        does `fill`. Whoever dies in either is gone on from by the next.
        """
        held = self._held()
        if not held:  # nobody can say what is shown
            self.withdraw()
        going = outdated(held, layout(table, {}))
        if going:
            put(self.root / LAYOUT, msgspec.msgpack.encode(unsure(held, going)), replace=True)
        for file in named(held, going):
            (self.root / SHOWN / file).unlink(missing_ok=True)

    def fill(self, table: Table, lists: Mapping[str, Answer]) -> None:
        """Show `table`, some time after its `take_away`, and then perhaps with more `lists`; within a turn.

        `lists`: answers the edge makes itself, by address.
        """
        laid = layout(table, lists)
        held = self._held()
        if not held:
            self._clear()
        for file in lingering(held, laid):
            del laid[file]  # it goes now, and comes with the next generation
        new = added(held, laid)
        self._draft(files(table, lists, new))
        self._change(held, laid, new)
        put(self.root / LAYOUT, msgspec.msgpack.encode(laid), replace=True)
        self._record(table)
        point(self.root / LIVE, SHOWN)
        put(self.root / GENERATION, str(table.generation).encode(), replace=True)
        with contextlib.suppress(OSError, SnapshotError):  # the next one does it
            self._collect(table)

    def bare(self) -> bool:
        """Whether it was laid out without the lists that edges make."""
        return not any(name.startswith(MADE) for name, _ in self._held().values())

    def intact(self, table: Table, lists: Mapping[str, Answer]) -> bool:
        """Whether the pages of this generation are on disk at their full length; for when one is alone."""
        laid = layout(table, lists)
        return self._held() == laid and all(
            shows(f"{self.root}/{SHOWN}/{file.name}", len(file.body), file.moment)
            for file in files(table, lists, laid)
        )

    def withdraw(self) -> None:
        """Leave visitors to the edges: what is live here can no longer be kept up to date."""
        for name in (LIVE, GENERATION):
            with contextlib.suppress(OSError):
                (self.root / name).unlink(missing_ok=True)

    def discard(self, number: int) -> None:
        """Begin anew, if the damaged generation is still the one to start from."""
        with self.alone() as mine:
            if mine and self._first() == number:
                self.withdraw()
                (self.root / LAYOUT).unlink(missing_ok=True)
                for place in self.root.iterdir():
                    if place.is_dir():
                        shutil.rmtree(place, ignore_errors=True)

    def _held(self) -> Layout:
        """What shown/ shows; nothing where nobody can say, or where it was withdrawn: it may be torn."""
        try:
            if (self.root / LIVE).is_symlink():
                return msgspec.msgpack.decode((self.root / LAYOUT).read_bytes(), type=Layout)
        except (OSError, *UNREADABLE):
            pass
        return {}

    def _clear(self) -> None:
        """Before anything is written, for it may need the room."""
        self.withdraw()
        shown = self.root / SHOWN
        shutil.rmtree(shown, ignore_errors=True)
        shown.mkdir()  # fails where something could not be removed: nobody knows what it shows

    def _draft(self, new: Iterable[File]) -> None:
        """Nothing that is live is touched until all of it is written: the disk may be full."""
        drafts = self.root / DRAFTS
        shutil.rmtree(drafts, ignore_errors=True)
        try:
            first: dict[int, str] = {}
            for file in new:
                path = f"{drafts}/{file.name}"
                same = first.setdefault(file.moment, path)
                if same == path or not link(same, path):
                    write(path, file.body, file.moment)
        except OSError:
            shutil.rmtree(drafts, ignore_errors=True)  # others need the room
            raise

    def _change(self, held: Layout, laid: Layout, new: Layout) -> None:
        drafts, shown, going = self.root / DRAFTS, self.root / SHOWN, gone(held, laid)
        changing = unsure(held, going | new.keys())
        put(self.root / LAYOUT, msgspec.msgpack.encode(changing), replace=True)
        for file in named(held, going):
            remove(shown, file)
        for file in named(laid, new):
            move(f"{drafts}/{file}", f"{shown}/{file}")

    def _first(self) -> int:
        """The generation that one would start from, 0 for none."""
        with contextlib.suppress(SnapshotError):
            return self.load()[0].generation
        return 0

    def _numbers(self) -> list[int]:
        """The generations on disk, newest first."""
        names = (name for name in listed(self.root) if name.isascii() and name.isdecimal())
        return sorted(map(int, names), reverse=True)

    def _record(self, table: Table) -> None:
        manifest, place = encode(table.manifest), self.root / str(table.generation)
        name = f"manifest-{digest(manifest)}"
        if list(listed(place)) != [name]:  # of a store that was lost, or a release before
            shutil.rmtree(place, ignore_errors=True)
        put(place / name, manifest)

    def _collect(self, table: Table) -> None:
        """What no generation needs that an edge may start from, and what a release before laid out."""
        needs = {n: names for n in self._numbers() if (names := self._needs(n)) is not None}
        kept = {table.generation, *list(needs)[:KEPT]}
        for number in set(self._numbers()) - kept:
            shutil.rmtree(self.root / str(number), ignore_errors=True)
        for old in (self.root / DRAFTS, self.root / "bodies", *self.root.glob("*.draft")):
            shutil.rmtree(old, ignore_errors=True)
        (self.root / "CURRENT").unlink(missing_ok=True)
        named = table.manifest.digests().union(*(needs[n] for n in kept & needs.keys()))
        sweep(self.root / "objects", named)

    def _needs(self, number: int) -> set[str] | None:
        """The objects of a generation; None for one that cannot be read, by a later release either."""
        try:
            return _manifest(self.root / str(number)).digests()
        except NewerFormatError:
            return set()
        except (OSError, ValueError, SnapshotError):
            return None


@dataclass(frozen=True, slots=True)
class Objects(Mapping[str, bytes]):
    """Those of a generation on disk, read one at a time: all at once would double their memory.

    One that is gone is not among them; one that cannot be read just now raises `OSError`.
    """

    folder: Path
    manifest: Manifest

    def __getitem__(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise KeyError(name) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.manifest.digests())

    def __len__(self) -> int:
        return len(self.manifest.digests())


def _manifest(place: Path) -> Manifest:
    (found,) = place.glob("manifest-*")
    return decode_manifest(found.read_bytes(), found.name.removeprefix("manifest-"))
