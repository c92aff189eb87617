"""Slugs that homes had before, and where their pages are now."""

from collections.abc import Mapping, Sequence

import msgspec

from sync.render.shown import Shown


class Redirect(msgspec.Struct, frozen=True, kw_only=True):
    """From one page of the website to another; a permanent redirect."""

    from_path: str = msgspec.field(name="from")
    to_path: str = msgspec.field(name="to")


class Redirects(msgspec.Struct, frozen=True):
    items: tuple[Redirect, ...]
    total: int


def moved(shown: Sequence[Shown], former: Mapping[str, str]) -> dict[str, str]:
    """Former slug -> present slug. `former`: every slug there has been -> reference in lower case."""
    now = {item.known.listing.id.lower(): item.card.slug for item in shown}
    taken = set(now.values()) | set(now)
    return {
        slug: now[ref] for slug, ref in sorted(former.items()) if ref in now and slug not in taken
    }


def redirects(moves: Mapping[str, str]) -> Redirects:
    made = tuple(
        Redirect(from_path=f"/properties/{old}", to_path=f"/properties/{new}")
        for old, new in moves.items()
    )
    return Redirects(made, len(made))
