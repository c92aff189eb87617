"""Follow the published pointer: build the next table aside, swap it in, keep the last good one.

Whatever goes wrong here, visitors keep what they have. Two tasks run on the server's loop: one
listens for flips and polls (messages may be lost), the other reads the source's state.
"""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import msgspec

from edge import table
from edge.query.parameters import ListQuery
from edge.reply import Results, Source, View
from snapshot import DamagedError, Reader, SnapshotError

log = logging.getLogger("edge.refresh")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0
CALM_S = 10.0  # a task that ran this long had recovered from its last fault


@dataclass(slots=True)
class Follower:
    """`view` is replaced whole, by this object alone; readers take it once per request."""

    reader: Reader
    poll_s: float
    view: View = field(default_factory=View)
    flips: int = 0
    faults: int = 0
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._persist(self._listen))
            group.create_task(self._persist(self._poll))

    async def refresh(self) -> bool:
        """Load the current generation if it is newer; whether the view changed."""
        async with self._loading:
            return await self._refresh()

    async def _refresh(self) -> bool:
        pointer = await self.reader.pointer()
        held = self.view.table
        if pointer is None or (held is not None and pointer.generation <= held.generation):
            return False
        manifest = await self.reader.manifest(pointer.manifest)
        if manifest.generation != pointer.generation:
            raise DamagedError(
                f"manifest {pointer.manifest} is not generation {pointer.generation}"
            )
        objects = await self.reader.objects(table.needed(manifest, held))
        made = await asyncio.to_thread(table.build, manifest, objects, held)
        results = Results()
        await asyncio.to_thread(results.of, made, ListQuery())  # the page everybody asks for
        self.view = replace(self.view, table=made, results=results)
        self.flips += 1
        log.info("serving generation %d (%d new objects)", made.generation, len(objects))
        gc.freeze()  # the table lives long: full collections need not walk it
        return True

    async def _listen(self) -> None:
        async with contextlib.aclosing(self.reader.flips()) as flips:
            async for _ in flips:
                await self.refresh()

    async def _poll(self) -> None:
        while True:
            await self.refresh()
            await self._read_source()
            await asyncio.sleep(self.poll_s)

    async def _read_source(self) -> None:
        word = await self.reader.source()
        try:
            source = msgspec.json.decode(word, type=Source) if word else Source()
        except msgspec.DecodeError as error:
            raise DamagedError(f"the source report cannot be read: {error}") from error
        if source != self.view.source:
            self.view = replace(self.view, source=source)

    async def _persist(self, task: Callable[[], Awaitable[None]]) -> None:
        """Run `task` again after each fault, ever more slowly; say the same fault once."""
        clock = asyncio.get_running_loop().time
        wait, said = FIRST_WAIT_S, ""
        while True:
            started = clock()
            try:
                await task()
            except SnapshotError as error:
                self.faults += 1
                if clock() - started > CALM_S:
                    wait, said = FIRST_WAIT_S, ""
                said = _say(error, said)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)


def _say(error: SnapshotError, said: str) -> str:
    """Log `error` unless it is what was said last; what has now been said."""
    word = f"{type(error).__name__}: {error}"
    if word != said:
        log.warning("%s; keeping what is loaded", word)
    return word
