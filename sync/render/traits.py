"""What an advert's bullets say a home has: whole words, minding who says no (docs/rentman.md).

The source has no fields for these. A home whose bullets do not say is not known to lack anything, so
a bullet that may mean something else says nothing: better not found than found in vain.
"""

import functools
import re
from collections.abc import Iterable

TRAITS = {
    "balcony": r"balcon(?:y|ies)",
    "bills": r"bills? (?:are |is )?(?:all )?incl(?:uded?|\.)?|incl(?:udes?|uding|\.)? (?:of )?(?:all )?bills?",
    "garage": r"garages?",
    "garden": r"gardens?",
    "lift": r"lifts?",
    "parking": r"parking",
    "pets": r"pets?",
}
_SAID = {
    name: re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE) for name, words in TRAITS.items()
}
_ANY = re.compile("|".join(said.pattern for said in _SAID.values()), re.IGNORECASE)
_NO = (
    r"no|not|non|none|nil|n/a|0|without|sorry|never|cannot|\w+n['’]t|lack(?:s|ing)?|minus|"
    r"exclud(?:ing|es|ed)|except(?:ing|ed)?|excl|unsuitable|prohibited|forbidden|refused"
)
_ELSEWHERE = (
    r"near(?:by|est)?|close (?:to|by)|next to|opposite|beside|adjacent|overlook(?:s|ing)?|"
    r"(?:views?|vistas?) (?:of|over|across|to|onto|towards?)|local|around the corner|off the|"
    r"moments?|stone['’]?s throw|walk(?:s|ing)?(?![ -]in)|stroll|reach|"
    r"min(?:s|utes?)?|miles?|metres?|yards"
)
_NOT_OURS = (
    r"permits?|on[ -]street|pay(?:[ -]and[ -]|[ &-]+)display|metered|restrict(?:ed|ions?)|public|"
    r"by separate|separately|(?:extra|additional) (?:cost|charge|fee|rent)|"
    r"potential|possib(?:le|ility)|scope|stpp|planned|planning"
)
_DENIED = re.compile(rf"(?<!\w)(?:{_NO}|{_ELSEWHERE}|{_NOT_OURS})(?!\w)", re.IGNORECASE)
# Words beside which one of those above is of something else.
_OTHER = re.compile(
    r"(?<!\w)(?:pets?[ -]free|(?:ski|face|chair|goods)[ -]?lifts?|lifts? the|"
    r"(?:covent|hatton|kew|welwyn|spring|winter|tea|beer|pub|hop|zoological|botanic(?:al)?) gardens?|"
    r"gardens? (?:city|suburb|centre|square|station|tube|museum|theatre|market|road|street|view|party))(?!\w)",
    re.IGNORECASE,
)


def traits(bullets: Iterable[str], places: Iterable[str] = ()) -> tuple[str, ...]:
    """`pets` means considered; parking by permit, and a garden nearby, are not the home's own.

    `places`: names of where the home is, which may have such words in them: Covent Garden.
    """
    named = tuple(place for place in places if _ANY.search(place))
    return tuple(sorted({name for bullet in bullets for name in _said(bullet, named)}))


@functools.lru_cache(maxsize=4000)  # many homes say the same
def _said(bullet: str, places: tuple[str, ...]) -> tuple[str, ...]:
    if _DENIED.search(bullet):
        return ()
    own = _OTHER.sub("", _names(places).sub("", bullet))
    return tuple(name for name, said in _SAID.items() if said.search(own))


@functools.lru_cache(maxsize=1000)
def _names(places: tuple[str, ...]) -> re.Pattern[str]:
    """Nothing when there are none."""
    if not places:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, places))})(?!\w)", re.IGNORECASE)
