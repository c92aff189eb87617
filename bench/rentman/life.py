"""What happens to a portfolio as days go by; the n-th event is the same for the same seed.

`Market` is the only mutable thing about the portfolio. It keeps listings in the order in which the
service shows them, and a revision that moves with every change.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import msgspec

from bench.rentman import gallery
from bench.rentman.dice import chance
from bench.rentman.gallery import Media
from bench.rentman.portfolio import Listing, generate, listing
from bench.rentman.wire import Row, row

replace = msgspec.structs.replace
Outcome = dict[str, Any]
RENT_STEP, PRICE_STEP = 25, 2500  # pounds


class NothingToDoError(Exception):
    """The event asked for does not fit any listing, or not the one named."""


@dataclass(slots=True)
class Market:
    seed: int
    today: date
    listings: dict[str, Listing]
    media: dict[str, Media]
    away: dict[str, Listing] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    revision: int = 0
    next_index: int = 0
    history: list[Outcome] = field(default_factory=list)
    told: Callable[[str | None, str | None], None] = lambda _event, _ref: None

    @classmethod
    def open(cls, seed: int, count: int, today: date) -> "Market":
        listings = {item.ref: item for item in generate(seed, count, today)}
        media = {item.filename: item for home in listings.values() for item in home.media}
        return cls(seed, today, listings, media, next_index=count)

    def row(self, home: Listing) -> Row:
        """A copy of the row, for a fault may spoil it."""
        found = self.rows.get(home.ref)
        if found is None:
            found = self.rows[home.ref] = row(self.seed, home)
        return dict(found)

    def find(self, reference: str) -> Listing | None:
        return self.listings.get(canonical(reference))

    def put(self, home: Listing) -> None:
        self.listings[home.ref] = home
        self.away.pop(home.ref, None)
        self.media |= {item.filename: item for item in home.media}
        self._changed(home.ref)

    def take(self, home: Listing) -> None:
        self.away[home.ref] = self.listings.pop(home.ref)
        self._changed(home.ref)

    def _changed(self, ref: str) -> None:
        self.rows.pop(ref, None)
        self.revision += 1


def canonical(reference: str) -> str:
    """ "1042", " 1042 " and "1042.00" are the same listing."""
    return reference.strip().removesuffix(".00")


def step(market: Market, event: str | None = None, ref: str | None = None) -> Outcome:
    """Apply one event, seeded by how many there were before; `None` lets the dice choose."""
    rng = Random(f"{market.seed}:life:{len(market.history)}")
    name = event or rng.choices(tuple(EVENTS), WEIGHTS)[0]
    for candidate in dict.fromkeys((name, *([] if event else EVENTS))):
        try:
            outcome = EVENTS[candidate](market, rng, ref)
        except NothingToDoError:
            if event:
                raise
            continue
        outcome = {"event": candidate, **outcome, "revision": market.revision}
        market.history.append(outcome)
        market.told(event, ref)
        return outcome
    raise NothingToDoError("no event fits this portfolio")


def _pick(
    market: Market, rng: Random, ref: str | None, fits: Callable[[Listing], bool]
) -> Listing:
    return _choose(market.listings, rng, ref, fits)


def _choose(
    among: dict[str, Listing], rng: Random, ref: str | None, fits: Callable[[Listing], bool]
) -> Listing:
    if ref is not None:
        home = among.get(canonical(ref))
        if home is None or not fits(home):
            raise NothingToDoError(f"{ref} is not there or not fit for it")
        return home
    found = [home for home in among.values() if fits(home)]
    if not found:
        raise NothingToDoError("no listing is fit for it")
    return rng.choice(found)


def _new(market: Market, _rng: Random, _ref: str | None) -> Outcome:
    home = listing(market.seed, market.next_index, market.today)
    market.next_index += 1
    market.put(home)
    return {"propref": home.ref}


def _let(market: Market, rng: Random, ref: str | None) -> Outcome:
    """Most are marked under offer first and leave the list at the next letting; some leave at once."""
    home = _pick(market, rng, ref, lambda home: home.letting)
    if home.status != "Under Offer" and chance(rng, 0.6):
        market.put(replace(home, status="Under Offer"))
        return {"propref": home.ref, "status": "Under Offer"}
    market.take(home)
    return {"propref": home.ref, "listed": False}


def _under_offer(market: Market, rng: Random, ref: str | None) -> Outcome:
    home = _pick(market, rng, ref, lambda home: home.status != "Under Offer")
    market.put(replace(home, status="Under Offer"))
    return {"propref": home.ref, "status": "Under Offer"}


def _price_cut(market: Market, rng: Random, ref: str | None) -> Outcome:
    home = _pick(
        market,
        rng,
        ref,
        lambda home: home.money.rent > RENT_STEP or home.money.price > PRICE_STEP,
    )
    factor = rng.uniform(0.92, 0.97)
    before = home.money
    money = replace(
        before,
        rent=_cut(before.rent, factor, RENT_STEP),
        price=_cut(before.price, factor, PRICE_STEP),
    )
    market.put(replace(home, money=money))
    structs = msgspec.structs.asdict
    return {"propref": home.ref, "before": structs(before), "after": structs(money)}


def _cut(amount: int, factor: float, step: int) -> int:
    """Less by a step at least; the last step stays, for nobody gives a home away."""
    return min(amount, max(step, min(amount - step, round(amount * factor / step) * step)))


def _withdrawn(market: Market, rng: Random, ref: str | None) -> Outcome:
    home = _pick(market, rng, ref, lambda _home: True)
    market.take(home)
    return {"propref": home.ref, "listed": False}


def _photo_replaced(market: Market, rng: Random, ref: str | None) -> Outcome:
    home = _pick(market, rng, ref, _has_photo)
    slots = [at for at, item in enumerate(home.media) if item.kind == "photo"]
    at = slots[0] if chance(rng, 0.5) else rng.choice(slots)
    old = home.media[at]
    new = gallery.replaced(old, market.seed, home.index, market.revision + 1)
    market.media.pop(old.filename, None)
    market.put(replace(home, media=(*home.media[:at], new, *home.media[at + 1 :])))
    return {"propref": home.ref, "slot": old.order, "before": old.filename, "after": new.filename}


def _has_photo(home: Listing) -> bool:
    return any(item.kind == "photo" for item in home.media)


def _back(market: Market, rng: Random, ref: str | None) -> Outcome:
    if ref is None or canonical(ref) in market.away:
        home = _choose(market.away, rng, ref, lambda _home: True)
    else:
        home = _pick(market, rng, ref, lambda home: home.status == "Under Offer")
    status = "Available" if home.letting else "For Sale"
    market.put(replace(home, status=status))
    return {"propref": home.ref, "status": status, "listed": True}


EVENTS: dict[str, Callable[[Market, Random, str | None], Outcome]] = {
    "new_listing": _new,
    "let": _let,
    "under_offer": _under_offer,
    "price_cut": _price_cut,
    "withdrawn": _withdrawn,
    "photo_replaced": _photo_replaced,
    "back_on_market": _back,
}
WEIGHTS = (22, 16, 8, 22, 8, 14, 10)
__all__ = ["EVENTS", "Market", "NothingToDoError", "canonical", "step"]
