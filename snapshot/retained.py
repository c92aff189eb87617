"""What the retained generations need, known from flip to flip."""

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

    async def digests(self, manifests: Collection[str]) -> set[str]:
        """Of these manifests and of all that they name; of those that cannot be read, none."""
        for gone in self._manifests - set(manifests):
            await self._forget(gone)
        for come in manifests:
            await self._count(come)
        return self._manifests | self._named.keys()

    async def _count(self, name: str) -> None:
        if name in self._manifests:
            return
        try:
            named = (await self._read(name)).digests()
        except DamagedError:
            return
        if name not in self._manifests:  # nor counted meanwhile
            self._manifests.add(name)
            self._named.update(named)

    async def _forget(self, name: str) -> None:
        try:
            named = (await self._read(name)).digests()
        except DamagedError:  # what it named is not known any more
            self._manifests.clear()
            self._named.clear()
            return
        if name in self._manifests:  # nor forgotten meanwhile
            self._manifests.remove(name)
            self._named.subtract(named)
            self._named = +self._named
