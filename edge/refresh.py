"""Follow the published pointer: build the next table aside, swap it in, keep the last good one.

Whatever goes wrong here, visitors keep what they have. Four tasks run on the server's loop: one
listens for flips, one polls, for messages may be lost, and reads the source's state, one lays
generations out as files, if no other edge of this machine is quicker, and one asks the new
generation what visitors asked the one before, so that few of them wait.
"""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec

from edge import ahead, table
from edge.keeper import STORM_S, Keeper
from edge.reply import Source, View
from edge.results import EVERYBODY, Asked, Results
from edge.table import Table
from edge.tree import Tree
from edge.trouble import end_if_cancelled, say
from snapshot import UNREADABLE, DamagedError, NewerFormatError, Pointer, Reader, SnapshotError

log = logging.getLogger("edge.refresh")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0
EMPTY_LOOK_S, LOADED_LOOK_S = 2.0, 0.1  # for the store's generation before answering without it
DISK_WAIT_S = 60.0  # at most, before a disk that was full is written to again
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
    _ignored: int = 0  # a generation of the store that is below the one served
    _asked: asyncio.Queue[Asked] = field(default_factory=asyncio.Queue)
    _keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self._keeper = Keeper(self.reader, self.tree, lambda: self.view)

    def start_from_tree(self) -> None:
        """Load what this machine last laid out, so that a start needs no store."""
        made = self._from_tree()
        if made is not None:
            self._show(made, Results())
            self._asked.put_nowait({EVERYBODY: 0})

    def _from_tree(self) -> Table | None:
        held = self.view.table
        try:
            manifest, objects = self.tree.load()
        except (OSError, SnapshotError) as error:
            log.debug("nothing to start from: %s", error)
            return None
        try:
            return table.build(manifest, objects, held)
        except (NewerFormatError, OSError) as error:
            log.warning("starting without the tree: %s", error)
        except DamagedError as error:
            log.warning("the tree is damaged and laid out anew: %s", error)
            with contextlib.suppress(OSError):  # said when it is laid out
                self.tree.discard(manifest.generation)
        return None

    async def first_look(self) -> None:
        """Load what is published before taking connections; siblings take them meanwhile.

        With something to show it is soon over, so that one that died is soon back.
        """
        longest = EMPTY_LOOK_S if self.view.table is None else LOADED_LOOK_S
        with contextlib.suppress(SnapshotError, TimeoutError):
            async with asyncio.timeout(longest):
                await self.refresh()

    def gauges(self) -> dict[str, int]:
        """How far this process has come, for `edge.board`."""
        held = self.view.table
        return {
            "generation": held.generation if held else 0,
            "published_at": held.manifest.published_at if held else 0,
            "checked_at": self.view.source.checked_at_s,
            "flips": self.flips,
            "faults": self.faults + self._keeper.faults,
            "tree_generation": self._keeper.laid_out,
        }

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._persist(self._listen))
            group.create_task(self._persist(self._poll))
            group.create_task(self._persist(self._keep_tree))
            group.create_task(ahead.ask_again(self._asked, lambda: self.view))

    async def refresh(self) -> bool:
        """Load the current generation if it is newer; whether the view changed."""
        async with self._loading:
            return await self._refresh()

    async def _refresh(self) -> bool:
        pointer = await self.reader.pointer()
        held = self.view.table
        if pointer is None or (held is not None and pointer.generation <= held.generation):
            self._note_ignored(pointer, held)
            return False
        manifest = await self.reader.manifest(pointer.manifest)
        if manifest.generation != pointer.generation:
            raise DamagedError(
                f"manifest {pointer.manifest} is not generation {pointer.generation}"
            )
        draft, lacking = table.Draft(manifest, held), table.needed(manifest, held)
        async with contextlib.aclosing(self.reader.batches(lacking)) as batches:
            async for objects in batches:
                await asyncio.to_thread(draft.add, objects)
        made = await asyncio.to_thread(draft.finish)
        if not await self._take(made):
            return False
        log.info("serving generation %d (%d new objects)", made.generation, len(lacking))
        return True

    def _generation(self) -> int:
        return self.view.table.generation if self.view.table is not None else 0

    async def _take(self, made: Table) -> bool:
        """Show it, unless a newer one has come another way meanwhile."""
        results = Results()  # with the list that everybody asks for
        await ahead.apart(partial(results.prepare, made, EVERYBODY, 0))
        if made.generation <= self._generation():
            return False
        self._show(made, results)
        return True

    def _note_ignored(self, pointer: Pointer | None, held: Table | None) -> None:
        """Numbers never go back, unless a store was lost; then an operator has to choose."""
        lower = (
            pointer.generation if pointer and held and pointer.generation < held.generation else 0
        )
        if lower and held and lower != self._ignored:
            self.faults += 1
            log.warning(
                "the store is at generation %d, below %d which is served; to accept it, empty the "
                "tree and start again",
                lower,
                held.generation,
            )
        self._ignored = lower

    def _show(self, made: Table, results: Results) -> None:
        self._asked.put_nowait(self.view.results.asked())
        self.view = replace(self.view, table=made, results=results)
        self.flips += 1
        self._keeper.flipped()
        gc.freeze()  # the table lives long: full collections need not walk it

    async def _keep_tree(self) -> None:
        """Apart from following: a large generation takes seconds to lay out."""
        wait = self.poll_s
        while True:
            await self._keeper.lay_out()
            await self._catch_up()
            wait = min(wait * 2, DISK_WAIT_S) if self._keeper.fault else min(self.poll_s, STORM_S)
            await self._keeper.flipped_within(wait)  # or another edge, or a disk, has failed

    async def _catch_up(self) -> None:
        """From the tree, when a sibling laid out there what this edge has not got from the store.

        Visitors would be sent back and forth between two generations otherwise. The sibling spent a
        second on it (`keeper.GAP_S`), so the usual way has had its time.
        """
        if self._keeper.laid_out > self._generation():
            await self._look_at_tree()

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
        except UNREADABLE as error:
            raise DamagedError(f"the source report cannot be read: {error}") from error
        if source != self.view.source:
            self.view = replace(self.view, source=source)

    async def _look_at_tree(self) -> None:
        made = await asyncio.to_thread(self._from_tree)
        if made is not None and await self._take(made):
            log.info("serving generation %d, from the tree", made.generation)

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
                if self.view.table is None:  # another process may have laid something out
                    await self._look_at_tree()
                if clock() - started > CALM_S:
                    wait, said = FIRST_WAIT_S, ""
                said = say(error, said)
            end_if_cancelled()
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)
