"""A generation laid out as files: Caddy's fast tier, and the copy an edge starts from without Redis.

    CURRENT                      the live generation's number, replaced by rename
    objects/<digest>             entries and artefacts as they are in the store
    bodies/<digest>[.gz …]       one file per encoding, each with its tag in a `.etag` beside it
    <generation>/manifest-<digest>
    <generation>/pages/<path>.json[.gz …][.etag]   hard links into bodies/

Everything below a generation is complete before CURRENT names it, and stays for a grace time after,
so a request that has read CURRENT finds one whole generation. Several edges may share a tree: the
one that holds the lock writes, the others go on.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.negotiate import SUFFIX
from edge.table import Answer, Table
from snapshot import DamagedError, Manifest, decode_manifest, digest, encode

CURRENT = "CURRENT"
KEPT = 2  # generations, the live one among them, kept whatever their age
SEGMENT_MAX = 200  # bytes of one path segment: file names end at 255 with their suffixes
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Tree:
    root: Path
    grace_s: float = 60.0

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
            (found,) = (self.root / str(self.generation())).glob("manifest-*")
            manifest = decode_manifest(found.read_bytes(), found.name.removeprefix("manifest-"))
            return manifest, {name: self._object(name) for name in manifest.digests()}
        except (OSError, ValueError) as error:
            raise DamagedError(f"no whole generation in {self.root}: {error}") from error

    def lacks(self, manifest: Manifest) -> set[str]:
        """The objects of this manifest that are not on disk yet."""
        directory = self.root / "objects"
        held = set(os.listdir(directory)) if directory.is_dir() else set()  # noqa: PTH208 - names only
        return manifest.digests() - held

    def write(
        self, table: Table, objects: Mapping[str, bytes], lists: Mapping[str, Answer]
    ) -> bool:
        """Lay `table` out and make it live; False when another edge does it or has done it.

        `objects`: at least what `lacks` said. `lists`: answers the edge makes itself, by path.
        Raises `OSError`, and then what was live stays so.
        """
        with self._locked() as mine:
            if not mine or self.generation() >= table.generation:
                return False
            for name, data in objects.items():
                _put(self.root / "objects" / name, data)
            self._lay_out(table, lists)
            _put(self.root / CURRENT, str(table.generation).encode(), replace=True)
            self._collect()
            return True

    def _lay_out(self, table: Table, lists: Mapping[str, Answer]) -> None:
        draft = self.root / f"{table.generation}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for name, answer in table.answers.items():
            self._put_bodies(name, answer)
        pages = draft / "pages"
        for path, page in table.manifest.pages.items():
            self._link(pages, path, page.digest, table.answers[page.digest])
        for path, answer in lists.items():
            name = f"list-{table.generation}"
            self._put_bodies(name, answer)
            self._link(pages, path, name, answer)
        manifest = encode(table.manifest)
        _put(draft / f"manifest-{digest(manifest)}", manifest)
        final = self.root / str(table.generation)
        shutil.rmtree(final, ignore_errors=True)  # left by a writer that died before CURRENT
        draft.rename(final)

    def _link(self, pages: Path, path: str, name: str, answer: Answer) -> None:
        place = _file_for(pages, path, answer)
        if place is None:
            return  # the edge alone serves it
        body = f"{self.root}/bodies/{name}"
        for coding in answer.stored:
            for suffix in (SUFFIX[coding], f"{SUFFIX[coding]}.etag"):
                _hard_link(body + suffix, f"{place}{suffix}")

    def _put_bodies(self, name: str, answer: Answer) -> None:
        """The plain body last: where it is, everything of this answer is."""
        bodies = self.root / "bodies"
        if (bodies / name).exists():
            return
        for coding, stored in answer.stored.items():
            _put(bodies / f"{name}{SUFFIX[coding]}.etag", stored.etag.encode())
            if coding != "identity":
                _put(bodies / f"{name}{SUFFIX[coding]}", stored.body)
        _put(bodies / name, answer.stored["identity"].body)

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

    def _collect(self) -> None:
        """Remove generations past their grace time, then what no kept one names."""
        numbers = sorted(
            (int(p.name) for p in self.root.iterdir() if p.name.isdigit()), reverse=True
        )
        for number in numbers[KEPT:]:
            place = self.root / str(number)
            if time.time() - place.stat().st_mtime > self.grace_s:
                shutil.rmtree(place, ignore_errors=True)
        kept: set[str] = set()
        for found in self.root.glob("*/manifest-*"):
            name = found.name.removeprefix("manifest-")
            with contextlib.suppress(DamagedError):
                kept |= decode_manifest(found.read_bytes(), name).digests()
            kept.add(f"list-{found.parent.name}")
        for directory in ("objects", "bodies"):
            _sweep(self.root / directory, kept)


def _file_for(pages: Path, path: str, answer: Answer) -> Path | None:
    """Where Caddy looks for this path; None when it is not a name for a file."""
    segments = path.split("/")[1:]
    if not all(_is_plain(segment) for segment in segments):
        return None
    is_json = answer.stored["identity"].headers["content-type"] == JSON
    return pages.joinpath(*segments[:-1], segments[-1] + (".json" if is_json else ""))


def _is_plain(segment: str) -> bool:
    return (
        bool(segment)
        and not segment.startswith(".")
        and "\0" not in segment
        and len(segment.encode()) <= SEGMENT_MAX
    )


def _hard_link(body: str, place: str) -> None:
    try:
        os.link(body, place)
    except FileNotFoundError:  # the first page of its directory
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        os.link(body, place)
    except FileExistsError:  # two addresses of one file name: the first has it
        return


def _put(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Whole or not at all; content-addressed names that are there already are left alone."""
    if path.exists() and not replace:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(data)
    draft.replace(path)


def _sweep(directory: Path, kept: Iterable[str]) -> None:
    names = set(kept)
    for found in directory.iterdir() if directory.is_dir() else ():
        if found.name.split(".")[0] not in names:
            found.unlink(missing_ok=True)
