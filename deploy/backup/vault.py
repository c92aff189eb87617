"""The directory of backups: pools that they share, records that name what each is made of."""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from snapshot import UNREADABLE

RECORD, FORMAT = "backup.json", 1
NAME = "%Y-%m-%dT%H-%M-%SZ"


class BackupError(Exception):
    """Nothing was made or restored, unless the message says so; it says what to do."""


class Generation(msgspec.Struct, frozen=True):
    number: int
    manifest: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`files`: name to SHA-256, of what lies beside the record. Media and objects are in pools."""

    format: int = FORMAT
    made_at: int
    seconds: float
    release: str
    files: dict[str, str]
    media: tuple[str, ...]
    objects: tuple[str, ...]
    generations: tuple[Generation, ...]  # ascending
    pin: str = ""


@dataclass(frozen=True, slots=True)
class Vault:
    root: Path

    def names(self) -> list[str]:
        """Finished backups, oldest first."""
        return sorted(path.parent.name for path in self.root.glob(f"*/{RECORD}"))

    def record(self, name: str) -> Record:
        try:
            found = msgspec.json.decode((self.root / name / RECORD).read_bytes(), type=Record)
        except (OSError, *UNREADABLE) as error:
            raise BackupError(f"{self.root / name} is no backup: {error}") from error
        if found.format != FORMAT:
            raise BackupError(f"{name} is of format {found.format}: use a newer release")
        return found

    def newest(self) -> str:
        names = self.names()
        if not names:
            raise BackupError(f"there is no backup in {self.root}")
        return names[-1]

    @contextlib.contextmanager
    def draft(self, now: float) -> Iterator[tuple[Path, str]]:
        """A directory to fill and its name to be: kept only when the block ends well."""
        name = time.strftime(NAME, time.gmtime(now))
        place = self.root / f".{name}.draft"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            yield place, name
            place.rename(self.root / name)
            flush(self.root)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def object_file(self, digest: str) -> Path:
        return self.root / "objects" / digest[:2] / digest

    def keep(self, count: int) -> None:
        """Forget all but the newest `count`, and what only those had."""
        for name in self.names()[: -max(1, count)]:
            shutil.rmtree(self.root / name)
        records = [self.record(name) for name in self.names()]
        media = {key for record in records for key in record.media}
        objects = {name for record in records for name in record.objects}
        for path in (self.root / "objects").glob("*/*"):
            if path.name not in objects:
                path.unlink()
        for path in (self.root / "media").glob("*"):
            if path.stem in media:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def put(path: Path, data: bytes) -> None:
    """Whole and on the disk, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def flush(directory: Path) -> None:
    """Wait until the disk has the names in a directory."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
