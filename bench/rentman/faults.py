"""Ways in which Rentman fails, to be chosen by name: F1..F23 and plain aliases.

A `Fault` says what to spoil, for which calls and how often. The `Board` holds those in force and
hands each call the first that fits; what is then done with it lives in `trouble` (whole answers) and
`spoil` (rows and records).
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.rentman.places import DATA

LIST, MEDIA = "list", "media"


class Mode(msgspec.Struct, frozen=True):
    """What a mode does: `scope` is answer, rows, records or order."""

    name: str
    scope: str
    endpoint: str
    variants: tuple[str, ...]
    page: int | None = None
    summary: str = ""


def _modes() -> dict[str, Mode]:
    known = msgspec.json.decode((DATA / "modes.json").read_bytes(), type=tuple[Mode, ...])
    return {mode.name: mode for mode in known}


MODES = _modes()


class BadFaultError(Exception):
    """The order names something that does not exist; the message lists what does."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One order. Nothing given means every call, on every row, until healed."""

    mode: str
    variant: str | None = None
    endpoint: str | None = None
    page: int | None = None
    times: int | None = None
    after: int = 0
    propref: str | None = None
    filename: str | None = None
    seconds: float | None = None
    value: str | None = None


class Call(msgspec.Struct, frozen=True):
    """What a fault can look at in a request."""

    endpoint: str
    page: int = 1
    propref: str | None = None
    filename: str | None = None


@dataclass(slots=True)
class Active:
    fault: Fault
    mode: Mode
    variant: str
    skip: int
    left: int | None
    hits: int = 0

    def fits(self, call: Call) -> bool:
        endpoint = self.fault.endpoint or self.mode.endpoint
        page = self.fault.page if self.fault.page is not None else self.mode.page
        return (
            endpoint in (call.endpoint, "both")
            and (call.endpoint != LIST or page in (None, call.page))
            and (self.fault.filename in (None, call.filename))
            and (
                self.mode.scope in {"rows", "order"} or self.fault.propref in (None, call.propref)
            )
        )

    def use(self) -> bool:
        """Count this call; whether it is one to spoil."""
        if self.skip:
            self.skip -= 1
            return False
        if self.left == 0:
            return False
        self.left = None if self.left is None else self.left - 1
        self.hits += 1
        return True

    def show(self) -> dict[str, Any]:
        given = msgspec.structs.asdict(self.fault)
        asked = {key: value for key, value in given.items() if value is not None}
        return {**asked, "variant": self.variant, "left": self.left, "hits": self.hits}


@dataclass(slots=True)
class Board:
    active: list[Active] = field(default_factory=list)

    def order(self, fault: Fault) -> Active:
        mode = MODES.get(fault.mode)
        if mode is None:
            raise BadFaultError(f"mode must be one of: {', '.join(MODES)}")
        variant = fault.variant or mode.variants[0]
        if variant not in mode.variants:
            raise BadFaultError(
                f"variant of {mode.name} must be one of: {', '.join(mode.variants)}"
            )
        if fault.endpoint not in (None, LIST, MEDIA, "both"):
            raise BadFaultError("endpoint must be one of: list, media, both")
        self.active.append(Active(fault, mode, variant, fault.after, fault.times))
        return self.active[-1]

    def heal(self, mode: str | None = None) -> int:
        """Forget all, or those of one mode; how many there were."""
        kept = [item for item in self.active if mode is not None and item.mode.name != mode]
        healed = len(self.active) - len(kept)
        self.active = kept
        return healed

    def met(self, call: Call) -> list[Active]:
        """The faults this call meets; at most one of them replaces the whole answer."""
        fitting = [item for item in self.active if item.fits(call)]
        answers = [item for item in fitting if item.mode.scope == "answer"]
        whole = next((item for item in answers if item.use()), None)
        if whole:
            return [whole]
        return [item for item in fitting if item.mode.scope != "answer" and item.use()]
