"""`quarantine`: rows that became no listing, and files that became no picture, with reasons."""

from collections.abc import Mapping

import msgspec

from sync.commands.result import OK, moment, on_terminal, show_json, show_table
from sync.model import Medium
from sync.settings import Settings
from sync.state.records import Quarantined
from sync.wiring import opened_state


class File(msgspec.Struct, frozen=True, kw_only=True):
    """`shown`: what was made of it before is still on the site."""

    filename: str
    reason: str
    checked_at: int
    shown: bool


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    rows: list[Quarantined]
    files: list[File]


async def quarantine(settings: Settings, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        rows = [row for row in state.quarantine() if not row.cleared_at]
        found = Quarantine(rows=rows, files=_files(state.media()))
    if as_json:
        show_json(found)
    elif on_terminal():
        columns = ("row or file", "where", "reason", "last seen (UTC)")
        show_table("left out; mend them in Rentman", columns, _cells(found))
    else:
        for cells in _cells(found):
            print(" ".join(cells))
    return OK


def _files(media: Mapping[str, Medium]) -> list[File]:
    return [
        File(
            filename=name,
            reason=medium.reason,
            checked_at=medium.checked_at,
            shown=bool(medium.key),
        )
        for name, medium in sorted(media.items())
        if medium.reason
    ]


def _cells(found: Quarantine) -> list[tuple[str, ...]]:
    rows = [(row.ref, row.field, row.reason, moment(row.last_seen)) for row in found.rows]
    files = [(file.filename, "file", file.reason, moment(file.checked_at)) for file in found.files]
    return [*rows, *files]
