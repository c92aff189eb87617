"""What the state database remembers: `holds` and what an operator says to one, `history`.

The three functions below the commands are all that touches the database.
"""

from collections.abc import Iterator

import msgspec

from sync.commands.result import FAILED, OK, moment, on_terminal, show_json, show_table
from sync.cycle import CONFIRMED, HELD
from sync.model import Known
from sync.settings import Settings
from sync.state.database import State
from sync.wiring import opened_state

RUNS_SEARCHED = 1000


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """`since`: unix seconds, the first of the passes in a row that held it."""

    signature: str
    reason: str
    since: int
    passes: int
    confirmed: bool


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: unix seconds."""

    at: int
    what: str
    detail: str = ""


async def holds(settings: Settings, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        found = held_now(state)
    if as_json:
        show_json(found)
    elif not found:
        print("no list is held")
    elif on_terminal():
        columns = ("list", "reason", "since (UTC)", "passes", "let in")
        show_table("held lists; `holds confirm` lets one in", columns, map(_cells, found))
    else:
        for hold in found:
            print(" ".join(_cells(hold)))
    return OK


async def confirm(settings: Settings) -> int:
    """Let the list that is held now in, should the next pass find the same one."""
    with opened_state(settings) as state:
        done = answer_hold(state, let_in=True)
    print("the held list is let in with the next pass" if done else "no list is held")
    return OK


async def refuse(settings: Settings) -> int:
    """Forget what was held: a list like it has to be held anew before it can pass."""
    with opened_state(settings) as state:
        done = answer_hold(state, let_in=False)
    print("the held list is refused; the next one is judged anew" if done else "no list is held")
    return OK


async def history(settings: Settings, reference: str, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        events = remembered(state, reference)
    if as_json:
        show_json(events)
    elif on_terminal() and events:
        rows = [(moment(event.at), event.what, event.detail) for event in events]
        show_table(f"{reference}, oldest first", ("when (UTC)", "what", ""), rows)
    else:
        for event in events:
            print(f"{moment(event.at)} {event.what} {event.detail}".rstrip())
    if not events and not as_json:
        print(f"nothing is known of {reference}")
    return OK if events else FAILED


def held_now(state: State) -> list[Hold]:
    """The list that the guards hold, if any."""
    signature = state.note(HELD)
    if not signature:
        return []
    row = []
    for run in state.runs(RUNS_SEARCHED):
        if run.outcome == "held":
            row.append(run)
        elif run.outcome != "failed":  # a failed pass says nothing of the list
            break
    return [
        Hold(
            signature=signature,
            reason=row[0].reason if row else "",
            since=row[-1].started_at if row else 0,
            passes=len(row),
            confirmed=state.note(CONFIRMED) == signature,
        )
    ]


def answer_hold(state: State, *, let_in: bool) -> bool:
    """Whether there was one to answer."""
    signature = state.note(HELD)
    if let_in:
        state.set_note(CONFIRMED, signature)
    else:
        state.set_note(HELD, "")
        state.set_note(CONFIRMED, "")
    return bool(signature)


def remembered(state: State, reference: str) -> list[Event]:
    """What is known of one home, oldest first; nothing for a home that is not shown."""
    wanted = reference.strip().lower()
    found = [known for known in state.visible() if known.listing.id.lower() == wanted]
    return sorted((event for known in found for event in _events(known)), key=lambda e: e.at)


def _events(known: Known) -> Iterator[Event]:
    yield Event(at=known.first_seen, what="first seen", detail=known.listing.address)
    for point in known.prices:
        per = " a month" if point.channel == "rent" else ""
        yield Event(at=point.since, what="price", detail=f"£{point.pence / 100:,.2f}{per}")
    yield Event(at=known.changed_at, what="changed last", detail=known.listing.status)


def _cells(hold: Hold) -> tuple[str, ...]:
    let_in = "yes" if hold.confirmed else "no"
    return (hold.signature, hold.reason, moment(hold.since), str(hold.passes), let_in)
