"""Files that are whole or not there, and links between them."""

import contextlib
import errno
import os
from pathlib import Path

IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EMLINK)


def put(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Whole or not at all. A content-addressed name that is there at full length is left alone."""
    if not replace and _has(path, len(data)):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(data)
    draft.replace(path)


def _has(path: Path, size: int) -> bool:
    """A file cut short by a power failure is not what its name says."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def hard_link(there: str, here: str) -> None:
    """Nothing where another's file or directory is in the way: then this address has no file."""
    try:
        try:
            os.link(there, here)
        except FileNotFoundError:  # the first of its directory
            Path(here).parent.mkdir(parents=True, exist_ok=True)
            os.link(there, here)
    except OSError as error:
        if error.errno not in IN_THE_WAY:
            raise


def remove(root: Path, file: str) -> None:
    """`file` below `root`, and the directories that it leaves empty."""
    path = root / file
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not empty, or gone
        while (path := path.parent) != root:
            path.rmdir()


def listed(directory: Path) -> dict[str, int]:
    """What is in `directory`, with its size in bytes; nothing when there is no such directory."""
    try:
        with os.scandir(directory) as entries:
            return {entry.name: entry.stat(follow_symlinks=False).st_size for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def sweep(directory: Path, kept: set[str]) -> None:
    """Remove files whose name, up to the first dot, is not kept."""
    for name in listed(directory):
        if name.partition(".")[0] not in kept:
            (directory / name).unlink(missing_ok=True)
