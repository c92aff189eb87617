"""The folder of finished media: a key's directory is complete or absent, never in between.

    {root}/{key}/{width}.{avif|webp|jpg}, picture.json        a picture
    {root}/{key}/document.pdf                                 a document
    {root}/.making-{key}-{token}/                             work in progress

Files are synced in a `.making-` directory, which is then renamed as a whole. Everything here
blocks on the disk and is called off the loop.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import msgspec

from sync.media.errors import MediaFailedError
from sync.media.model import Document, Picture

SIDECAR = "picture.json"
_DOCUMENT = "document.pdf"
_MAKING = ".making-"
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


class Store:
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
                    shutil.rmtree(leftover, ignore_errors=True)
            fcntl.flock(self._lock, fcntl.LOCK_SH)

    def close(self) -> None:
        os.close(self._lock)

    def find_picture(self, key: str) -> Picture | None:
        """The picture, if its sidecar and every file it names are there."""
        home = self._root / key
        try:
            with disk_errors():
                sidecar = home / SIDECAR
                data = sidecar.read_bytes() if sidecar.is_file() else b""
            picture = msgspec.json.decode(data, type=Picture)
        except msgspec.DecodeError:
            return None
        files = (f"{w}.{extension}" for extension, ws in picture.variants.items() for w in ws)
        whole = picture.key == key and all((home / name).is_file() for name in files)
        return picture if whole else None

    def begin(self, key: str) -> Path:
        """An empty directory to work in; it must be published or discarded."""
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
                home.rename(damaged := self._root / f"{_MAKING}{key}-{uuid4().hex}")
                self.discard(damaged)
            folder.rename(home)
            sync_directory(self._root)

    def discard(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def keep_document(self, key: str, source: bytes) -> Document:
        """Store the bytes as they are, unless they already lie there."""
        document = Document(key=key, extension="pdf", size=len(source))
        path = self._root / key / _DOCUMENT
        if path.is_file() and path.stat().st_size == document.size:
            return document
        folder = self.begin(key)
        try:
            with disk_errors():
                write(folder / _DOCUMENT, source)
            self.publish(folder, key)
        finally:
            self.discard(folder)
        return document
