"""`python mortal.py FILE`: `sync run` that dies at the point of its cycle that FILE names.

It takes the file along, so that the next one lives.
"""

import functools
import os
import runpy
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from snapshot import Publisher
from sync.rentman.client import Rentman
from sync.state.database import State

Die = Callable[[], None]


def before(owner: type, name: str, die: Die) -> None:
    done = getattr(owner, name)

    @functools.wraps(done)
    def dying(*args: Any, **kwargs: Any) -> Any:
        die()
        return done(*args, **kwargs)

    setattr(owner, name, dying)


def after(owner: type, name: str, die: Die) -> None:
    done = getattr(owner, name)

    @functools.wraps(done)
    async def dying(*args: Any, **kwargs: Any) -> Any:
        found = await done(*args, **kwargs)
        die()
        return found

    setattr(owner, name, dying)


def amid_sending(die: Die) -> None:
    done = Publisher._send

    async def half(self: Publisher, batch: dict[str, bytes]) -> None:
        await done(self, dict(list(batch.items())[: len(batch) // 2]))
        if batch:
            die()
        await done(self, batch)

    Publisher._send = half  # type: ignore[method-assign]


def amid_history(die: Die) -> None:
    def statement(*event: Any) -> None:
        if event[2].startswith("INSERT INTO event"):
            die()

    sa.event.listen(sa.Engine, "before_cursor_execute", statement)


def second_page(die: Die) -> None:
    done = Rentman.page

    async def page(self: Rentman, page: int, limit: int) -> Any:
        if page == 2:
            die()
        return await done(self, page, limit)

    Rentman.page = page  # type: ignore[method-assign]


POINTS: Mapping[str, Callable[[Die], None]] = {
    "amid the list": second_page,
    "with the list in hand": functools.partial(before, State, "remember"),
    "amid the history": amid_history,
    "before anything is sent": functools.partial(before, Publisher, "send"),
    "with half of it sent": amid_sending,
    "before the pointer moves": functools.partial(before, Publisher, "flip"),
    "after the pointer has moved": functools.partial(after, Publisher, "flip"),
    "before old generations go": functools.partial(before, Publisher, "collect"),
    "before it tells of it": functools.partial(before, Publisher, "report"),
}


def main(wanted: Path) -> None:
    def die(point: str) -> None:
        if wanted.exists() and wanted.read_text() == point:
            wanted.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    for point, watch in POINTS.items():
        watch(functools.partial(die, point))
    sys.argv = ["sync", "run"]
    runpy.run_module("sync", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
