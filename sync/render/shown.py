"""A home on one channel with its card: made once, used in every list and in the index."""

from dataclasses import dataclass

from sync.model import Known, Offer
from sync.render.card import Card


@dataclass(frozen=True, slots=True)
class Shown:
    known: Known
    offer: Offer
    card: Card
    encoded: bytes
