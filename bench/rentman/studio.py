"""Makes each picture once: drawn when first asked for, kept on disk by filename, a few in memory.

Drawing runs in threads of its own, so the event loop goes on answering.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.rentman.gallery import Media
from bench.rentman.pictures import draw

MEMORY = 64 * 1024 * 1024


@dataclass(slots=True)
class Studio:
    folder: Path
    hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "draw"))
    memory: int = MEMORY
    drawn: int = 0
    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _size: int = 0
    _busy: dict[str, asyncio.Task[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    async def picture(self, item: Media) -> bytes:
        """Two callers who want the same picture wait for one drawing."""
        kept = self._kept.get(item.filename)
        if kept is not None:
            self._kept.move_to_end(item.filename)
            return kept
        task = self._busy.get(item.filename)
        if task is None:
            task = self._busy[item.filename] = asyncio.create_task(self._made(item))
            task.add_done_callback(lambda _done: self._busy.pop(item.filename, None))
        return await asyncio.shield(task)

    async def _made(self, item: Media) -> bytes:
        loop = asyncio.get_running_loop()
        data = await loop.run_in_executor(self.hands, self.make, item)
        self._keep(item.filename, data)
        return data

    def make(self, item: Media) -> bytes:
        path = self.folder / item.filename
        if path.exists():
            return path.read_bytes()
        data = draw(item)
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(data)
        draft.replace(path)
        self.drawn += 1
        return data

    def make_all(self, items: Iterable[Media]) -> int:
        return sum(1 for _data in self.hands.map(self.make, items))

    def _keep(self, filename: str, data: bytes) -> None:
        self._kept[filename] = data
        self._size += len(data)
        while self._size > self.memory and self._kept:
            _name, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)

    def show(self) -> dict[str, Any]:
        return {"drawn": self.drawn, "in_memory": len(self._kept), "memory_bytes": self._size}
