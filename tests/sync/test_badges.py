"""What a card says of itself: new, reduced, back on the market, and where it is."""

import msgspec
import pytest

from sync.model import Channel, Known, Offer, PricePoint
from sync.render.card import Moment, address, is_new, is_reduced
from sync.render.images import Links
from sync.render.site import render
from tests.sync.samples import NOON, known

LINKS = Links("https://homes.example")
MOMENT = Moment(NOON + 10 * 86_400, NOON)
DAY = 86_400


def test_new_is_two_weeks_and_not_the_first_day_of_the_installation() -> None:
    moment = Moment(now=100 * DAY, birth=0)

    assert is_new(known(seen=87 * DAY), moment)
    assert not is_new(known(seen=86 * DAY), moment)
    assert not is_new(known(seen=DAY // 2), Moment(now=2 * DAY, birth=0))


def priced(*history: tuple[float, int], channel: Channel = "rent") -> Known:
    """A home with these prices, each since a number of days; the last is the present one."""
    points = tuple(
        PricePoint(channel=channel, since=NOON + int(day * DAY), pence=pence)
        for day, pence in history
    )
    return msgspec.structs.replace(known(pence=history[-1][1]), prices=points)


@pytest.mark.parametrize(
    ("history", "reduced"),
    [
        ([(0, 100)], False),
        ([(0, 100), (2, 90)], True),
        ([(0, 90), (2, 100)], False),
        ([(0, 80), (2, 100), (4, 90)], True),
        ([(0, 100), (2, 90), (4, 95)], False),
        ([(0, 100), (0.01, 90)], True),  # the first price counts, however short
        ([(0, 100), (2, 1000), (2.1, 100)], False),  # a slip, put right
        ([(0, 100), (2, 1000), (2.1, 95)], True),
        ([(0, 100), (2, 90), (2.1, 95)], True),
        ([(0, 100), (2, 90), (2.1, 100)], False),
    ],
)
def test_reduced_is_cheaper_than_the_price_that_stood_before(
    history: list[tuple[float, int]], reduced: bool
) -> None:
    one = priced(*history)
    (offer,) = one.listing.offers

    assert is_reduced(one, offer, MOMENT) is reduced
    assert not is_reduced(one, offer, Moment(NOON + 40 * DAY, NOON))


def test_a_price_on_application_is_not_reduced_and_channels_do_not_mix() -> None:
    cut = priced((0, 100), (2, 90))

    assert not is_reduced(cut, Offer(channel="rent", pence=0), MOMENT)
    assert not is_reduced(cut, Offer(channel="sale", pence=90), MOMENT)


def test_back_on_the_market_is_for_two_weeks_and_while_it_is_available() -> None:
    back = msgspec.structs.replace(known(), returned_at=NOON)
    under_offer = msgspec.structs.replace(known(status="under_offer"), returned_at=NOON)

    def badges(one: Known, now: int) -> list[str]:
        site = render([one], {}, LINKS, Moment(now, NOON))
        return [
            str(each)
            for each in msgspec.json.decode(site.pages["/api/framer/property/42"].data)["badges"]
        ]

    assert badges(back, NOON + 13 * DAY) == ["Back on the market"]
    assert badges(back, NOON + 14 * DAY) == []
    assert badges(under_offer, NOON + 1) == ["Under offer"]
    assert badges(known(), NOON + 1) == []


@pytest.mark.parametrize(
    ("advertised", "ends"),
    [
        ("High Street, Camden", "High Street, Camden NW1"),
        ("High Street, NW1", "High Street, NW1"),
        ("High Street, NW10", "High Street, NW10 NW1"),
        ("", "High Street, London NW1"),
    ],
)
def test_an_address_ends_in_its_outcode(advertised: str, ends: str) -> None:
    assert address(known(address=advertised)) == ends
