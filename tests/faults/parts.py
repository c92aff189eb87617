"""Processes that are started again when they die, as systemd does, unless a test wants them dead."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT

RESTART_S = 0.2  # RestartSec=200ms
STOP_S = 10.0


@dataclass
class Part:
    """One process of the stack. `before`: words in front of the command, for once."""

    name: str
    command: list[str]
    environ: dict[str, str]
    log: Path
    before: list[str] = field(default_factory=list)
    starts: int = 0
    wanted: bool = False
    process: subprocess.Popen[bytes] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _due: float = 0.0
    _writers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def pid(self) -> int:
        assert self.process is not None, self.name
        return self.process.pid

    def start(self) -> None:
        with self._lock:
            self.wanted = True
            self._start()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit code; it stays down until started."""
        with self._lock:
            self.wanted = False
            if self.process is None:
                return 0
            if self.process.poll() is None:
                self.process.send_signal(number)
                self.process.send_signal(signal.SIGCONT)
            try:
                return self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                return self.process.wait()

    def kill(self) -> None:
        """It comes back by itself."""
        os.kill(self.pid, signal.SIGKILL)

    def down(self) -> None:
        """Killed, and it stays down until started."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def close(self) -> None:
        for writer in self._writers:
            writer.wait(STOP_S)

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def look(self) -> None:
        with self._lock:
            if not self.wanted or self.alive():
                self._due = 0.0
            elif not self._due:
                self._due = time.monotonic() + RESTART_S
            elif time.monotonic() >= self._due:
                self._start()

    def _start(self) -> None:
        with self.log.open("ab") as log:  # by a pipe: what limits its files spares its words
            writer = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        assert writer.stdin is not None
        with writer.stdin:
            self.process = subprocess.Popen(
                self.before + self.command,
                env=os.environ | self.environ,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=writer.stdin,
                stderr=subprocess.STDOUT,
            )
        self._writers.append(writer)
        self.starts += 1
        self._due = 0.0


class Keeper:
    """Looks after the parts until closed, and then ends them, last first."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep)
        self._thread.start()

    def add(self, part: Part) -> Part:
        self.parts = self.parts | {part.name: part}
        return part

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for part in reversed(self.parts.values()):
            part.stop()
            part.close()

    def _keep(self) -> None:
        while not self._over.wait(0.02):
            for part in self.parts.values():
                part.look()
