"""Masking: what is private is taken out of every public text (docs/rentman.md).

House numbers, postcodes, staff contacts and the owner's words turn up inside advertised addresses
and free text, so they are taken out of every public text, not just out of their own fields.
"""

import html
import re
import unicodedata
from pathlib import Path

from sync.rentman import patterns
from sync.rentman.patterns import AT, DOT, NUMBER, POSTCODE
from sync.rentman.sought import without

LOCATION_DIGITS = 3  # decimal degrees: about 100 m
_SPACES = re.compile(r"[^\S\n]{2,}")
# Signs whose plain form would read worse than they do.
_UNUSUAL = re.compile(r"[^\x00-\x7f£²³½¼¾…™]")
_PERHAPS_HIDDEN = re.compile(r"[^\x20-\x7e\n\t]")
_ENTITIES_DEEP = 3
_OUTCODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")
_ORDINAL = re.compile(r"1st|2nd|3rd|[4-9]th", re.IGNORECASE)
_ORDERED = re.compile(r"\s{1,3}(?:and\s|floor|stor|bed|bath|recep|home|flat)", re.IGNORECASE)
_LEADING_NUMBER = re.compile(rf"^(?:{NUMBER}(?:\s+[a-z](?=\s))?(?:\s+|$))+", re.IGNORECASE)
_EMAIL = re.compile(
    rf"[^\s@<>()\[\],;:\"]{{1,64}}{AT}[\w-]{{1,63}}(?:{DOT}[\w-]{{1,63}})+", re.IGNORECASE
)

_DIGIT = re.compile("[0-9]")
_AT_SIGN = re.compile(r"@|[(\[{<]\s{0,2}at", re.IGNORECASE)  # what `AT` needs


def plain(value: str) -> str:
    """The text as it is read: no entities, no invisible signs, no wide or styled letters."""
    if value.isprintable() and value.isascii() and "&" not in value and "  " not in value:
        return value
    for _ in range(_ENTITIES_DEEP if "&" in value else 0):
        read = html.unescape(value)
        if read == value:
            break
        value = read
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
        value = _UNUSUAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), value)
    return _SPACES.sub(" ", _PERHAPS_HIDDEN.sub(_seen, value))


def _seen(sign: re.Match[str]) -> str:
    return "" if unicodedata.category(sign[0]) in ("Cf", "Cc", "Cs") else sign[0]


def outcode(postcode: str) -> str:
    """The half of a postcode that may be shown; "" when it is not a postcode."""
    postcode = plain(postcode)
    found = POSTCODE.search(postcode.replace(" ", ""))
    if found:
        return found[1].upper()
    bare = postcode.strip().upper()
    return bare if _OUTCODE.match(bare) else ""


class Masks:
    """What one home keeps private, as patterns to take out of whatever is said of it."""

    def __init__(  # noqa: PLR0913 - one for each private field
        self,
        number: str = "",
        street: str = "",
        *,
        postcode: str = "",
        name: str = "",
        email: str = "",
        mobile: str = "",
        thoughts: str = "",
    ) -> None:
        own = patterns.parts(plain(number))
        self._postcode = tuple(patterns.own_postcode(plain(postcode)))
        self._personal = (
            *patterns.thoughts(plain(thoughts)),
            *patterns.email(plain(email)),
            *patterns.mobile(plain(mobile)),
            *patterns.person(plain(name)),
        )
        self._numbers = (
            *patterns.near(own, patterns.Street(plain(street))),
            *patterns.everywhere(own, plain(street)),
        )
        self._in_addresses = tuple(patterns.in_addresses(own))

    def text(self, value: str) -> str:
        """Free text without what is private of this home, postcodes and e-mail addresses."""
        if not value:
            return ""
        before = plain(value)
        masked = without(before, (*self._personal, *self._postcode))
        masked = without(_public(masked), self._numbers)
        return masked if masked == before else _SPACES.sub(" ", masked)

    def address(self, display: str) -> str:
        """The advertised address without house number, flat number, e-mail or inward code."""
        masked = without(self.text(display), self._in_addresses)
        parts = (_LEADING_NUMBER.sub("", " ".join(part.split())) for part in masked.split(","))
        return ", ".join(part for part in parts if part)

    def reveals(self, identifier: str) -> bool:
        """Whether a reference, which cannot be masked, says where or who."""
        found = POSTCODE.search(identifier)
        private = (*self._personal, *self._postcode)
        return bool(found and found[2]) or any(it.found(identifier) for it in private)


def caption(value: str) -> str:
    """A photo's caption when it only names rooms and views, else "".

    What the home keeps private is not at hand where captions arrive, so what may be said is listed
    rather than what may not.
    """
    line = " ".join(plain(value).split())
    words = re.findall(r"[^\W_]+", line.casefold())
    said = all(
        word in _SAID_OF_ROOMS or (at and re.fullmatch("[1-9]", word))
        for at, word in enumerate(words)
    )
    return line if words and said else ""


_SAID_OF_ROOMS = frozenset(Path(__file__).with_name("rooms.txt").read_text().split())


def address(display: str, number: str) -> str:
    """The advertised address without what can be told to be private from the number alone."""
    return Masks(number).address(display)


def _public(value: str) -> str:
    """Either is looked for only where there is a sign of it: most texts have none."""
    if _DIGIT.search(value):
        value = POSTCODE.sub(_outward, value)
    return _EMAIL.sub("", value) if _AT_SIGN.search(value) else value


def _outward(found: re.Match[str]) -> str:
    """Its public half; `E1 2nd floor` is no postcode."""
    outward, gap, inward = found.groups()
    if gap and _ORDINAL.fullmatch(inward):
        told = inward.islower() and not outward.islower()
        if told or _ORDERED.match(found.string, found.end()):
            return found[0]
    return outward.upper()


def rounded(coordinate: float) -> float:
    return round(coordinate, LOCATION_DIGITS)
