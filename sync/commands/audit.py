"""`audit`: what operators did, newest first."""

import time
from typing import Literal

from sync.commands.result import OK, moment, on_terminal, show_json, show_table
from sync.settings import Settings
from sync.state.records import Audited
from sync.wiring import opened_state

Action = Literal["confirm", "refuse", "rollback", "unpin"]
DAY_S = 86_400


async def audit(
    settings: Settings, *, action: Action | None, by: str, days: int, limit: int, as_json: bool
) -> int:
    """`days`: how far back, 0 for as far as is kept."""
    since = int(time.time()) - days * DAY_S if days else 0
    with opened_state(settings) as state:
        found = state.audit(limit, action=action or "", by=by, since=since)
    if as_json:
        show_json(found)
    elif not found:
        print("nothing of this kind was done")
    elif on_terminal():
        columns = ("when (UTC)", "what", "to what", "by")
        show_table("what operators did, newest first", columns, map(_cells, found))
    else:
        for done in found:
            print(" ".join(filter(None, _cells(done))))
    return OK


def _cells(done: Audited) -> tuple[str, ...]:
    return (moment(done.at), done.action, done.subject, done.by)
