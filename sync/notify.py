"""The service manager's socket: ready, status, watchdog, stopping (sd_notify(3))."""

import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notifier:
    """Says nothing when no service manager listens at `address`, nor fails when it has gone."""

    address: str = ""
    watchdog_s: float = 0.0  # without a ping for so long we are killed; 0: not watched

    @classmethod
    def of(cls, environ: Mapping[str, str], pid: int) -> "Notifier":
        """As the manager of process `pid` left it in the environment."""
        micros = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        watched = int(micros) / 1e6 if micros.isdecimal() and ours else 0.0
        return cls(environ.get("NOTIFY_SOCKET", ""), watched)

    def ready(self) -> None:
        self._send("READY=1")

    def status(self, text: str) -> None:
        self._send(f"STATUS={' '.join(text.split())}")

    def ping(self) -> None:
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self.address:
            return
        name = self.address.replace("@", "\0", 1) if self.address[0] == "@" else self.address
        with (
            contextlib.suppress(OSError),  # the manager restarts: it is no reason to stop
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out,
        ):
            out.sendto(message.encode(), name)
