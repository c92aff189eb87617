"""Homes with their cards, as everything is rendered from them."""

from sync.model import Known
from sync.render.card import Moment, card
from sync.render.images import Links
from sync.render.shown import Shown
from tests.sync.samples import NOON

LINKS = Links("https://homes.example")


def shown(*homes: Known) -> list[Shown]:
    return [
        Shown(home, offer, card(home, offer, {}, LINKS, Moment(NOON, 0), featured=False), b"{}")
        for home in homes
        for offer in home.listing.offers
    ]
