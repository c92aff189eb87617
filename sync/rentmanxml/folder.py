"""The watched folder: what lies still in it, and what has been taken out of it.

Uploads arrive by SFTP while we look, so a file counts only when its size and time have stood still
for a while. What is taken is copied into `taken/`, where nobody writes but us, and kept a week.
"""

import hashlib
import os
import re
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sync.errors import UnusableSettingError

TAKEN = "taken"
KEPT_S = 7 * 86_400.0
NANO = 1_000_000_000
_DATED = re.compile(r"([0-9]{12})-.*")  # unix seconds, so that names sort by time
_DELIVERY = re.compile(r"([0-9]{12})-[0-9a-f]{12}\.xml")


class Stamp(NamedTuple):
    size: int
    mtime_ns: int
    inode: int


class MovedError(OSError):
    """The file is no longer the one that was looked at."""


@dataclass(slots=True)
class Folder:
    """Blocking; raises `OSError`."""

    root: Path
    settle_s: float
    _seen: dict[str, tuple[Stamp, float]] = field(default_factory=dict)

    def open(self) -> None:
        try:
            (self.root / TAKEN).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UnusableSettingError(f"SYNC_XML_DIR: {error}") from error

    def look(self) -> tuple[dict[str, Stamp], bool]:
        """The plain files that have stood still for `settle_s`, and whether there are others."""
        now = time.monotonic()
        seen = {}
        with os.scandir(self.root) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    stamp = _stamp(entry.stat(follow_symlinks=False))
                    before = self._seen.get(entry.name, (stamp, now))
                    seen[entry.name] = before if before[0] == stamp else (stamp, now)
        self._seen = seen
        still = {name: stamp for name, (stamp, at) in seen.items() if now - at >= self.settle_s}
        return still, len(still) < len(seen)

    def read(self, name: str, stamp: Stamp, limit: int) -> bytes:
        """At most `limit` + 1 bytes of the very file that was stamped."""
        # Neither links nor pipes: whoever uploads is not to choose what else of this machine is read.
        handle = os.open(self.root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or _stamp(found) != stamp:
                raise MovedError("a file has changed while it was read")
            return file.read(limit + 1)

    def keep(self, name: str, data: bytes, stamp: Stamp, now: float) -> str:
        """Take a delivery out; the name by which it is known from now on, later than any before."""
        last, digest = self.newest(), hashlib.sha256(data).hexdigest()[:12]
        at = max(int(now), taken_at(last) + 1 if last else 0)
        kept = f"{_written(at)}-{digest}.xml"
        if last.endswith(f"-{digest}.xml") and stamp.mtime_ns <= taken_at(last) * NANO:
            kept = last  # copied before, and not removed: a crash came between
        else:
            self._copy(kept, data)
        if _stamp((self.root / name).lstat()) == stamp:  # else it is the next one already
            (self.root / name).unlink()
        return kept

    def _copy(self, kept: str, data: bytes) -> None:
        draft = self.root / TAKEN / f"{kept}.draft"
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.root / TAKEN / kept)

    def put_aside(self, name: str, now: float) -> None:
        """An upload that a younger one has overtaken."""
        (self.root / name).replace(self.root / TAKEN / f"{_written(now)}-overtaken-{name[-100:]}")

    def newest(self) -> str:
        """The delivery that counts; "" before the first."""
        names = (path.name for path in (self.root / TAKEN).iterdir())
        return max(filter(_DELIVERY.fullmatch, names), default="")

    def delivery(self, name: str, limit: int) -> bytes:
        path = Path(TAKEN) / name
        return self.read(str(path), _stamp((self.root / path).lstat()), limit)

    def forget(self, now: float) -> None:
        """Let go of what was taken more than a week ago, but never of the newest delivery."""
        newest, before = self.newest(), _written(now - KEPT_S)
        for path in (self.root / TAKEN).iterdir():
            dated = _DATED.fullmatch(path.name)
            if dated and dated[1] < before and path.name != newest:
                path.unlink(missing_ok=True)


def taken_at(delivery: str) -> int:
    """Unix seconds."""
    return int(delivery.partition("-")[0])


def _written(seconds: float) -> str:
    return f"{int(seconds):012}"


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
