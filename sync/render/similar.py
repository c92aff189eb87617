"""Homes like a home: near in place, kind, size and price, on the same channel and to be had."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from sync.render.shown import Shown

SIMILAR = 6
NEIGHBOURS = 12  # by price, to each side ...
LOCALS = 12  # ... and of those in the same area, looked at for similar homes
FAR_KM = 5.0  # from which distance does not matter any more
KM_PER_DEGREE = 111.195


def similar(shown: Sequence[Shown]) -> list[tuple[int, ...]]:
    """For each of `shown` the numbers of those most like it, nearest first."""
    found: list[tuple[int, ...]] = [()] * len(shown)
    by_channel: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(shown):
        by_channel[item.offer.channel].append(number)
    for numbers in by_channel.values():
        ordered = sorted(numbers, key=lambda n: (shown[n].offer.pence, shown[n].known.listing.id))
        to_be_had = [number for number in ordered if shown[number].card.is_available]
        everywhere = _Priced(shown, to_be_had)
        areas: dict[str, list[int]] = defaultdict(list)
        for number in to_be_had:
            if area := shown[number].card.area_slug:
                areas[area].append(number)
        locally = {name: _Priced(shown, members) for name, members in areas.items()}
        for number in numbers:
            candidates = set(everywhere.around(number, NEIGHBOURS))
            if (here := locally.get(shown[number].card.area_slug)) is not None:
                candidates.update(here.around(number, LOCALS))
            found[number] = _nearest(shown, number, candidates)
    return found


class _Priced:
    """Homes in order of price."""

    def __init__(self, shown: Sequence[Shown], numbers: list[int]) -> None:
        self._shown, self._numbers = shown, numbers
        self._prices = [shown[number].offer.pence for number in numbers]

    def around(self, number: int, reach: int) -> list[int]:
        at = bisect_left(self._prices, self._shown[number].offer.pence)
        return self._numbers[max(0, at - reach) : at + reach + 1]


def _nearest(shown: Sequence[Shown], number: int, candidates: set[int]) -> tuple[int, ...]:
    one = shown[number]
    others = [n for n in candidates if shown[n].known.listing.id != one.known.listing.id]
    return tuple(sorted(others, key=lambda n: (distance(one, shown[n]), n))[:SIMILAR])


def distance(one: Shown, other: Shown) -> float:
    """0 for the same place, kind, size and price; each difference adds about one at most."""
    card, other_card = one.card, other.card
    kind = 0.0 if card.type == other_card.type else 0.4
    beds = 0.3 * abs(card.bedrooms - other_card.bedrooms)
    return _apart(one, other) + kind + beds + _dearer(one.offer.pence, other.offer.pence)


def _dearer(pence: int, others: int) -> float:
    """As a share of the dearer; in the middle where one of them is not stated."""
    if not pence or not others:
        return 0.5
    return abs(pence - others) / max(pence, others)


def _apart(one: Shown, other: Shown) -> float:
    """By kilometres where both points are known, else by the names of their places, if they have any."""
    card, other_card = one.card, other.card
    if card.has_location and other_card.has_location:
        north = (card.lat - other_card.lat) * KM_PER_DEGREE
        east = (card.lng - other_card.lng) * KM_PER_DEGREE * math.cos(math.radians(card.lat))
        return min(1.0, math.hypot(north, east) / FAR_KM)
    if card.area_slug and card.area_slug == other_card.area_slug:
        return 0.0
    return 0.5 if card.town and card.town == other_card.town else 1.0
