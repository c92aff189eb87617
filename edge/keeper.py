"""Bring the published tree to what is served, if no other edge of this machine is quicker."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from edge import ahead
from edge.reply import View
from edge.results import Results
from edge.table import Table
from edge.tree import Tree
from snapshot import Reader, SnapshotError

log = logging.getLogger("edge.keeper")
GAP_S = 1.0  # Caddy opens a file within microseconds of looking it up, if it may run
STORM_S = 3.0  # while flips come closer together than this, lists are left to edges
LONGEST_S = 5.0  # and pages, for so long at most, while they come within the gap


@dataclass(slots=True)
class Keeper:
    """`current`: what is shown now."""

    reader: Reader
    tree: Tree
    current: Callable[[], View]
    laid_out: int = 0  # the tree's generation, as last seen
    fault: str = ""
    faults: int = 0
    _checked: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _flipped_at: float = 0.0
    _storm: bool = False
    _whole: int = 0  # a generation that was seen laid out with its lists

    def flipped(self) -> None:
        """There is something new to lay out."""
        before, self._flipped_at = self._flipped_at, time.monotonic()
        self._storm = self._flipped_at - before < STORM_S
        self._changed.set()

    async def flipped_within(self, seconds: float) -> bool:
        """Whether anything has come since `lay_out` began, or comes so soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._changed.wait()
        return False

    async def lay_out(self) -> None:
        """A tree that cannot follow is withdrawn."""
        self._changed.clear()
        held = self.current().table
        self.laid_out = await asyncio.to_thread(self.tree.generation)
        if held is None:
            return
        try:
            await self._bring(held)
        except (OSError, SnapshotError) as error:
            behind = await asyncio.to_thread(self.tree.generation) < held.generation
            if behind:  # no sibling did it
                await asyncio.to_thread(self.tree.withdraw)  # visitors are served from memory
            said, self.fault = self.fault, type(error).__name__
            if said != self.fault:
                self.faults += 1
                what = "is withdrawn" if behind else "lacks lists"
                log.warning("the tree %s: %s: %s", what, self.fault, error)

    async def _bring(self, held: Table) -> None:
        if self.laid_out == held.generation:
            await self._complete(held)
        if self.laid_out < held.generation:
            with self.tree.turn(held.generation) as mine:
                if mine:
                    await self._write(held)
            self.laid_out = await asyncio.to_thread(self.tree.generation)
        if self.laid_out >= held.generation:
            self.fault = ""

    async def _write(self, held: Table) -> None:
        """Lists with the pages, or when flips rest: every flip changes all lists."""
        held = await self._taken_away(held)
        if self._storm:
            await asyncio.to_thread(self.tree.fill, held, {})
        else:
            await self._fill_whole(held)

    async def _taken_away(self, held: Table) -> Table:
        """What is to be shown, when nothing else is any more, nor still being opened."""
        latest = time.monotonic() + LONGEST_S
        while True:
            self._changed.clear()
            held = self.current().table or held
            await asyncio.to_thread(self.tree.take_away, held)
            await self._keep_objects(held)  # while the store is there: siblings wait for the lock
            if time.monotonic() + GAP_S > latest:
                await asyncio.sleep(GAP_S)
                return held
            if not await self.flipped_within(GAP_S):
                return held

    async def _keep_objects(self, held: Table) -> None:
        lacking = await asyncio.to_thread(self.tree.lacks, held.manifest)
        async with contextlib.aclosing(self.reader.batches(lacking)) as batches:
            async for objects in batches:
                await asyncio.to_thread(self.tree.keep, objects)

    async def _fill_whole(self, held: Table) -> None:
        """Not at all when a flip comes before the lists are made: what it changes was to go at once."""
        lists = await ahead.most_asked(held, self._results(held))
        if not self._changed.is_set():
            await asyncio.to_thread(self.tree.fill, held, lists)
            self._whole = held.generation

    async def _complete(self, held: Table) -> None:
        """Once after a start, what was cut short by a power failure is laid out anew; when flips rest, lists
        that are lacking, whoever left them out."""
        rests = self._whole != held.generation and time.monotonic() - self._flipped_at > STORM_S
        if self._checked and not rests:
            return
        with self.tree.alone() as mine:
            if not mine or await asyncio.to_thread(self.tree.generation) != held.generation:
                return  # a sibling is going on
            bare = await asyncio.to_thread(self.tree.bare)
            if not self._checked or (rests and bare):
                await self._check(held, bare)
            if not self.laid_out or not rests:
                return
            if bare:
                await self._fill_whole(held)
            else:  # by a sibling
                self._whole = held.generation

    async def _check(self, held: Table, bare: bool) -> None:
        lists = {} if bare else await ahead.most_asked(held, self._results(held))
        self._checked = True
        if not await asyncio.to_thread(self.tree.intact, held, lists):
            log.warning("the tree is not whole, or of another release: laid out anew")
            await asyncio.to_thread(self.tree.withdraw)
            self.laid_out = 0

    def _results(self, held: Table) -> Results:
        """Those of this table."""
        view = self.current()
        return view.results if view.table is held else Results()
