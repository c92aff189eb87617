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
_POSTCODE = re.compile(r"(?<!\w)([a-z]{1,2}[0-9][a-z0-9]?)\s*[0-9][a-z]{2}(?!\w)", re.IGNORECASE)

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


def asked(text: str) -> list[str]:
    """The terms of what somebody typed, each once; of a whole postcode its outward half."""
    folded = map(fold, _WORD.findall(_POSTCODE.sub(r"\1", text)))
    return [term for term in dict.fromkeys(folded) if term]
