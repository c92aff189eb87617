"""Facets with counts, and, when nothing is found, what to relax."""

from collections.abc import Callable, Sequence
from itertools import chain, combinations

import msgspec

from edge.query.filters import Sought, by_month
from edge.query.finder import Finder

UNCOUNTED = "-1"  # bedrooms of a garage or an office
RELAX_MAX = 5
_Names = tuple[str, ...]
_BOUNDS: tuple[_Names, ...] = (
    ("price_min", "price_max"),
    ("beds_min", "beds_max"),
    ("baths_min", "baths_max"),
)
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
    """The fewest filters to give up so that something is found, the most fruitful first.

    Two bounds of one thing are one filter, given up in whole where neither is enough.
    """
    if not sought.finder.every:
        return []
    groups = _groups(sought)
    alone = [one for group in groups for one in _of(sought, group)]
    together = (_without(sought, *pair) for pair in combinations(groups, 2))
    found = alone or [one for one in together if one.total]
    return sorted(found, key=lambda one: -one.total)[:RELAX_MAX] or [_fewest(sought, groups)]


def _groups(sought: Sought) -> list[_Names]:
    bounds = {name: pair for pair in _BOUNDS for name in pair if {*pair} <= sought.sets.keys()}
    return list(dict.fromkeys(bounds.get(name, (name,)) for name in sought.sets))


def _of(sought: Sought, group: _Names) -> list[Relaxed]:
    """What helps of one filter: a bound of it or how it is meant, else all of it."""
    parts = [_without(sought, (name,)) for name in group]
    if sought.query.period != "pcm" and not {*group}.isdisjoint(_BOUNDS[0]):
        monthly = sought.rows(frozenset(_BOUNDS[0])) & by_month(sought.finder, sought.query)
        parts.append(_relaxed(sought, ("period",), monthly.bit_count()))
    return [one for one in parts if one.total] or [
        one for one in [_without(sought, group)] if one.total
    ]


def _fewest(sought: Sought, groups: Sequence[_Names]) -> Relaxed:
    """Where two are not enough: all but those that may stay."""
    given_up = list(groups)
    for group in groups:
        rest = [one for one in given_up if one != group]
        if sought.rows(frozenset(chain.from_iterable(rest))):
            given_up = rest
    return _without(sought, *given_up)


def _without(sought: Sought, *groups: _Names) -> Relaxed:
    names = tuple(chain.from_iterable(groups))
    return _relaxed(sought, names, sought.rows(frozenset(names)).bit_count())


def _relaxed(sought: Sought, names: _Names, total: int) -> Relaxed:
    """With what would not be understood without them: a sorting by distance, a cursor."""
    homes = "1 home" if total == 1 else f"{total:,} homes"
    also = [
        name
        for name, needed in (
            ("sort", "near" in names and sought.query.sort == "nearest"),
            ("cursor", sought.query.cursor is not None),
        )
        if needed
    ]
    return Relaxed((*names, *also), total, f"{homes} without {' and '.join(names)}")


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
