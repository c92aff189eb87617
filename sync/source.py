"""What `sync` asks of a source of listings: the web service and the watched folder both answer.

A source hands over what may be published: rows normalised, private values masked, media as bytes.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

import msgspec

from sync.errors import RowError
from sync.model import Listing

T = TypeVar("T")
REFERENCES = ("propref", "refnumber")
SHOWN = 40  # characters of a bad row's reference


class BadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that became no listing."""

    id: str
    field: str
    reason: str


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """A whole list. `delivery` names one that may be handed over again; "" counts each time anew.

    `as_of`: unix seconds at which the source said so; 0 is now. `warnings`: unreadable values by field.
    `rows`: what the source said of each home, by lower-case reference; private, for the audit alone.
    """

    listings: tuple[Listing, ...]
    quarantine: tuple[BadRow, ...] = ()
    warnings: dict[str, int] = {}
    rows: dict[str, Mapping[str, object]] = {}
    delivery: str = ""
    as_of: int = 0


class File(msgspec.Struct, frozen=True):
    """A media file as the source has it, and a caption that may be published."""

    data: bytes
    caption: str = ""


class Source(Protocol):
    """Raises `UpstreamError` when it has nothing that can be used."""

    @property
    def calls(self) -> int:
        """Requests made, or files read, so far."""

    async def listings(self) -> Intake:
        """The complete list or an error, never a part of it."""

    async def media(self, filename: str) -> File | None:
        """The file of this name; None when there is none. `MediaRejectedError` when it is no file."""

    async def aclose(self) -> None:
        """Let go of what it holds."""


def taken(
    rows: Iterable[T],
    read: Callable[[T], tuple[Listing, Mapping[str, int]]],
    reference: Callable[[T], str],
) -> Intake:
    """Every row read; a bad one goes to quarantine and the others go on."""
    listings: list[Listing] = []
    quarantine: list[BadRow] = []
    warnings: Counter[str] = Counter()
    for row in rows:
        try:
            made, counted = read(row)
        except RowError as error:
            name = reference(row)[:SHOWN]
            if name and error.field.lower() in REFERENCES:  # it may be a private value
                name = "#" + hashlib.sha256(name.encode()).hexdigest()[:10]
            quarantine.append(BadRow(id=name, field=error.field, reason=error.reason))
            continue
        listings.append(made)
        warnings.update(counted)
    return Intake(listings=tuple(listings), quarantine=tuple(quarantine), warnings=dict(warnings))
