"""A way to a server that can be spoiled: refused, reset, hung, one-way, slow, cut short, garbled.

It listens on a port of its own for as long as it lives, whatever happens to the server behind it.
"""

import asyncio
import contextlib
import os
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, Literal

Manner = Literal["pass", "refuse", "reset", "hang", "half", "slow", "cut", "garbage"]
CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class _CutError(Exception):
    """This connection has had its share."""


class Gate:
    """`delay_s` is of each piece when slow; `bytes_` is what a connection may hear when cut."""

    def __init__(self, target: int) -> None:
        self.target, self.manner = target, "pass"
        self.delay_s, self.bytes_ = 0.2, 1000
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._held = _bound(0)
        self.port = int(self._held.getsockname()[1])
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    def set(self, manner: Manner, **options: float) -> None:
        """From now on, for open connections too; `pass` lets what is left of them go on."""
        vars(self).update(options)
        self._do(self._set(manner))

    def close(self) -> None:
        self._do(self._set("refuse"))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._held.close()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _set(self, manner: Manner) -> None:
        if "garbage" in (self.manner, manner):  # nobody can make sense of such a connection again
            self._drop()
        self.manner = manner
        if manner in ("hang", "half"):
            self._flowing.clear()
        else:
            self._flowing.set()
        if manner in ("refuse", "reset"):
            self._drop()
        if manner == "refuse":
            await self._shut()
        elif self._server is None:
            await self._listen()

    def _drop(self) -> None:
        for writer in set(self._open):
            _reset(writer)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._held, backlog=512)

    async def _shut(self) -> None:
        """A port that is bound and does not listen refuses, and nobody else can take it."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._held = _bound(self.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.manner == "reset":
            _reset(writer)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, back}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, back, heard=False))
                both.create_task(self._pump(there, writer, heard=True))
        except* (OSError, _CutError):
            pass
        finally:
            for end in (writer, back):
                self._open.discard(end)
                end.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, heard: bool
    ) -> None:
        left = self.bytes_
        while data := await reader.read(CHUNK):
            if not self._flowing.is_set() and (heard or self.manner == "hang"):
                await self._flowing.wait()
            if self.manner == "slow":
                await asyncio.sleep(self.delay_s)
            if heard and self.manner == "garbage":
                data = os.urandom(len(data))
            if heard and self.manner == "cut":
                writer.write(data[:left])
                left -= len(data)
                if left <= 0:
                    raise _CutError
                continue
            writer.write(data)
            await writer.drain()
        raise _CutError  # one end has closed: so does the other


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


@contextlib.contextmanager
def gate_to(port: int) -> Iterator[Gate]:
    gate = Gate(port)
    try:
        yield gate
    finally:
        gate.close()
