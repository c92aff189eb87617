"""A release: the sources and the environment they run in, in a directory named by their content.

    /opt/rentman-edge/releases/<version>-<digest>/   edge sync snapshot deploy … .venv bin/caddy
    /opt/rentman-edge/current, previous, failed      links to some of them

The name is the content's, so installing the same twice does nothing, and a release is never altered.
"""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.install.steps import InstallError, run

HOME = "/opt/rentman-edge"
RELEASES = f"{HOME}/releases"
FAILED = "failed"  # a third link, to a release that did not come up
KEPT = 3  # releases, the current one among them
SHIPPED = (
    "edge",
    "sync",
    "snapshot",
    "deploy",
    "Caddyfile",
    "LICENSE",
    "README.md",
    "docs",
    "pyproject.toml",
    "uv.lock",
)
LEFT_OUT = {"__pycache__", "demo"}
PYTHON = "/usr/bin/python3.11"
EXTRAS = ("edge", "sync", "caddy")


@dataclass(frozen=True, slots=True)
class Release:
    """`caddy`: a program to take instead of the one that PyPI has."""

    source: Path
    caddy: Path | None = None

    def __str__(self) -> str:
        return f"make {RELEASES}/{self.name}: sources, environment, bytecode"

    @property
    def name(self) -> str:
        words = (self.source / "pyproject.toml").read_text()
        version = re.search(r'^version = "([^"]+)"', words, re.MULTILINE)
        return f"{version[1] if version else '0'}-{self._digest()}"

    def done(self, root: Path) -> bool:
        return (_releases(root) / self.name).is_dir()

    def do(self, root: Path) -> None:
        place = _releases(root) / self.name
        draft = place.with_name(f".{self.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        for file in self._files():
            target = draft / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.source / file, target)
        self._environment(draft, root)
        (draft / "bin").mkdir()
        if self.caddy:
            shutil.copy2(self.caddy, draft / "bin" / "caddy")
        else:
            (draft / "bin" / "caddy").symlink_to("../.venv/bin/caddy")
        draft.rename(place)

    def _digest(self) -> str:
        made = hashlib.sha256()
        for file in self._files():
            body = (self.source / file).read_bytes()
            made.update(f"{file}\0{len(body)}\0".encode() + body)
        if self.caddy:
            made.update(self.caddy.read_bytes())
        return made.hexdigest()[:12]

    def _files(self) -> Iterator[Path]:
        for name in SHIPPED:
            top = self.source / name
            found = sorted(top.rglob("*")) if top.is_dir() else [top]
            for path in found:
                file = path.relative_to(self.source)
                if path.is_file() and not LEFT_OUT.intersection(file.parts):
                    yield file

    def _environment(self, draft: Path, root: Path) -> None:
        """What uv.lock names, without tests and tools, on a Python that services can reach."""
        uv = self.source / ".tools" / "bin" / "uv"
        if not uv.exists():
            raise InstallError("uv is not here: run deploy/install.sh, which fetches it")
        given = {"UV_PYTHON_INSTALL_DIR": str(root / HOME.lstrip("/") / "python")}
        given["UV_COMPILE_BYTECODE"] = os.environ.get("UV_COMPILE_BYTECODE", "1")
        python = ("--python", PYTHON) if Path(PYTHON).exists() else ("--managed-python",)
        wanted = [word for extra in EXTRAS for word in ("--extra", extra)]
        words = (str(uv), "sync", "--locked", "--quiet", "--no-default-groups", *wanted)
        run((*words, "--no-install-project", *python), given, cwd=draft)
        if given["UV_COMPILE_BYTECODE"] == "1":
            own = ("edge", "sync", "snapshot", "deploy")
            run((".venv/bin/python", "-m", "compileall", "-q", *own), {}, cwd=draft)


@dataclass(frozen=True, slots=True)
class Switch:
    """Point `current` at a release; the one before becomes `previous`, if it came up. Both by rename."""

    name: str

    def __str__(self) -> str:
        return f"point {HOME}/current at {self.name}"

    def done(self, root: Path) -> bool:
        return linked(root, "current") == self.name

    def do(self, root: Path) -> None:
        before = linked(root, "current")
        if before and before != linked(root, FAILED):
            _point(root, "previous", before)
        _point(root, "current", self.name)


@dataclass(frozen=True, slots=True)
class Prune:
    """Remove releases beyond those kept: the newest, the current one, the one before, those at work."""

    def __str__(self) -> str:
        return f"remove releases beyond {KEPT}"

    def done(self, root: Path) -> bool:
        return not self._old(root)

    def do(self, root: Path) -> None:
        for place in self._old(root):
            shutil.rmtree(place)

    def _old(self, root: Path) -> list[Path]:
        if not _releases(root).is_dir():
            return []
        used = {linked(root, "current"), linked(root, "previous"), *_at_work(root)}
        made = sorted(_releases(root).iterdir(), key=lambda place: place.stat().st_mtime)
        spare = [place for place in made if place.name not in used]
        return spare[: max(0, len(made) - KEPT)]


def judge(root: Path, *, came_up: bool) -> None:
    """Remember whether the current release came up: one that did not is none to go back to."""
    if came_up:
        (root / HOME.lstrip("/") / FAILED).unlink(missing_ok=True)
    elif current := linked(root, "current"):
        _point(root, FAILED, current)


def linked(root: Path, name: str) -> str:
    """The release that this link names, empty for none."""
    link = root / HOME.lstrip("/") / name
    return link.readlink().name if link.is_symlink() else ""


def _at_work(root: Path) -> Iterator[str]:
    """Releases that programs were started from: each works in its own."""
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):  # it has ended
            place = entry.readlink()
            if place.is_relative_to(_releases(root)):
                yield place.relative_to(_releases(root)).parts[0]


def _point(root: Path, name: str, release: str) -> None:
    home = root / HOME.lstrip("/")
    draft = home / f".{name}.draft"
    draft.unlink(missing_ok=True)
    draft.symlink_to(f"releases/{release}")
    draft.replace(home / name)


def _releases(root: Path) -> Path:
    return root / RELEASES.lstrip("/")
