"""A generation laid out as files: Caddy's fast tier, and the copy an edge starts from without Redis.

    CURRENT                      the live generation's number, replaced by rename
    objects/<digest>             entries and artefacts as they are in the store
    bodies/<name>[.gz …]         one file per encoding, each with its tag in a `.etag` beside it
    <generation>/manifest-<digest>
    <generation>/layout          which body each file below pages/ is
    <generation>/pages/<path>.json[.gz …][.etag]   hard links into bodies/

Everything below a generation is complete before CURRENT names it, and stays for a grace time after
another has taken its place, so a request that has read CURRENT finds one whole generation. Then its
directory becomes the next one: only links that differ are made. Nothing is forced to the disk: an
edge that starts looks whether all is there at its full length, for a power failure may have cut it;
without CURRENT, which a boot removes, all is laid out anew.
Several edges may share a tree: the one that holds the lock writes, the others go on.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge.files import hard_link, listed, put, remove, sweep
from edge.layout import Layout, added, files, layout, names, removed
from edge.table import Answer, Table
from snapshot import UNREADABLE, DamagedError, Manifest, decode_manifest, digest, encode

CURRENT, LAYOUT = "CURRENT", "layout"


@dataclass(frozen=True, slots=True)
class Tree:
    root: Path
    grace_s: float = 20.0  # Caddy opens a request's files within milliseconds of reading CURRENT

    def generation(self) -> int:
        """The live generation, 0 for none."""
        with contextlib.suppress(OSError, ValueError):
            return int((self.root / CURRENT).read_text())
        return 0

    def load(self) -> tuple[Manifest, "Objects"]:
        """The newest whole generation, as it was stored; its objects are not yet checked.

        Not only the live one: a tree that was withdrawn is still good to start from. Raises
        `DamagedError` when there is none.
        """
        try:
            manifest = _manifest(self.root / str(self._newest()))
        except (OSError, ValueError) as error:
            raise DamagedError(f"no whole generation in {self.root}: {error}") from error
        return manifest, Objects(self.root / "objects", manifest)

    def lacks(self, manifest: Manifest) -> set[str]:
        """The objects of this manifest that are not on disk yet; an empty file is none."""
        held = {name for name, size in listed(self.root / "objects").items() if size}
        return manifest.digests() - held

    @contextlib.contextmanager
    def turn(self, number: int) -> Iterator[bool]:
        """Whether it is this edge's turn to lay that generation out, for as long as the block lasts:
        no other edge does it, or has done it."""
        with self._locked() as mine:
            yield mine and self.generation() < number

    def keep(self, objects: Mapping[str, bytes]) -> None:
        """What `lacks` said, as it is stored; for `publish`, within the same turn.

        Raises `OSError`, or `DamagedError` for an object that is not what its name says.
        """
        for name, data in objects.items():
            if digest(data) != name:
                raise DamagedError(f"object {name} does not match its digest")
            put(self.root / "objects" / name, data)

    def publish(self, table: Table, lists: Mapping[str, Answer]) -> None:
        """Lay `table` out and make it live; within a turn.

        `lists`: answers the edge makes itself, by path. Raises `OSError`; what was live stays so.
        """
        live = self.generation()
        laid = layout(table, lists)
        self._lay_out(table, laid, lists)
        with contextlib.suppress(OSError):
            os.utime(self.root / str(live))  # its grace begins now
        put(self.root / CURRENT, str(table.generation).encode(), replace=True)
        self._collect(table, laid)

    def intact(self, table: Table, lists: Mapping[str, Answer]) -> bool:
        """Whether the bodies of this generation are on disk at their full length."""
        sizes = listed(self.root / "bodies")
        needed = files(table, lists, layout(table, lists))
        return all(sizes.get(name) == len(data) for name, data in needed)

    def withdraw(self) -> None:
        """Leave visitors to the edges: what is live here can no longer be kept up to date."""
        with contextlib.suppress(OSError):
            (self.root / CURRENT).unlink(missing_ok=True)

    def discard(self, number: int) -> None:
        """Begin anew, if the damaged generation is still the one to start from."""
        with self._locked() as mine:
            if mine and number == self._newest():
                self.withdraw()
                for place in self.root.iterdir():
                    if place.is_dir():
                        shutil.rmtree(place, ignore_errors=True)

    def _lay_out(self, table: Table, laid: Layout, lists: Mapping[str, Answer]) -> None:
        for left in self.root.glob("*.draft"):  # by a writer that died
            shutil.rmtree(left, ignore_errors=True)
        draft = self.root / f"{table.generation}.draft"
        held = self._recycled(draft)
        for file in removed(held, laid):
            remove(draft / "pages", file)
        bodies, pages = f"{self.root}/bodies", f"{draft}/pages"
        for name, data in files(table, lists, added(held, laid)):
            put(Path(f"{bodies}/{name}"), data)
        for file, (name, ends) in added(held, laid).items():
            for end in ends:
                hard_link(f"{bodies}/{name}{end}", f"{pages}/{file}{end}")
        manifest = encode(table.manifest)
        put(draft / LAYOUT, msgspec.msgpack.encode(laid))
        put(draft / f"manifest-{digest(manifest)}", manifest)
        final = self.root / str(table.generation)
        shutil.rmtree(final, ignore_errors=True)  # left by a writer that died before CURRENT
        draft.rename(final)

    def _recycled(self, draft: Path) -> Layout:
        """What is in `draft` already: a generation past its grace has become it, or nothing.

        Nothing of a tree that was withdrawn: its files may be torn.
        """
        for number in self._past_grace() if self.generation() else ():
            place = self.root / str(number)
            try:
                held = msgspec.msgpack.decode((place / LAYOUT).read_bytes(), type=Layout)
                for record in (place / LAYOUT, *place.glob("manifest-*")):
                    record.unlink()
            except (OSError, *UNREADABLE):
                continue
            place.rename(draft)
            return held
        draft.mkdir()
        return {}

    @contextlib.contextmanager
    def _locked(self) -> Iterator[bool]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True

    def _newest(self) -> int:
        """The generation to start from: the live one, or the last that was; 0 for none."""
        return self.generation() or max(self._numbers(), default=0)

    def _numbers(self) -> list[int]:
        """The generations on disk, newest first."""
        found = [int(name) for name in listed(self.root) if name.isascii() and name.isdecimal()]
        return sorted(found, reverse=True)

    def _past_grace(self) -> list[int]:
        """Generations that no request can be reading, newest first."""
        live, now = self.generation(), time.time()
        return [
            number
            for number in self._numbers()
            if number != live and now - (self.root / str(number)).stat().st_mtime > self.grace_s
        ]

    def _collect(self, table: Table, laid: Layout) -> None:
        """Keep one directory for the next generation to be made of; then sweep what none names."""
        for number in self._past_grace()[1:]:
            shutil.rmtree(self.root / str(number), ignore_errors=True)
        objects = table.manifest.digests()
        for number in self._numbers():
            if number != table.generation:  # an edge may be starting from it
                with contextlib.suppress(OSError, ValueError, DamagedError):
                    objects |= _manifest(self.root / str(number)).digests()
        sweep(self.root / "objects", objects)
        sweep(self.root / "bodies", names(laid))  # older generations have their own links


@dataclass(frozen=True, slots=True)
class Objects(Mapping[str, bytes]):
    """Those of a generation on disk, read one at a time: all at once would double their memory.

    One that is gone, or cannot be read, is not among them.
    """

    folder: Path
    manifest: Manifest

    def __getitem__(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise KeyError(name) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.manifest.digests())

    def __len__(self) -> int:
        return len(self.manifest.digests())


def _manifest(place: Path) -> Manifest:
    (found,) = place.glob("manifest-*")
    return decode_manifest(found.read_bytes(), found.name.removeprefix("manifest-"))
