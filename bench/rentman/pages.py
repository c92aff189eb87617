"""The list as asked for: which listings, which page, in which order, with which options."""

from collections.abc import Mapping, Sequence

import msgspec

from bench.rentman.faults import Active
from bench.rentman.life import Market
from bench.rentman.portfolio import Listing
from bench.rentman.wire import Row

DEFAULT_LIMIT = 25
OPTIONS = ("propref", "noimage", "rob", "featured", "onlyarea", "limit", "page", "filename")


class Asked(msgspec.Struct, frozen=True):
    """The options of one call; a header and a query parameter mean the same."""

    propref: str | None = None
    filename: str | None = None
    noimage: bool = False
    rob: str | None = None
    featured: bool = False
    onlyarea: bool = False
    limit: int = DEFAULT_LIMIT
    page: int = 1


def asked(headers: Mapping[str, str], query: Mapping[str, str]) -> Asked:
    given = {name: query.get(name) or headers.get(name) for name in OPTIONS}
    return Asked(
        propref=given["propref"],
        filename=given["filename"],
        noimage=given["noimage"] == "1",
        rob=given["rob"],
        featured=given["featured"] == "1",
        onlyarea=given["onlyarea"] == "1",
        limit=_positive(given["limit"], DEFAULT_LIMIT),
        page=_positive(given["page"], 1),
    )


def _positive(text: str | None, otherwise: int) -> int:
    number = int(text) if text and text.isascii() and text.isdigit() else 0
    return number or otherwise


def chosen(market: Market, want: Asked) -> list[Listing]:
    if want.propref is not None:
        found = market.find(want.propref)
        return [found] if found else []
    return [home for home in market.listings.values() if _matches(home, want)]


def _matches(home: Listing, want: Asked) -> bool:
    if want.rob == "rent" and not home.letting:
        return False
    if want.rob == "sale" and not home.selling:
        return False
    return home.details.featured or not want.featured


def page(homes: Sequence[Listing], want: Asked, faults: Sequence[Active]) -> list[Listing]:
    """One page, after the faults of order have had their way."""
    orders = {active.variant for active in faults if active.mode.scope == "order"}
    number = 1 if "repeat" in orders else want.page
    # A removal on page 1 between two calls: every later row moves up by one.
    shift = 1 if "shift" in orders and number > 1 else 0
    start = (number - 1) * want.limit - shift
    found = list(homes[start : start + want.limit])
    if found and orders & {"duplicate", "forms"}:
        found = [*found, *found[: max(1, len(found) // 4)]]
    return found


def reform(rows: Sequence[Row], faults: Sequence[Active]) -> list[Row]:
    """Give the second sight of a listing another form of its reference, if a fault says so."""
    if not any(active.variant == "forms" for active in faults):
        return list(rows)
    seen: set[str] = set()
    found = []
    for item in rows:
        plain = str(item["propref"]).strip().removesuffix(".00")
        found.append(item | {"propref": f"{plain}.00"} if plain in seen else item)
        seen.add(plain)
    return found


def only_area(rows: Sequence[Row]) -> list[Row]:
    return [{"postcode": item.get("postcode"), "area": item.get("area")} for item in rows]
