"""What the state database remembers: `holds` and what an operator says to one, `history`."""

import time
from collections.abc import Iterator

import msgspec

from sync.commands.result import (
    FAILED,
    OK,
    OPERATOR,
    moment,
    on_terminal,
    show_json,
    show_table,
)
from sync.model import PricePoint
from sync.settings import Settings
from sync.state.database import State
from sync.state.records import Event, Hold
from sync.wiring import opened_state

_SAID = {
    "first_seen": "first seen",
    "price": "price",
    "status": "status",
    "missing": "missing from the list",
    "hidden": "hidden",
    "returned": "came back",
    "archived": "archived",
}


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first; nothing for a home that was never taken in."""

    events: list[Event]
    prices: list[PricePoint]


async def holds(settings: Settings, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        found = state.open_holds()
    if as_json:
        show_json(found)
    elif not found:
        print("no list is held")
    elif on_terminal():
        columns = ("number", "reason", "since (UTC)", "passes", "decision")
        show_table("held lists; `holds confirm` lets one in", columns, map(_cells, found))
    else:
        for hold in found:
            print(" ".join(_cells(hold)))
    return OK


async def confirm(settings: Settings) -> int:
    """Let the list that is held now in, should the next pass find the same one."""
    with opened_state(settings) as state:
        held = state.confirm(by=OPERATOR, now=int(time.time()))
    print("the held list is let in with the next pass" if held else "no list is held")
    return OK


async def refuse(settings: Settings) -> int:
    """Keep the list that is held now out, however often it comes, until another was taken."""
    with opened_state(settings) as state:
        held = state.refuse(by=OPERATOR, now=int(time.time()))
    print("the held list stays out until another is taken" if held else "no list is held")
    return OK


async def history(settings: Settings, reference: str, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        told = _told(state, reference.strip().lower())
    if as_json:
        show_json(told)
    elif on_terminal() and told.events:
        rows = [(moment(event.at), *_words(event)) for event in told.events]
        show_table(f"{reference}, oldest first", ("when (UTC)", "what", ""), rows)
    else:
        for event in told.events:
            print(" ".join((moment(event.at), *_words(event))).rstrip())
    if not told.events and not as_json:
        print(f"nothing is known of {reference}")
    return OK if told.events else FAILED


def _told(state: State, ref: str) -> History:
    return History(events=state.events(ref), prices=state.prices(ref))


def _words(event: Event) -> Iterator[str]:
    yield _SAID[event.kind]
    if event.kind == "price":
        per = " a month" if event.channel == "rent" else ""
        yield " to ".join(f"£{int(pence) / 100:,.2f}{per}" for pence in _both(event))
    else:
        yield " to ".join(_both(event))


def _both(event: Event) -> list[str]:
    return [value for value in (event.before, event.after) if value]


def _cells(hold: Hold) -> tuple[str, ...]:
    return (str(hold.id), hold.reason, moment(hold.first_seen), str(hold.runs), hold.decision)
