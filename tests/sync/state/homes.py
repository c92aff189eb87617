"""Homes to remember, and what is shown of them."""

from typing import Any

from sync.model import Listing
from sync.state.database import State
from tests.sync.samples import known

DAY = 86_400


def home(ref: str = "1", pence: int = 100_000, **fields: Any) -> Listing:
    return known(ref, pence=pence, **fields).listing


def shown(state: State) -> list[str]:
    return [item.listing.id for item in state.visible()]


def told(state: State, ref: str) -> list[str]:
    """The kinds of its events."""
    return [event.kind for event in state.events(ref)]
