"""Files that are whole or not there."""

import contextlib
import errno
import os
from pathlib import Path


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


def write(path: str, data: bytes, moment: int) -> None:
    """A file of that date, in ns since 1970.

    Raises `OSError` also where the disk keeps no such dates: Caddy's tags would not be ours.
    """
    try:
        _write(path, data)
    except FileNotFoundError:  # the first of its directory
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        _write(path, data)
    os.utime(path, ns=(moment, moment))
    if os.stat(path).st_mtime_ns != moment:  # noqa: PTH116 - some ten thousand in a row
        raise OSError(errno.EOPNOTSUPP, "the disk keeps no dates of a nanosecond", path)


def _write(path: str, data: bytes) -> None:
    with open(path, "xb") as file:  # noqa: PTH123 - what is there may be linked to what is shown
        file.write(data)


def link(there: str, here: str) -> bool:
    """Another name for a file; whether the disk can do that."""
    try:
        try:
            os.link(there, here)
        except FileNotFoundError:  # the first of its directory
            Path(here).parent.mkdir(parents=True, exist_ok=True)
            os.link(there, here)
    except OSError:
        return False
    return True


def move(there: str, here: str) -> None:
    try:
        os.replace(there, here)  # noqa: PTH105
    except FileNotFoundError:  # the first of its directory
        Path(here).parent.mkdir(parents=True, exist_ok=True)
        os.replace(there, here)  # noqa: PTH105


def shows(path: str, size: int, moment: int) -> bool:
    """Whether what `write` made, of that size, is there whole."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return False
    return (found.st_size, found.st_mtime_ns) == (size, moment)


def point(link: Path, target: str) -> None:
    """A symbolic link, in the place of whatever file was there."""
    draft = link.with_name(f".{link.name}.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)


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
            return {entry.name: _size(entry) for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _size(entry: os.DirEntry[str]) -> int:
    """0 for what has gone since it was listed."""
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0


def sweep(directory: Path, kept: set[str]) -> None:
    """Remove files whose name is not kept."""
    for name in listed(directory):
        if name not in kept:
            (directory / name).unlink(missing_ok=True)
