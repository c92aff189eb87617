"""Masking: what the contract marks M is published only after this, and X never.

House numbers and full postcodes turn up inside advertised addresses and free text, so they are
taken out of every public text, not just out of their own fields.
"""

import re

POSTCODE = re.compile(
    r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)[ \t]*([0-9][ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE
)
_OUTCODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")
_LEADING_NUMBER = re.compile(
    r"^(?:(?:flat|apartment|apt|unit|studio|no\.?|number|plot)\s+)?"
    r"[0-9]+[a-z]?(?:\s*[-/–]\s*[0-9]+[a-z]?)?(?=[\s,])[\s,]*",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ALONE = r"(?<![\w£.,]){}(?![\w.]\d|\w|%)"
LOCATION_DIGITS = 3  # decimal degrees: about 100 m


def outcode(postcode: str) -> str:
    """The half of a postcode that may be shown; "" when it is not a postcode."""
    found = POSTCODE.search(postcode.replace(" ", ""))
    if found:
        return found[1].upper()
    bare = postcode.strip().upper()
    return bare if _OUTCODE.match(bare) else ""


def text(value: str, number: str, street: str) -> str:
    """Free text without full postcodes, e-mail addresses, or the house number before its street."""
    masked = _EMAIL.sub("", POSTCODE.sub(lambda found: found[1].upper(), value))
    if number and street:
        before = re.escape(number) + r"[\s,]+(?=" + re.escape(street) + ")"
        masked = re.sub(r"(?<!\w)" + before, "", masked, flags=re.IGNORECASE)
    return masked


def address(display: str, number: str) -> str:
    """The advertised address without house number, flat number or inward code."""
    masked = POSTCODE.sub(lambda found: found[1].upper(), display)
    for part in sorted({number, *number.split(",")}, key=len, reverse=True):
        if word := part.strip():
            masked = re.sub(_ALONE.format(re.escape(word)), "", masked, flags=re.IGNORECASE)
    previous = None
    while masked != previous:
        previous, masked = masked, _LEADING_NUMBER.sub("", masked.lstrip(" ,"))
    masked = re.sub(r"\s*,(?:\s*,)+", ",", masked)
    return " ".join(masked.split()).strip(" ,")


def rounded(coordinate: float) -> float:
    return round(coordinate, LOCATION_DIGITS)
