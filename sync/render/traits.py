"""What an advert's bullets say a home has: whole words, minding who says no (docs/rentman.md).

The source has no fields for these. A home whose bullets do not say is not known to lack anything.
"""

import re
from collections.abc import Iterable

TRAITS = {
    "balcony": r"balcon(?:y|ies)",
    "bills": r"bills? (?:are )?(?:all )?included?|includ(?:es|ing) (?:all )?bills?",
    "garage": r"garages?",
    "garden": r"gardens?",
    "lift": r"lifts?",
    "parking": r"parking",
    "pets": r"pets?",
}
_SAID = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in TRAITS.items()}
_DENIED = re.compile(
    r"\b(?:no|not|without|sorry|excluding|excludes|excluded|never|permit|near(?:by)?|close to)\b",
    re.IGNORECASE,
)


def traits(bullets: Iterable[str]) -> tuple[str, ...]:
    """`pets` means considered; parking by permit, and a garden nearby, are not the home's own."""
    found = {
        name
        for bullet in bullets
        if not _DENIED.search(bullet)
        for name, said in _SAID.items()
        if said.search(bullet)
    }
    return tuple(sorted(found))
