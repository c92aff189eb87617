"""A generation laid out as files: Caddy's fast tier, and the copy an edge starts from without Redis.

    CURRENT                      the live generation's number, replaced by rename
    objects/<digest>             entries and artefacts as they are in the store
    bodies/<digest>[.gz …]       one file per encoding, each with its tag in a `.etag` beside it
    <generation>/manifest-<digest>
    <generation>/layout          which body each file below pages/ is
    <generation>/pages/<path>.json[.gz …][.etag]   hard links into bodies/

Everything below a generation is complete before CURRENT names it, and stays for a grace time after
another has taken its place, so a request that has read CURRENT finds one whole generation. Then its
directory becomes the next one: only links that differ are made. Several edges may share a tree: the
one that holds the lock writes, the others go on.
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

from edge.layout import Layout, added, layout, names, removed
from edge.negotiate import SUFFIX
from edge.table import Answer, Table
from snapshot import DamagedError, Manifest, decode_manifest, digest, encode

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

    def load(self) -> tuple[Manifest, dict[str, bytes]]:
        """The live generation as it was stored; its digests are not yet checked, the manifest's is.

        Raises `DamagedError` when there is none or something of it is gone.
        """
        try:
            manifest = _manifest(self.root / str(self.generation()))
            return manifest, {name: self._object(name) for name in manifest.digests()}
        except (OSError, ValueError) as error:
            raise DamagedError(f"no whole generation in {self.root}: {error}") from error

    def lacks(self, manifest: Manifest) -> set[str]:
        """The objects of this manifest that are not on disk yet."""
        return manifest.digests() - _listed(self.root / "objects")

    def write(
        self, table: Table, objects: Mapping[str, bytes], lists: Mapping[str, Answer]
    ) -> bool:
        """Lay `table` out and make it live; False when another edge does it or has done it.

        `objects`: at least what `lacks` said. `lists`: answers the edge makes itself, by path.
        Raises `OSError`, and then what was live stays so.
        """
        with self._locked() as mine:
            live = self.generation()
            if not mine or live >= table.generation:
                return False
            for name, data in objects.items():
                _put(self.root / "objects" / name, data)
            laid = layout(table, lists)
            self._put_bodies(table, lists, names(laid))
            self._lay_out(table, laid)
            if live:
                os.utime(self.root / str(live))  # its grace begins now
            _put(self.root / CURRENT, str(table.generation).encode(), replace=True)
            self._collect(table, laid)
            return True

    def _lay_out(self, table: Table, laid: Layout) -> None:
        for left in self.root.glob("*.draft"):  # by a writer that died
            shutil.rmtree(left, ignore_errors=True)
        draft = self.root / f"{table.generation}.draft"
        held = self._recycled(draft)
        pages = f"{draft}/pages"
        for file in removed(held, laid):
            Path(f"{pages}/{file}").unlink(missing_ok=True)
        for body, file in added(held, laid):
            _hard_link(f"{self.root}/bodies/{body}", f"{pages}/{file}")
        manifest = encode(table.manifest)
        _put(draft / LAYOUT, msgspec.msgpack.encode(laid))
        _put(draft / f"manifest-{digest(manifest)}", manifest)
        final = self.root / str(table.generation)
        shutil.rmtree(final, ignore_errors=True)  # left by a writer that died before CURRENT
        draft.rename(final)

    def _recycled(self, draft: Path) -> Layout:
        """What is in `draft` already: a generation past its grace has become it, or nothing."""
        for number in self._past_grace():
            place = self.root / str(number)
            try:
                held = _layout(place)
                for record in (place / LAYOUT, *place.glob("manifest-*")):
                    record.unlink()
            except (OSError, msgspec.DecodeError):
                continue
            place.rename(draft)
            return held
        draft.mkdir()
        return {}

    def _put_bodies(self, table: Table, lists: Mapping[str, Answer], wanted: set[str]) -> None:
        """The plain body last: where it is, everything of this answer is."""
        bodies = self.root / "bodies"
        made = {f"list-{table.generation}": answer for answer in lists.values()}
        answers = {**table.answers, **made}
        for name in wanted - _listed(bodies):
            stored = answers[name].stored
            for coding in sorted(stored, key="identity".__eq__):
                ending = SUFFIX[coding]
                _put(bodies / f"{name}{ending}.etag", stored[coding].etag.encode())
                _put(bodies / f"{name}{ending}", stored[coding].body)

    def _object(self, name: str) -> bytes:
        return (self.root / "objects" / name).read_bytes()

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

    def _numbers(self) -> list[int]:
        """The generations on disk, newest first."""
        return sorted((int(name) for name in _listed(self.root) if name.isdigit()), reverse=True)

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
        _sweep(self.root / "objects", objects)
        _sweep(self.root / "bodies", names(laid))  # older generations have their own links


def _manifest(place: Path) -> Manifest:
    (found,) = place.glob("manifest-*")
    return decode_manifest(found.read_bytes(), found.name.removeprefix("manifest-"))


def _layout(place: Path) -> Layout:
    return msgspec.msgpack.decode((place / LAYOUT).read_bytes(), type=Layout)


def _listed(directory: Path) -> set[str]:
    return set(os.listdir(directory)) if directory.is_dir() else set()  # noqa: PTH208 - names only


def _hard_link(body: str, place: str) -> None:
    """Nothing where a directory or a file of another address is in the way: the edge serves it."""
    with contextlib.suppress(FileExistsError, NotADirectoryError):
        try:
            os.link(body, place)
        except FileNotFoundError:  # the first page of its directory
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            os.link(body, place)


def _put(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Whole or not at all; content-addressed names that are there already are left alone."""
    if path.exists() and not replace:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(data)
    draft.replace(path)


def _sweep(directory: Path, kept: set[str]) -> None:
    for name in _listed(directory):
        if name.partition(".")[0] not in kept:
            (directory / name).unlink(missing_ok=True)
