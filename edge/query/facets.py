"""Facets with counts, and, when nothing is found, what to relax."""

from collections.abc import Callable
from itertools import combinations

import msgspec

from edge.query.filters import Sought
from edge.query.finder import Finder

UNCOUNTED = "-1"  # bedrooms of a garage or an office
RELAX_MAX = 5
FEATURE_LABELS = {
    "balcony": "Balcony",
    "bills": "Bills included",
    "garage": "Garage",
    "garden": "Garden",
    "lift": "Lift",
    "parking": "Parking",
    "pets": "Pets considered",
}
FURNISHING_LABELS = {
    "furnished": "Furnished",
    "unfurnished": "Unfurnished",
    "part_furnished": "Part furnished",
    "either": "Furnished or unfurnished",
}


class Facet(msgspec.Struct, frozen=True):
    value: str
    label: str
    count: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """Each facet respects every filter but its own.

    Features are the exception: those asked for must all be there, so each is counted among the
    homes that have them.
    """

    channel: list[Facet]
    status: list[Facet]
    area: list[Facet]
    outcode: list[Facet]
    bedrooms: list[Facet]
    bathrooms: list[Facet]
    type: list[Facet]
    furnishing: list[Facet]
    features: list[Facet]


class Relaxed(msgspec.Struct, frozen=True):
    """Without these `parameters` there are `total` homes."""

    parameters: tuple[str, ...]
    total: int
    label: str


def facets(sought: Sought) -> Facets:
    """Values that have any home, with how many."""
    return Facets(
        **{
            name: _counted(sought.finder, name, sought.rows(_OWN.get(name, frozenset({name}))))
            for name in Facets.__struct_fields__
        }
    )


def relax(sought: Sought) -> list[Relaxed]:
    """The fewest filters to give up so that something is found, the most fruitful first."""
    names = tuple(sought.sets)
    for size in (1, 2):
        found = [_relaxed(sought, given_up) for given_up in combinations(names, size)]
        fruitful = [one for one in found if one.total]
        if fruitful:
            return sorted(fruitful, key=lambda one: -one.total)[:RELAX_MAX]
    return [_relaxed(sought, names)] if sought.finder.every else []


def _relaxed(sought: Sought, names: tuple[str, ...]) -> Relaxed:
    total = sought.rows(frozenset(names)).bit_count()
    homes = "1 home" if total == 1 else f"{total:,} homes"
    return Relaxed(names, total, f"{homes} without {' and '.join(names)}")


def _counted(finder: Finder, column: str, rows: int) -> list[Facet]:
    known = finder.sets.get(column, {})
    # A home let either way is found for each wish.
    other = known.get("either", 0) if column == "furnishing" else 0
    counts = {value: (rows & (held | other)).bit_count() for value, held in known.items()}
    values = [value for value, count in counts.items() if count and value != UNCOUNTED]
    if column in _NUMBERS:
        values.sort(key=int)
        return [Facet(value, _NUMBERS[column](int(value)), counts[value]) for value in values]
    labels = _LABELS.get(column) or finder.index.labels.get(column, {})
    return [Facet(value, labels.get(value) or value, counts[value]) for value in values]


def _beds_label(count: int) -> str:
    return f"{count} bed{'s' if count > 1 else ''}" if count else "Studio"


def _baths_label(count: int) -> str:
    return f"{count} bath{'' if count == 1 else 's'}"


_LABELS = {"features": FEATURE_LABELS, "furnishing": FURNISHING_LABELS}
_NUMBERS: dict[str, Callable[[int], str]] = {"bedrooms": _beds_label, "bathrooms": _baths_label}
_OWN: dict[str, frozenset[str]] = {  # facet -> its own parameters, where not of the same name
    "bedrooms": frozenset({"beds_min", "beds_max"}),
    "bathrooms": frozenset({"baths_min", "baths_max"}),
    "features": frozenset(),
}
