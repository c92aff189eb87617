"""What the state database tells of: runs, events, holds, quarantine, the archive, the audit.

Times are unix seconds; 0 means never.
"""

from typing import Literal

import msgspec

from sync.model import Channel, Listing, Offer, Status

EventKind = Literal["first_seen", "price", "status", "missing", "hidden", "returned", "archived"]
HoldCode = Literal["", "empty", "short", "refused"]
Decision = Literal["pending", "confirmed", "refused", "expired"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A list that may be handed over again, by name; "" counts each time anew.

    `as_of`: when the source said so; 0 is now.
    """

    name: str = ""
    as_of: int = 0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """`report` is the JSON that `sync once --json` prints; `stages` seconds by name."""

    started_at: int
    seconds: int
    outcome: str
    reason: str
    report: bytes = b"{}"
    stages: dict[str, float] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a home. Prices are told in pence, as text; "" for none."""

    ref: str
    at: int
    kind: EventKind
    channel: Channel | Literal[""] = ""
    before: str = ""
    after: str = ""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """A home that is not archived. `listing` is None when what is stored cannot be read.

    `missing` counts good lists in a row without it; `returned_at` is when it last came back on
    the market.
    """

    ref: str
    listing: Listing | None
    first_seen: int
    changed_at: int
    missing: int = 0
    missing_since: int = 0
    returned_at: int = 0


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """The core facts of a home that is gone for long; its prices and events are kept beside it."""

    id: str
    first_seen: int
    missing_since: int
    archived_at: int
    address: str = ""
    area: str = ""
    outcode: str = ""
    type_label: str = ""
    beds: int | None = None
    status: Status = "unknown"
    offers: tuple[Offer, ...] = ()
    photo: str = ""  # file name of the first


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A row that became no listing, in `times` lists; `cleared_at`: first list without the fault."""

    ref: str
    field: str
    reason: str
    first_seen: int
    last_seen: int
    times: int
    cleared_at: int = 0


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A list that is not to be taken: `signature` identifies it, `code` and the counts say why."""

    signature: str = ""
    code: HoldCode = ""
    reason: str = ""  # `code` and the counts as a sentence
    before: int = 0  # listings in the last good list
    after: int = 0  # listings in this one


class Hold(Held, frozen=True, kw_only=True):
    """A list that was not taken, in `runs` passes. Open until `closed_at`, when another was taken.

    `by`: the operator or the rule that decided.
    """

    id: int
    first_seen: int
    last_seen: int
    runs: int
    decision: Decision = "pending"
    by: str = ""
    decided_at: int = 0
    closed_at: int = 0


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's action: `confirm`, `refuse`, `rollback`, `unpin`."""

    at: int
    action: str
    subject: str
    by: str
