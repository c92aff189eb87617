"""A machine inside this one: systemd as its first process, a throw-away disk, a network of its own.

The product is installed in it by its own installer, and its units run as they do on a server. Needs
root and Linux namespaces; nothing of it is left when it ends.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT, children, eventually

GROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))


@dataclass(frozen=True, slots=True)
class Machine:
    pid: int  # of its first process

    @property
    def _enter(self) -> list[str]:
        return ["nsenter", "-t", str(self.pid), "-a"]

    def run(self, *words: str, timeout_s: float = 50, check: bool = True) -> str:
        """What a command in the machine writes; fails with all of it."""
        ended = subprocess.run(
            [*self._enter, "sh", "-c", 'cd "$0" && exec "$@"', str(ROOT), *words],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        said = ended.stdout + ended.stderr
        assert not check or ended.returncode == 0, f"{words}: {ended.returncode}\n{said}"
        return said if check else f"{said}exit code {ended.returncode}\n"

    def beside(self, *words: str) -> list[str]:
        """A command line for a process of ours that shares the machine's network alone."""
        return ["nsenter", "-t", str(self.pid), "-n", *words]

    def write(self, path: str, text: str) -> None:
        subprocess.run(
            [*self._enter, "tee", "-a", path],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
        )


@contextlib.contextmanager
def booted(directory: Path) -> Iterator[Machine]:
    assert os.geteuid() == 0, "the drills boot a machine of their own: run them as root"
    for name in ("changes", "disk"):
        (directory / name).mkdir()
    (directory / "console.log").touch()
    group = next(place for place in GROUPS if (place / "cgroup.procs").exists())
    ours = group / f"machine-{os.getpid()}"
    ours.mkdir(exist_ok=True)
    enter = f'echo $$ >{ours}/cgroup.procs; exec unshare -mpnuiC --fork --kill-child "$@"'
    boot = str(Path(__file__).with_name("boot.sh"))
    keeper = subprocess.Popen(["sh", "-c", enter, "sh", boot, str(directory), str(ROOT)])
    try:
        (first,) = eventually(lambda: children(keeper.pid))
        machine = Machine(first)
        eventually(
            lambda: "basic.target" in machine.run("systemctl", "list-units", "--state=active")
        )
        yield machine
    finally:
        for pid in children(keeper.pid):
            os.kill(pid, signal.SIGKILL)  # and with it all its processes
        keeper.wait(10)
        _remove(ours)
        shutil.rmtree(directory / "disk", ignore_errors=True)


def _remove(group: Path) -> None:
    """The groups below first; each is empty, or soon will be."""
    places = [*sorted(group.rglob("*/"), reverse=True), group]
    eventually(lambda: not [place for place in places if _occupied(place)])


def _occupied(place: Path) -> bool:
    with contextlib.suppress(OSError):
        place.rmdir()
    return place.exists()
