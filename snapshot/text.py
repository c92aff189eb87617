"""How words are taken from text: the same for what `sync` indexes and for what a visitor asks.

A *term* is a word in its canonical form: folded to plain lower case, a street form or a number
written out, without the s of a plural. Both sides go through `fold`, so they meet.
"""

import functools
import re
import unicodedata
from collections.abc import Container, Iterator

TERM_MAX = 40  # characters
PLURAL_MIN = 4  # letters, below which a final s belongs to the word
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# The inward half of a postcode is never published, so it can only keep a search from finding.
# `E1 2nd floor` is no postcode; at the end, `NW3 2` is one that is being typed.
_OUTWARD = r"(?<!\w)([a-z]{1,2}[0-9][a-z0-9]?)"
_POSTCODE = re.compile(
    rf"{_OUTWARD}[\W_]{{0,3}}(?!(?:1st|2nd|3rd|[4-9]th)\s+\w)[0-9][a-z]{{2}}(?!\w)"
    rf"|{_OUTWARD}\s+[0-9][a-z]?\W*\Z",
    re.IGNORECASE,
)
# The same without a space, in lower case: only where no word is written so, for `n12` is an outcode.
HALF_TYPED = re.compile(r"([a-z]{1,2}[0-9][a-z0-9]?)[0-9][a-z]{0,2}")

SAME = {
    "saint": "street",  # St is either
    "st": "street",
    "str": "street",
    "rd": "road",
    "av": "avenue",
    "ave": "avenue",
    "ln": "lane",
    "gdn": "garden",
    "gdns": "garden",
    "sq": "square",
    "ct": "court",
    "crt": "court",
    "cres": "crescent",
    "pl": "place",
    "pk": "park",
    "dr": "drive",
    "cl": "close",
    "tce": "terrace",
    "terr": "terrace",
    "hse": "house",
    "mt": "mount",
    "apt": "flat",
    "apartment": "flat",
    "bedroom": "bed",
    "bathroom": "bath",
    "let": "rent",
    "letting": "rent",
    "rental": "rent",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
}
IGNORED = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "near",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)


@functools.lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """The term of one word; "" for a word that says nothing."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    plain = "".join(char for char in parts if not unicodedata.combining(char))
    plain = re.sub(r"[\W_]", "", plain)[:TERM_MAX]
    plain = SAME.get(plain, plain)
    if len(plain) >= PLURAL_MIN and plain.endswith("s") and not plain.endswith("ss"):
        plain = plain[:-1]
    return "" if plain in IGNORED else SAME.get(plain, plain)


def terms(text: str) -> set[str]:
    return {fold(word) for word in set(_WORD.findall(text))} - {""}


def spans(text: str, wanted: Container[str]) -> Iterator[tuple[int, int]]:
    """Where the words of `text` stand whose terms are wanted."""
    return (match.span() for match in _WORD.finditer(text) if fold(match[0]) in wanted)


def outward(text: str) -> str:
    """`text` with the outward half alone of each postcode, whole or half typed, as in `NW3 2`."""
    text = unicodedata.normalize("NFKC", text)
    while (shorter := _POSTCODE.sub(_first_half, text)) != text:
        text = shorter
    return text


def _first_half(found: re.Match[str]) -> str:
    return found[1] or found[2]


def asked(text: str, terms: int, letters: int) -> list[str]:
    """The terms of what somebody typed, each once; asked for again, they are the same.

    At most so many, of at most so many letters with the spaces between them.
    """
    folded = dict.fromkeys(map(fold, _WORD.findall(outward(text))))
    kept = [term for term in folded if term][:terms]
    while len(" ".join(kept)) > letters:
        kept.pop()
    return list(dict.fromkeys(outward(" ".join(kept)).split()))
