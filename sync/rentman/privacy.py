"""Masking: what the contract marks M is published only after this, and X never.

House numbers and full postcodes turn up inside advertised addresses and free text, so they are
taken out of every public text, not just out of their own fields.
"""

import re

POSTCODE = re.compile(
    r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)[\s\u2010-\u2015-]{0,3}([0-9][ABD-HJLNP-UW-Z]{2})\b",
    re.IGNORECASE,
)
_OUTCODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")
# A house or flat number at the start of a part of an address: 12, 12a, Flat 3, 12-14, 12/3.
_NUMBER = (
    r"(?:(?:flat|apartment|apt|unit|studio|no\.?|number|plot)\s+)?"
    r"[0-9]+[a-z]?(?:\s*[-/–]\s*[0-9]+[a-z]?)?"
)
_LEADING_NUMBER = re.compile(rf"^(?:{_NUMBER}(?:\s+|$))+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_ALONE = r"(?<![\w£.])(?<!\d,){}(?![\w.]\d|,\d{{3}}|\w|%)"
# How a street's last word is also written.
_SHORT = {
    "avenue": "ave?",
    "close": "cl",
    "court": "ct",
    "crescent": "cres",
    "drive": "dr",
    "gardens": "gdns",
    "grove": "gr",
    "lane": "ln",
    "place": "pl",
    "road": "rd",
    "square": "sq",
    "street": "st",
    "terrace": "terr?",
}
LOCATION_DIGITS = 3  # decimal degrees: about 100 m

_BEFORE_ANY_STREET = re.compile(
    rf"(?<![\w£.])(?<!\d,)(?>(?i:{_NUMBER})[\s,]+)"
    rf"(?=(?:[A-Z][\w'’.-]{{0,30}}\s+){{1,3}}(?i:{'|'.join([*_SHORT, *_SHORT.values()])})\b)"
)


def outcode(postcode: str) -> str:
    """The half of a postcode that may be shown; "" when it is not a postcode."""
    found = POSTCODE.search(postcode.replace(" ", ""))
    if found:
        return found[1].upper()
    bare = postcode.strip().upper()
    return bare if _OUTCODE.match(bare) else ""


def text(value: str, number: str, street: str) -> str:
    """Free text without full postcodes, e-mail addresses, or a house number before the street."""
    masked = _public(value)
    if street:
        named = "|".join((*map(re.escape, _parts(number)), _NUMBER))
        # Atomic, so that a text of many numbers costs no more than its length.
        before = rf"(?<![\w£.])(?<!\d,)(?>(?:{named})[\s,]+){{1,4}}(?={_street(street)})"
        masked = re.sub(before, "", masked, flags=re.IGNORECASE)
    return masked


def caption(value: str) -> str:
    """One line without what `text` takes out, though of a home whose street is not at hand."""
    return " ".join(_BEFORE_ANY_STREET.sub("", _public(value)).split())


def address(display: str, number: str) -> str:
    """The advertised address without house number, flat number, e-mail or inward code."""
    masked = _public(display)
    for part in _parts(number):
        masked = re.sub(_ALONE.format(re.escape(part)), "", masked, flags=re.IGNORECASE)
    parts = (_LEADING_NUMBER.sub("", " ".join(part.split())) for part in masked.split(","))
    return ", ".join(part for part in parts if part)


def _public(value: str) -> str:
    return _EMAIL.sub("", POSTCODE.sub(lambda found: found[1].upper(), value))


def _parts(number: str) -> list[str]:
    """`First Floor, 88a` names three things to hide: itself and its two halves; longest first."""
    found = {part.strip() for part in (number, *number.split(","))} - {""}
    return sorted(found, key=len, reverse=True)


def _street(name: str) -> str:
    """A pattern for the street, its last word perhaps shortened."""
    words = [re.escape(word) for word in name.split()]
    if short := _SHORT.get(words[-1].lower()):
        words[-1] = f"(?:{words[-1]}|{short})"
    return r"\s+".join(words) + r"\b"


def rounded(coordinate: float) -> float:
    return round(coordinate, LOCATION_DIGITS)
