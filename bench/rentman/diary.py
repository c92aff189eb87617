"""What happened is written down, so that a restart goes on where it stopped.

The n-th event is the same for the same seed, so what was asked for is enough: the diary is replayed
on the seeded portfolio. One of another seed or size is begun anew.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

from bench.rentman.life import Market, NothingToDoError, step

Line = dict[str, Any]


def keep(market: Market, path: Path, count: int) -> None:
    """Replay what the diary holds, then write on."""
    title = {"seed": market.seed, "listings": count}
    lines = _read(path)
    if lines[:1] != [title]:
        lines = [title]
        path.write_text(json.dumps(title) + "\n")
    for line in lines[1:]:
        with contextlib.suppress(NothingToDoError):
            step(market, line["event"], line["propref"])

    def write(event: str | None, ref: str | None) -> None:
        with path.open("a") as diary:
            diary.write(json.dumps({"event": event, "propref": ref}) + "\n")

    market.told = write


def _read(path: Path) -> list[Line]:
    """Whole lines only: the last may have been cut short by a kill."""
    found: list[Line] = []
    if path.exists():
        for line in path.read_text().splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found
