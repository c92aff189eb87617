"""Ways in which Rentman fails, to be chosen by name: F1..F23 and plain aliases.

A `Fault` says what to spoil, for which calls and how often. The `Board` holds those in force and
hands each call the first that fits; what is then done with it lives in `trouble` (whole answers) and
`spoil` (rows and records).
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec

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
    bodies = ("html", "notice", "500", "503", "null", "object", "string", "truncated", "login")
    known = (
        Mode("F1", "answer", LIST, ("html", "notice", "login"), None, "200 that is not JSON"),
        Mode("F2", "answer", LIST, ("null", "object", "string", "number"), None, "JSON, no array"),
        Mode("F3", "answer", LIST, ("empty",), 1, "an empty first page"),
        Mode("F4", "answer", LIST, bodies, 2, "page n fails"),
        Mode("F5", "order", LIST, ("repeat",), None, "page is ignored"),
        Mode("F6", "answer", LIST, ("hang", "slow"), None, "no answer in time"),
        Mode("F7", "answer", "both", ("401", "403", "login"), None, "token revoked"),
        Mode("F8", "answer", "both", ("503", "500", "502", "429", "drop"), None, "5xx, network"),
        Mode("F9", "rows", LIST, ("upper", "lower", "missing"), None, "key case, missing keys"),
        Mode("F10", "rows", LIST, ("numbers", "strings"), None, "numbers for strings"),
        Mode("F11", "rows", LIST, ("bit", "word", "digit"), None, "U+0000/U+0001 booleans"),
        Mode(
            "F12", "records", MEDIA, ("lf", "crlf", "nopad", "datauri", "urlsafe"), None, "base64"
        ),
        Mode("F13", "answer", MEDIA, ("empty",), None, "media array empty"),
        Mode(
            "F14", "records", MEDIA, ("html", "text", "truncated", "blank"), None, "not a picture"
        ),
        Mode("F15", "rows", LIST, ("brochure", "mp4", "blank", "traversal"), None, "odd names"),
        Mode("F16", "rows", LIST, ("zero", "poa", "blank"), None, "no rent on a letting"),
        Mode("F17", "rows", LIST, ("number",), None, "house number in displayaddress"),
        Mode("F18", "rows", LIST, ("missing", "zero", "swapped", "blank"), None, "no coordinates"),
        Mode("F19", "rows", LIST, ("both", "unknown"), None, "rentorbuy 3, or 7"),
        Mode("F20", "rows", LIST, ("cr", "lf", "crlf"), None, "bullet separators"),
        Mode("F21", "order", LIST, ("duplicate", "shift", "forms"), None, "duplicate references"),
        Mode("F22", "rows", LIST, ("script", "entities", "control"), None, "HTML in free text"),
        Mode("F23", "answer", "both", ("503", "drop", "hang"), None, "down for hours"),
    )
    aliases = {
        "html": ("answer", LIST, "html"),
        "null": ("answer", LIST, "null"),
        "object": ("answer", LIST, "object"),
        "truncated": ("answer", LIST, "truncated"),
        "bom": ("answer", LIST, "bom"),
        "empty": ("answer", LIST, "empty"),
        "401": ("answer", "both", "401"),
        "403": ("answer", "both", "403"),
        "503": ("answer", "both", "503"),
        "429": ("answer", "both", "429"),
        "hang": ("answer", "both", "hang"),
        "drop": ("answer", "both", "drop"),
        "repeat": ("order", LIST, "repeat"),
        "duplicates": ("order", LIST, "duplicate"),
        "shift": ("order", LIST, "shift"),
        "status": ("rows", LIST, "status"),
        "noref": ("rows", LIST, "noref"),
    }
    plain = (Mode(name, scope, at, (variant,)) for name, (scope, at, variant) in aliases.items())
    return {mode.name: mode for mode in (*known, *plain)}


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
