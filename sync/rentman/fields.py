"""Tolerant readers for Rentman's mixed types (docs/rentman.md).

Any value may arrive as text, number, boolean or null, under a key of any case. Nothing here raises
for a bad value: it reads as unknown and is counted in `warnings`, so that drift upstream is seen.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TRUE = frozenset({"1", "\x01", "true", "t", "y", "yes"})
_FALSE = frozenset({"0", "\x00", "", "false", "f", "n", "no"})
_MAX_PENCE = 10**13
LATITUDES, LONGITUDES = (49.8, 60.9), (-8.7, 1.8)  # the United Kingdom, in degrees
CODE_LENGTH = 4  # the longest outcode
_REFERENCE_ZEROS = re.compile(r"^([0-9]+)\.0+$")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?|[+-]?\.[0-9]{1,20}")


class Row:
    """One upstream object with case-insensitive keys."""

    __slots__ = ("_values", "warnings")

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {key.strip().lower(): value for key, value in values.items()}
        self.warnings: Counter[str] = Counter()

    def raw(self, name: str) -> object:
        return self._values.get(name)

    def warn(self, name: str) -> None:
        self.warnings[name] += 1

    def boolean(self, name: str) -> bool | None:
        """Read before any scrub of control characters: U+0001 is true, U+0000 false."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        text = _written(value).strip(" \t\r\n").lower()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        self.warn(name)
        return None

    def text(self, name: str) -> str:
        """One line: trimmed, inner white space collapsed."""
        return " ".join(self.lines(name).split())

    def lines(self, name: str) -> str:
        """Text that keeps its line breaks, as LF; control characters removed."""
        value = self._values.get(name)
        if not value and not isinstance(value, int | float):
            return ""
        if isinstance(value, str) and value.isprintable():
            return value.strip()
        if isinstance(value, bool | Mapping | list):
            return ""
        text = _written(value).replace("\r\n", "\n").replace("\r", "\n")
        return _CONTROL.sub("", text).strip()

    def number(self, name: str) -> Decimal | None:
        """A plain decimal, currency signs and thousands commas allowed; blank is unknown."""
        text = self.text(name)
        cleaned = text.replace(",", "").replace("£", "").strip()
        if not cleaned:
            return None
        if not _DECIMAL.fullmatch(cleaned):
            self.warn(name)
            return None
        return Decimal(cleaned)

    def whole(self, name: str, low: int = 0, high: int = 99) -> int | None:
        value = self.number(name)
        if value is None:
            return None
        if value != value.to_integral_value() or not low <= value <= high:
            self.warn(name)
            return None
        return int(value)

    def pence(self, name: str) -> int | None:
        """Money as integer pence; nothing, nought and nonsense are unknown."""
        value = self.number(name)
        pence = 0 if value is None else int((value * 100).to_integral_value())
        if pence > _MAX_PENCE:
            self.warn(name)
            return None
        return pence if pence > 0 else None

    def day(self, name: str) -> date | None:
        """An ISO date; impossible and zero dates are unknown."""
        text = self.text(name)
        if not text:
            return None
        found = _DAY.fullmatch(text)
        try:
            return date.fromisoformat(found[1] if found else "")
        except ValueError:
            self.warn(name)
            return None

    def reference(self, name: str = "propref") -> str:
        """Always text; `42.00` and 42 are both `42`."""
        text = self.text(name)
        zeros = _REFERENCE_ZEROS.match(text)
        return zeros[1] if zeros else text


def _written(value: object) -> str:
    """As text; whole floats lose their `.0`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def cased(name: str) -> str:
    """Place names typed in capitals read as words; SW11 and the like stay."""
    shouted = name.isupper() and len(name) > CODE_LENGTH
    return " ".join(word.capitalize() for word in name.split(" ")) if shouted else name


def coordinates(text: str) -> tuple[float, float] | None:
    """`lat,lng` within the United Kingdom, put right when swapped; None for 0,0 or anywhere else."""
    parts = text.split(",")
    try:
        first, second = (float(part) for part in parts)
    except ValueError:
        return None
    if not (math.isfinite(first) and math.isfinite(second)):
        return None
    for latitude, longitude in ((first, second), (second, first)):
        if (
            LATITUDES[0] <= latitude <= LATITUDES[1]
            and LONGITUDES[0] <= longitude <= LONGITUDES[1]
        ):
            return latitude, longitude
    return None
