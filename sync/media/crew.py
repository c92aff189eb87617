"""Worker processes: start, ask, kill when late, replace.

Fresh processes rather than a pool of the standard library: that one cannot kill one hung member,
and a fork would hand the daemon's sockets to code that reads hostile bytes.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from sync.media import wire
from sync.media.errors import MediaFailedError

COMMAND = (sys.executable, "-m", "sync.media.worker")
LIFETIME = 500
"""Tasks after which a worker is replaced, so that no leak in a codec can add up."""

M = TypeVar("M")

_START_S = 60.0
_CHUNK = 1 << 18
_HOME = Path(__file__).parents[2]  # where `python -m` finds the same `sync` as this one
# All there is: a worker sees none of the daemon's secrets. One thread, because the bytes of an
# AVIF depend on the number; two arenas, because glibc would keep a third of the memory.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "VIPS_CONCURRENCY": "1",
    "VIPS_DISC_THRESHOLD": "2g",  # never spill hostile pixels to a temporary file
    "VIPS_WARNING": "1",  # to libvips this means: keep warnings to yourself
}


class Hand:
    """One worker, started when first needed. Takes one task at a time."""

    def __init__(self, command: tuple[str, ...] = COMMAND, lifetime: int = LIFETIME) -> None:
        self._command = command
        self._lifetime = lifetime
        self._process: Process | None = None
        self._done = 0

    async def ask(self, task: wire.Task, source: bytes, deadline_s: float) -> wire.Answer:
        """Raises `MediaFailedError`: `timeout` or `crash`; the next call gets a new process."""
        try:
            async with asyncio.timeout(_START_S):
                process = await self._ready()
            async with asyncio.timeout(deadline_s):
                await _send(process, task, source)
                answer = await _receive(process, wire.decode_answer)
        except TimeoutError as error:
            await self.dismiss()
            raise MediaFailedError("timeout") from error
        except (EOFError, OSError, msgspec.DecodeError) as error:
            await self.dismiss()
            raise MediaFailedError("crash") from error
        except asyncio.CancelledError:
            await self.dismiss()
            raise
        self._done += 1
        if self._done >= self._lifetime or answer == wire.Failed("memory"):
            await self.dismiss()
        return answer

    async def dismiss(self) -> None:
        """End the process now. It owns nothing, so there is nothing to end gracefully."""
        process, self._process, self._done = self._process, None, 0
        if process is None or process.stdin is None or process.stdout is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        process.stdin.close()
        with suppress(OSError):
            await process.stdin.wait_closed()
        await process.stdout.read()  # to its end, or the loop would keep the pipe open
        await process.wait()

    async def _ready(self) -> Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                env=_ENVIRONMENT,
                cwd=_HOME,
                start_new_session=True,  # Ctrl-C is for the daemon, which then ends its workers
            )
            await _receive(self._process, wire.decode_ready)
        return self._process


async def _send(process: Process, task: wire.Task, source: bytes) -> None:
    pipe = process.stdin
    assert pipe is not None  # noqa: S101 - asked for in _ready
    pipe.write(wire.frame(task))
    # In pieces: one write would copy all 40 MB at once, with the loop waiting.
    view = memoryview(source)
    for at in range(0, len(view), _CHUNK):
        pipe.write(view[at : at + _CHUNK])
        await pipe.drain()


async def _receive(process: Process, decode: Callable[[bytes], M]) -> M:
    pipe = process.stdout
    assert pipe is not None  # noqa: S101 - asked for in _ready
    (length,) = wire.LENGTH.unpack(await pipe.readexactly(wire.LENGTH.size))
    if length > wire.LONGEST:
        raise EOFError(f"a message of {length} bytes")
    return decode(await pipe.readexactly(length))
