"""What the retained generations need, known from flip to flip."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection

from snapshot.entry import Manifest
from snapshot.errors import DamagedError


class Retained:
    """Every object by the number of generations that name it.

    A flip costs the manifests that come and go: to read all twenty each time was a tenth of what
    `sync` did. A manifest is named by its content, so one that was read need not be read again.
    """

    def __init__(self, read: Callable[[str], Awaitable[Manifest]]) -> None:
        self._read = read
        self._manifests: set[str] = set()
        self._named: Counter[str] = Counter()
        self._one_at_a_time = asyncio.Lock()

    async def digests(self, manifests: Collection[str]) -> set[str]:
        """Of these manifests and of all that they name; of those that turn out damaged, none.

        What `read` raises besides that is raised, and what is known stays true.
        """
        async with self._one_at_a_time:
            going = self._manifests - set(manifests)
            if len(going) > len(manifests):  # quicker than to forget them one by one
                self._clear()
            for name in going:
                await self._forget(name)
            for name in manifests:
                await self._count(name)
            return self._manifests | self._named.keys()

    async def _count(self, name: str) -> None:
        if name in self._manifests:
            return
        try:
            named = (await self._read(name)).digests()
        except DamagedError:
            return
        self._manifests.add(name)
        self._named.update(named)

    async def _forget(self, name: str) -> None:
        if name not in self._manifests:  # all are forgotten already
            return
        try:
            named = (await self._read(name)).digests()
        except DamagedError:  # what it named is not known any more
            self._clear()
            return
        self._manifests.remove(name)
        self._named.subtract(named)
        self._named = +self._named

    def _clear(self) -> None:
        self._manifests.clear()
        self._named.clear()
