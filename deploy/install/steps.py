"""What a step of the plan is: whether it is done already, and doing it. Paths are below `root`."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class InstallError(Exception):
    """Nothing more was done; the message says what to do."""


class Step(Protocol):
    def done(self, root: Path) -> bool: ...
    def do(self, root: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class File:
    """`keep`: one that is there stays as the operator left it."""

    path: str
    content: bytes
    mode: int = 0o644
    keep: bool = False

    def __str__(self) -> str:
        return f"write {self.path}"

    def done(self, root: Path) -> bool:
        place = _below(root, self.path)
        if not place.is_file():
            return False
        same = place.read_bytes() == self.content and place.stat().st_mode & 0o777 == self.mode
        return self.keep or same

    def do(self, root: Path) -> None:
        place = _below(root, self.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.draft")
        draft.touch(mode=0o600)
        draft.chmod(self.mode)
        draft.write_bytes(self.content)
        draft.replace(place)


@dataclass(frozen=True, slots=True)
class Link:
    """Replaced by rename: at each moment it leads somewhere."""

    path: str
    target: str

    def __str__(self) -> str:
        return f"link {self.path} to {self.target}"

    def done(self, root: Path) -> bool:
        place = _below(root, self.path)
        return place.is_symlink() and str(place.readlink()) == self.target

    def do(self, root: Path) -> None:
        place = _below(root, self.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.draft")
        draft.unlink(missing_ok=True)
        draft.symlink_to(self.target)
        draft.replace(place)


@dataclass(frozen=True, slots=True)
class Absent:
    """A file, a link or a whole directory, removed."""

    path: str

    def __str__(self) -> str:
        return f"remove {self.path}"

    def done(self, root: Path) -> bool:
        return not os.path.lexists(_below(root, self.path))

    def do(self, root: Path) -> None:
        place = _below(root, self.path)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()


@dataclass(frozen=True, slots=True)
class Command:
    """Harmless when repeated. `unless` tells that there is nothing to do."""

    words: tuple[str, ...]
    unless: Callable[[], bool] = lambda: False
    may_fail: bool = False
    environ: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"run {' '.join(self.words)}"

    def done(self, root: Path) -> bool:  # noqa: ARG002 - commands name their root themselves
        return self.unless()

    def do(self, root: Path) -> None:  # noqa: ARG002
        run(self.words, dict(self.environ), may_fail=self.may_fail)


def run(
    words: tuple[str, ...],
    environ: dict[str, str],
    *,
    may_fail: bool = False,
    cwd: Path | None = None,
) -> None:
    """Raises `InstallError` with the end of what it said."""
    try:
        ended = subprocess.run(
            words,
            env=os.environ | environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise InstallError(f"{words[0]}: {error.strerror}") from error
    if ended.returncode and not may_fail:
        said = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-15:])
        raise InstallError(f"`{' '.join(words)}` ended with {ended.returncode}:\n{said}")


def _below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")
