"""Where finished media is kept: a key's files are all there or none is, never in between.

    {root}/{key}/{width}.{avif|webp|jpg}, picture.json        a picture
    {root}/{key}/document.pdf                                 a document
    {root}/{key}/video.mp4, video.json                        a video
    {root}/.making-{key}-{token}/                             work in progress
    {root}/.unnamed.json                                      since when nothing shows these keys
    {root}/.made.json                                         what was made of which source file

In a directory, files are synced under `.making-` and then renamed as a whole; `bucket` is the same
for S3. Everything here blocks and is called off the loop.
"""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import msgspec

from snapshot import UNREADABLE
from sync.media.errors import MediaFailedError
from sync.media.model import Document, Picture, Video

SIDECAR = "picture.json"
DOCUMENT = "document.pdf"
VIDEO, VIDEO_SIDECAR = "video.mp4", "video.json"
SIDECARS = (SIDECAR, VIDEO_SIDECAR)
"""They tell what is beside them, and that all of it is there."""
KEY = re.compile("[0-9a-f]{32}")
decode_unnamed = msgspec.json.Decoder(dict[str, int]).decode
_MAKING = ".making-"
_UNNAMED, _MADE = ".unnamed.json", ".made.json"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def disk_errors() -> Iterator[None]:
    """Translate `OSError` to `MediaFailedError`: `disk-full` or `disk`."""
    try:
        yield
    except OSError as error:
        raise MediaFailedError("disk-full" if error.errno in _NO_SPACE else "disk") from error


def write(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Wait until the disk has the names in `path`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Store(Protocol):
    """Raises `MediaFailedError`, one of storage, from every method."""

    def open(self) -> None: ...
    def close(self) -> None: ...

    def find_picture(self, key: str) -> Picture | None:
        """The picture, if all of it is there."""

    def find_document(self, key: str) -> Document | None: ...
    def find_video(self, key: str) -> Video | None: ...

    def begin(self, key: str) -> Path:
        """An empty local directory to work in; it must be published or discarded."""

    def publish(self, folder: Path, key: str) -> None:
        """Let the folder's files be found under the key, all at once."""

    def discard(self, folder: Path) -> None: ...

    def kept(self) -> set[str]:
        """What is kept; may lag behind what others who share the store have added."""

    def remove(self, keys: Iterable[str]) -> None: ...

    def unnamed(self) -> dict[str, int]:
        """What `set_unnamed` was last given."""

    def set_unnamed(self, since: Mapping[str, int]) -> None:
        """Remember for each key since when (unix seconds) nothing shows it."""

    def made(self) -> bytes:
        """What `set_made` was last given; empty before."""

    def set_made(self, data: bytes) -> None:
        """Keep what a new state database could not know. Visitors may be able to read it."""


def picture_of(sidecar: bytes, key: str) -> Picture | None:
    try:
        picture = msgspec.json.decode(sidecar, type=Picture)
    except UNREADABLE:
        return None
    return picture if picture.key == key else None


def video_of(sidecar: bytes, key: str) -> Video | None:
    try:
        video = msgspec.json.decode(sidecar, type=Video)
    except UNREADABLE:
        return None
    return video if video.key == key else None


class Directory:
    """Open it before use. Several processes may share one root."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._lock = -1

    def open(self) -> None:
        """Create the root and clear what a crash left, unless another process is at work there."""
        with disk_errors():
            self._root.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                for leftover in self._root.glob(f"{_MAKING}*"):
                    self.discard(leftover)
            fcntl.flock(self._lock, fcntl.LOCK_SH)

    def close(self) -> None:
        os.close(self._lock)

    def find_picture(self, key: str) -> Picture | None:
        """The picture, if its sidecar and every file it names are there."""
        home = self._root / key
        picture = picture_of(_read(home / SIDECAR), key)
        if picture is None:
            return None
        files = (f"{w}.{extension}" for extension, ws in picture.variants.items() for w in ws)
        return picture if all((home / name).is_file() for name in files) else None

    def find_document(self, key: str) -> Document | None:
        found = (self._root / key / DOCUMENT).is_file()
        return Document(key=key, extension="pdf") if found else None

    def find_video(self, key: str) -> Video | None:
        home = self._root / key
        return video_of(_read(home / VIDEO_SIDECAR), key) if (home / VIDEO).is_file() else None

    def begin(self, key: str) -> Path:
        with disk_errors():
            folder = self._root / f"{_MAKING}{key}-{uuid4().hex}"
            folder.mkdir()
            return folder

    def publish(self, folder: Path, key: str) -> None:
        """Give the folder its name. A damaged directory of that name makes way first."""
        home = self._root / key
        with disk_errors():
            sync_directory(folder)
            if home.exists():
                self._clear(home)
            folder.rename(home)
            sync_directory(self._root)

    def discard(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def kept(self) -> set[str]:
        with disk_errors():
            return {entry.name for entry in os.scandir(self._root) if KEY.fullmatch(entry.name)}

    def remove(self, keys: Iterable[str]) -> None:
        with disk_errors():
            for key in keys:
                self._clear(self._root / key)

    def unnamed(self) -> dict[str, int]:
        try:
            return decode_unnamed(_read(self._root / _UNNAMED))
        except UNREADABLE:  # lost: the time of grace begins anew
            return {}

    def set_unnamed(self, since: Mapping[str, int]) -> None:
        self._replace(_UNNAMED, msgspec.json.encode(since))

    def made(self) -> bytes:
        return _read(self._root / _MADE)

    def set_made(self, data: bytes) -> None:
        self._replace(_MADE, data)

    def _replace(self, name: str, data: bytes) -> None:
        with disk_errors():
            draft = self._root / f"{name}.part"
            write(draft, data)
            draft.replace(self._root / name)

    def _clear(self, home: Path) -> None:
        """From one moment to the next nobody finds half of it."""
        home.rename(gone := self._root / f"{_MAKING}{home.name}-{uuid4().hex}")
        self.discard(gone)


def _read(path: Path) -> bytes:
    """Empty when there is no such file."""
    with disk_errors():
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
