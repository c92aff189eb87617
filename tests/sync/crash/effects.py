"""What a process does to the world outside it, counted; death or a fault just before the n-th of these.

An effect is a commit, a statement amid a transaction, a command that changes the store, a call of
the source, a directory made or renamed. Nothing happens between two of them that could be seen
from outside, so dying before each is dying everywhere.
"""

import errno
import functools
import os
import re
import signal
from collections.abc import Callable
from typing import Any

import httpx
import redis.asyncio.connection
import redis.exceptions
import sqlalchemy as sa

AMID = re.compile(
    r"INSERT INTO (listing|event|hold|medium|run)\b"
)  # one per part of a transaction
WRITES = re.compile(rb"\*\d+\r\n\$\d+\r\n(EVALSHA|HSET|SET|DEL)\r\n")


def disk_full() -> Exception:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def database_fails() -> Exception:
    return sa.exc.OperationalError("disk I/O error", None, OSError(errno.EIO))


def source_breaks() -> Exception:
    return httpx.ReadError("broken off")


def store_breaks() -> Exception:
    return redis.exceptions.ConnectionError("broken off")


class Effects:
    """`fatal`: the number of the effect that is not lived to see, 0 for none; `spoil`: it only fails."""

    def __init__(self, fatal: int, *, spoil: bool = False) -> None:
        self.fatal, self.spoil = fatal, spoil
        self.count = 0

    def happens(self, fault: Callable[[], Exception] = disk_full) -> None:
        self.count += 1
        if self.count != self.fatal:
            return
        if self.spoil:
            raise fault()
        os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """In this process, from now on."""
        sa.event.listen(sa.Engine, "before_cursor_execute", self._statement)
        sa.event.listen(sa.Engine, "commit", self._commit)
        self._before(httpx.AsyncHTTPTransport, "handle_async_request", source_breaks)
        self._before(os, "rename", disk_full)
        self._before(os, "mkdir", disk_full)
        connection = redis.asyncio.connection.AbstractConnection
        send = connection.send_packed_command

        async def sent(one: Any, command: Any, *args: Any, **kwargs: Any) -> None:
            packed = command if isinstance(command, bytes) else b"".join(command)
            if WRITES.match(packed):
                self.happens(store_breaks)
            await send(one, command, *args, **kwargs)

        connection.send_packed_command = sent  # type: ignore[method-assign, assignment]

    def _commit(self, connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writes", True):
            self.happens(database_fails)

    def _statement(self, *event: Any) -> None:
        if AMID.match(event[2]):
            self.happens(database_fails)

    def _before(self, owner: Any, name: str, fault: Callable[[], Exception]) -> None:
        done: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(done)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.happens(fault)
            return done(*args, **kwargs)

        setattr(owner, name, counted)
