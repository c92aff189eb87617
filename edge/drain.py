"""How a process stops: it takes no new connection, and ends when those that it has are done.

actix would do this itself, by SIGTERM, and lose what it is reading: its thread that accepts may end
before its workers have heard of the stop, and a worker that finds it gone drops its connections
(actix-server 2.6.0, worker.rs). So STOPPING stays blocked in every thread of actix's, one thread of
ours waits for it, and actix only ever sees connections that end, and none that come.
"""

import asyncio
import os
import signal
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})
QUIET_LOOKS = 2  # one may be amid its accept when we look
LOOK_S = 0.05  # the kernel has no event for "the last one has closed"


def hold() -> None:
    """Keep the signals of `STOPPING` from this thread and all that it starts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)


def when_asked(then: Callable[[], object]) -> None:
    """Call `then` on the running loop when a held signal comes, or has come."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        signal.sigwait(STOPPING)
        loop.call_soon_threadsafe(then)

    threading.Thread(target=wait, name="signals", daemon=True).start()


async def drain(linger_s: float) -> None:
    """Leave the listening sockets to their other owners; return when nobody is connected.

    `linger_s` is how long to wait: an idle connection that is kept alive ends only then.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + linger_s
    ours = _forsake()
    empty = 0
    while empty < QUIET_LOOKS and loop.time() < deadline:
        await asyncio.sleep(LOOK_S)
        empty = 0 if ours & set(map(_port, sockets())) else empty + 1


def sockets() -> set[int]:
    """This process's descriptors that are sockets."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            if stat.S_ISSOCK(os.fstat(int(entry.name)).st_mode):
                found.add(int(entry.name))
        except OSError:
            continue  # closed meanwhile, or the listing's own
    return found


def _forsake() -> set[int]:
    """Put a socket that nobody knows in the place of each that listens; the ports these had.

    Whoever is told of a connection then finds none to accept (EAGAIN), as when another owner of the
    same socket was faster. The shared socket itself stays as it is.
    """
    listening = {one: _port(one, only_listening=True) for one in sockets()}
    ports = {one: port for one, port in listening.items() if port is not None}
    with socket.create_server(("127.0.0.1", 0), backlog=0) as nowhere:
        nowhere.setblocking(False)
        for descriptor in ports:
            os.dup2(nowhere.fileno(), descriptor, inheritable=False)
    return set(ports.values())


def _port(descriptor: int, *, only_listening: bool = False) -> int | None:
    """The local port of a TCP socket; None for any other."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as one:
            internet = one.family in (socket.AF_INET, socket.AF_INET6)
            listening = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            return (
                int(one.getsockname()[1])
                if internet and (listening or not only_listening)
                else None
            )
    except OSError:
        return None  # closed meanwhile
