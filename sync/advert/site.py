"""The gate between what is known and what is rendered."""

from collections.abc import Iterable
from datetime import date

import msgspec

from sync.advert.judge import gate
from sync.advert.rules import nation_of, rules_for
from sync.model import Known, Offer


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A letting that is not advertised. `sale`: the home is still there, for sale."""

    id: str
    code: str
    reason: str
    sale: bool


def advertised(listings: Iterable[Known], today: date) -> tuple[list[Known], tuple[Refused, ...]]:
    """The listings with the offers that may be shown, and what was refused of them, in order."""
    shown: list[Known] = []
    refused: list[Refused] = []
    for known in listings:
        verdict = gate(known.listing, rules_for(nation_of(known.listing.outcode)), today)
        for reason in verdict.reasons[:1]:
            words = f"{reason.says}: {reason.quote}" if reason.quote else reason.says
            name, sale = known.listing.id, verdict.publish
            refused.append(Refused(id=name, code=reason.code, reason=words, sale=sale))
        if verdict.publish:
            shown.append(_with(known, verdict.offers) if verdict.reasons else known)
    return shown, tuple(refused)


def _with(known: Known, offers: tuple[Offer, ...]) -> Known:
    """Without the other channel, in its prices too."""
    channels = {offer.channel for offer in offers}
    return msgspec.structs.replace(
        known,
        listing=msgspec.structs.replace(known.listing, offers=offers),
        prices=tuple(point for point in known.prices if point.channel in channels),
    )
