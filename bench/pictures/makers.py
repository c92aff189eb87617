"""The makers: our worker and sharp, each a process that is handed photos and measured from /proc.

Ours is driven as the daemon drives it, over its two pipes: length-prefixed msgpack, then the bytes.
"""

import contextlib
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bench.edgebench.fixture import STATE
from bench.edgebench.processes import ROOT, BenchError

NODE_PARTS = Path(__file__).parent / "sharp"
NPM = STATE / "sharp"
_LENGTH = struct.Struct("!I")
_PATIENCE_S = 300
_OUR_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "VIPS_CONCURRENCY": "1",
    "VIPS_WARNING": "1",
}
WIDTHS = (400, 800, 1200, 1600)
Options = dict[str, dict[str, Any]]
# What our standard recipe says, in sharp's words.
SAME: Options = {
    "avif": {"quality": [58, 58, 57, 56], "effort": 1, "chromaSubsampling": "4:2:0"},
    "webp": {"quality": [72, 75, 76, 76], "effort": 2},
    "jpeg": {
        "quality": [71, 71, 70, 68],
        "progressive": True,
        "optimiseCoding": True,
        "quantisationTable": 3,
    },
}


class Maker(Protocol):
    process: "subprocess.Popen[bytes]"

    def make(self, photo: Path, folder: Path) -> None:
        """The full set as `{width}.{extension}`. Raises `BenchError`."""


class Ours:
    def __init__(self, process: "subprocess.Popen[bytes]", profile: str) -> None:
        self.process = process
        self._profile = profile
        self._receive()

    def make(self, photo: Path, folder: Path) -> None:
        source = photo.read_bytes()
        task = {
            "key": "0" * 32,
            "kind": "jpeg",
            "purpose": "photo",
            "profile": self._profile,
            "folder": str(folder),
            "size": len(source),
            "patience_s": _PATIENCE_S,
        }
        body = msgspec.msgpack.encode(task)
        assert self.process.stdin is not None  # noqa: S101 - asked for below
        self.process.stdin.write(_LENGTH.pack(len(body)) + body + source)
        self.process.stdin.flush()
        answer = self._receive()
        if answer["type"] != "Made":
            raise BenchError(f"our worker says {answer} of {photo.name}")

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None  # noqa: S101 - asked for below
        head = self.process.stdout.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise BenchError("our worker ended")
        body = self.process.stdout.read(*_LENGTH.unpack(head))
        return dict(msgspec.msgpack.decode(body))


class Sharp:
    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        formats: Options,
        widths: tuple[int, ...],
        *,
        chain: bool,
    ) -> None:
        self.process, self._formats, self._widths = process, formats, widths
        self._chain = chain

    def make(self, photo: Path, folder: Path) -> None:
        assert self.process.stdin is not None  # noqa: S101 - asked for below
        assert self.process.stdout is not None  # noqa: S101 - asked for below
        task = {
            "file": str(photo),
            "folder": str(folder),
            "formats": self._formats,
            "widths": self._widths,
            "chain": self._chain,
        }
        self.process.stdin.write(msgspec.json.encode(task) + b"\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != b"{}\n":
            raise BenchError(f"sharp made nothing of {photo.name}")


@contextlib.contextmanager
def ours(profile: str = "standard") -> Iterator[Ours]:
    with _running([sys.executable, "-m", "sync.media.worker"], ROOT, _OUR_ENVIRONMENT) as process:
        yield Ours(process, profile)


@contextlib.contextmanager
def sharp(
    formats: Options, *, chain: bool = False, widths: tuple[int, ...] = WIDTHS
) -> Iterator[Sharp]:
    if not (NPM / "node_modules" / "sharp").is_dir():
        raise BenchError("sharp is not here: python -m bench.pictures setup")
    shutil.copy(NODE_PARTS / "peer.mjs", NPM / "peer.mjs")  # imports are looked up from beside it
    with _running(["node", str(NPM / "peer.mjs")], NPM, None) as process:
        yield Sharp(process, formats, widths, chain=chain)


def install() -> None:
    """sharp, exactly as the lock file beside `peer.mjs` has it."""
    NPM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE_PARTS / name, NPM / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    if shutil.which("npm") is None:
        raise BenchError("npm is not installed")
    subprocess.run(command, cwd=NPM, check=True, timeout=300)


def sharp_versions() -> str:
    code = (
        "const v = require('sharp').versions; console.log(`sharp ${v.sharp}, libvips ${v.vips}`)"
    )
    done = subprocess.run(
        ["node", "-e", code],  # noqa: S607 - whichever node the user has
        cwd=NPM,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


@contextlib.contextmanager
def _running(
    command: list[str], cwd: Path, environ: Mapping[str, str] | None
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=os.environ if environ is None else environ,  # noqa: TID251 - node needs its PATH
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
