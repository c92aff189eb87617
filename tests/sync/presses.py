"""A press on a real store, for tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis.asyncio

from snapshot import (
    Pointer,
    Publisher,
    StoreUnavailableError,
)
from sync.publish import Press
from sync.render.card import Moment
from sync.render.images import Links
from sync.render.site import Site, render
from tests.sync.samples import NOON, known, ledger


class Watched(Publisher):
    """A real publisher that notes what it is asked to send, and may be cut off after it."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__(client)
        self.sent: set[str] = set()
        self.dies_after_sending = False
        self.overtaken: Publisher | None = None  # takes the lease as soon as a generation is out

    async def flip(self, *args: Any, **options: Any) -> Pointer:
        pointer = await super().flip(*args, **options)
        if self.overtaken:
            await self.overtaken.acquire("writer", 30)
        return pointer

    async def send(self, objects: Mapping[str, bytes]) -> None:
        self.sent = set(objects)
        await super().send(objects)
        if self.dies_after_sending:
            raise StoreUnavailableError("gone")


@dataclass
class Clock:
    now: int = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Works:
    press: Press
    publisher: Watched
    clock: Clock
    client: redis.asyncio.Redis

    async def publish(self, site: Site) -> int:
        made = await self.press.publish(site, "test", "digest")
        return made.generation if made else 0


def site(*refs: str, pence: int = 150_000) -> Site:
    homes = [known(refs[0], pence=pence), *map(known, refs[1:])]
    return render(homes, ledger(*homes), Links("https://homes.example"), Moment(NOON, NOON))
