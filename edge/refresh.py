"""Follow the published pointer: build the next table aside, swap it in, keep the last good one.

Whatever goes wrong here, visitors keep what they have. Three tasks run on the server's loop: one
listens for flips, one polls, for messages may be lost, and reads the source's state, and one lays
generations out as files, if no other edge of this machine is quicker.
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
from edge.query.routes import LISTS
from edge.reply import Results, Source, View
from edge.table import Table
from edge.tree import Tree
from snapshot import DamagedError, Reader, SnapshotError

log = logging.getLogger("edge.refresh")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0
CALM_S = 10.0  # a task that ran this long had recovered from its last fault


@dataclass(slots=True)
class Follower:
    """`view` is replaced whole, by this object alone; readers take it once per request."""

    reader: Reader
    poll_s: float
    tree: Tree
    view: View = field(default_factory=View)
    flips: int = 0
    faults: int = 0
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _fresh: dict[str, bytes] = field(default_factory=dict)  # loaded, not known to be on disk yet
    _disk_fault: str = ""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def start_from_tree(self) -> None:
        """Load what this machine last laid out, so that a start needs no store."""
        try:
            manifest, objects = self.tree.load()
            made = table.build(manifest, objects, None)
            self._show(made, _first_results(made))
        except SnapshotError as error:
            log.info("starting empty: %s", error)

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._persist(self._listen))
            group.create_task(self._persist(self._poll))
            group.create_task(self._persist(self._keep_tree))

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
        self._show(made, await asyncio.to_thread(_first_results, made))
        self._fresh |= objects
        log.info("serving generation %d (%d new objects)", made.generation, len(objects))
        return True

    def _show(self, made: Table, results: Results) -> None:
        self.view = replace(self.view, table=made, results=results)
        self.flips += 1
        self._changed.set()
        gc.freeze()  # the table lives long: full collections need not walk it

    async def _keep_tree(self) -> None:
        """Apart from following: a large generation takes seconds to lay out."""
        while True:
            self._changed.clear()
            await self._lay_out()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(
                    self.poll_s
                ):  # another edge, or a disk, may have failed
                    await self._changed.wait()

    async def _lay_out(self) -> None:
        """Bring the tree to what is served; a full disk costs the tree, not the site."""
        held = self.view.table
        if held is None or self.tree.generation() >= held.generation:
            self._fresh = {}
            return
        try:
            lacking = await asyncio.to_thread(self.tree.lacks, held.manifest)
            rest = await self.reader.objects(lacking - self._fresh.keys())
            plain = self.view.results.of(held, ListQuery())
            lists = dict.fromkeys(LISTS, plain) if plain is not None else {}
            await asyncio.to_thread(self.tree.write, held, self._fresh | rest, lists)
        except OSError as error:
            if str(error) != self._disk_fault:
                log.warning("the tree stays at generation %d: %s", self.tree.generation(), error)
            self._disk_fault = str(error)

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
            _end_if_cancelled()
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)


def _end_if_cancelled() -> None:
    """A cancellation that a library lost on the way still ends this task."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _first_results(made: Table) -> Results:
    """With the list that everybody asks for."""
    results = Results()
    results.of(made, ListQuery())
    return results


def _say(error: SnapshotError, said: str) -> str:
    """Log `error` unless it is what was said last; what has now been said."""
    word = f"{type(error).__name__}: {error}"
    if word != said:
        log.warning("%s; keeping what is loaded", word)
    return word
