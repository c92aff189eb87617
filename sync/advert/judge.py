"""Whether a listing may be advertised, and what is wrong with it or missing from it.

Only what the price says is refused: a price means one thing. What a text says is reported, for a
person to judge; so is what it lacks.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Literal

import msgspec

from sync.advert.rules import Fact, Rules, Wording
from sync.model import Listing, Offer

QUOTED = 160  # characters
NO_RENT = "no_rent"
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_SIGNS = str.maketrans({"’": "'", "\u2018": "'", "–": "-", "—": "-", "\u2212": "-"})
_SPACES = re.compile(r"[^\S\n]+")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")  # D.S.S.
_OF_RENT = re.compile(r"\b(?:pcm|pw|p\.?m\b|month|week|rent|let)\b|\bp\.?o\.?a\b", re.IGNORECASE)
_OF_SALE = re.compile(r"\s+or\s+|[;|]|\s/\s", re.IGNORECASE)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`quote`: the words in question; `source`: the law, or this program's own rule."""

    code: str
    kind: Literal["refusal", "wording", "missing"]
    says: str
    field: str = ""
    quote: str = ""
    source: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`offers` are those that may be advertised; `reasons` say why others may not."""

    publish: bool
    offers: tuple[Offer, ...]
    reasons: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()


def judge(listing: Listing, rules: Rules, today: date) -> Verdict:
    """Everything that the rules have to say of a listing."""
    verdict = gate(listing, rules, today)
    findings = (*_worded(listing, rules, today), *_missing(listing, rules, today))
    return msgspec.structs.replace(verdict, findings=findings)


def gate(listing: Listing, rules: Rules, today: date) -> Verdict:
    """Whether it may be advertised, without the findings, which take longer."""
    reasons = tuple(_refusals(listing, rules, today)) if _letting(listing) else ()
    offers = tuple(it for it in listing.offers if not (reasons and it.channel == "rent"))
    return Verdict(publish=bool(offers), offers=offers, reasons=reasons)


def _refusals(listing: Listing, rules: Rules, today: date) -> Iterator[Finding]:
    if any(offer.channel == "rent" and offer.pence <= 0 for offer in listing.offers):
        yield Finding(
            code=NO_RENT,
            kind="refusal",
            says="a letting needs one positive rent",
            source="a rule of this program",
        )
    if not listing.residential:
        return
    for wording, finding in _found(rules, "price", [("display_price", _rent_words(listing))]):
        law = rules.law(wording.code, today)
        if law and law.effect == "refuse":
            yield msgspec.structs.replace(finding, kind="refusal", source=law.source)


def _worded(listing: Listing, rules: Rules, today: date) -> Iterator[Finding]:
    if not (_letting(listing) and listing.residential):
        return
    price = _found(rules, "price", [("display_price", _rent_words(listing))])
    text = _found(rules, "text", _texts(listing))
    for wording, finding in (*price, *text):
        law = rules.law(wording.code, today)
        if law and law.effect == "report":
            yield msgspec.structs.replace(finding, source=law.source)


def _missing(listing: Listing, rules: Rules, today: date) -> Iterator[Finding]:
    channels = {offer.channel for offer in listing.offers}
    for fact in rules.facts:
        law = rules.law(fact.code, today)
        asked = channels & {*fact.channels} and (listing.residential or not fact.dwellings_only)
        asked = asked and (not fact.tenures or listing.tenure in fact.tenures)
        if law and asked and not _stated(listing, fact):
            yield Finding(code=fact.code, kind="missing", says=fact.says, source=law.source)


def _stated(listing: Listing, fact: Fact) -> bool:
    if any(getattr(listing, name) for name in fact.fields):
        return True
    return any(_any(fact.patterns).search(text) for _, text in _texts(listing))


def _found(
    rules: Rules, where: str, texts: Iterable[tuple[str, str]]
) -> Iterator[tuple[Wording, Finding]]:
    """The first place at which each wording stands."""
    sentences = [(field, each) for field, text in texts for each in _SENTENCE.split(text)]
    for wording in rules.wordings:
        if wording.where == where:
            for field, sentence in sentences:
                if _says(wording, sentence):
                    quote = sentence.strip()[:QUOTED]
                    yield (
                        wording,
                        Finding(
                            code=wording.code,
                            kind="wording",
                            says=wording.says,
                            field=field,
                            quote=quote,
                        ),
                    )
                    break


def _says(wording: Wording, sentence: str) -> bool:
    if not _any(wording.patterns).search(sentence):
        return False
    return not (wording.unless and _any(wording.unless).search(sentence))


@cache
def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _letting(listing: Listing) -> bool:
    return any(offer.channel == "rent" for offer in listing.offers)


def _rent_words(listing: Listing) -> str:
    """What the displayed price says of the rent, where it also says what the home sells for."""
    shown = _plain(listing.display_price)
    if all(offer.channel == "rent" for offer in listing.offers):
        return shown
    return "\n".join(part for part in _OF_SALE.split(shown) if _OF_RENT.search(part))


def _texts(listing: Listing) -> list[tuple[str, str]]:
    named = [(name, getattr(listing, name)) for name in ("strapline", "summary", "description")]
    named += [("features", feature) for feature in listing.features]
    return [(name, _plain(text)) for name, text in named if text]


def _plain(text: str) -> str:
    """One sign for each of apostrophe, dash and run of spaces; abbreviations without their dots."""
    plain = _SPACES.sub(" ", text.translate(_SIGNS))
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), plain)
