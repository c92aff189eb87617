"""What the ledger of files says: what to fetch, and in which order; what is kept of each file."""

import math
from collections.abc import Iterable, Mapping

import msgspec

from sync.media.model import FileKind
from sync.model import Known, MediaName, Medium

ABSENT_RETRY_S, REJECTED_RETRY_S = 3600, 86_400  # F13; F14
# Where the other kinds stand among the photos: a plan sells better than a fourth photo, and a video is as
# large as many of them.
RANK = {"floorplan": 2.5, "epc": 3.5, "brochure": 4.5, "video": math.inf}
ABSENT, REFUSED = "absent", "refused"
FAILED = {"timeout", "crash", "memory"}  # nothing is known against the file
SOON = {ABSENT, REFUSED, *FAILED}
RENEWALS_MAX = 100  # files a pass that are only made anew: new ones must not wait for hours


def wanted(
    listings: Iterable[Known],
    ledger: Mapping[str, Medium],
    now: float,
    recipes: Mapping[FileKind, str],
) -> list[MediaName]:
    """What to fetch, in order: every home's first photo before any home's second.

    Last come some of those that another recipe made than now in `recipes`.
    """
    missing: dict[str, tuple[float, int, MediaName]] = {}
    stale: dict[str, tuple[float, int, MediaName]] = {}
    for order, known in enumerate(listings):
        for name in known.listing.media:
            medium = ledger.get(name.filename)
            if not _is_due(medium, now):
                continue
            entry = (RANK.get(name.kind, float(name.position)), order, name)
            if medium is None or not medium.key:
                missing.setdefault(name.filename, entry)
            elif _is_stale(name, medium, recipes):
                stale.setdefault(name.filename, entry)
    return _in_order(missing) + _in_order(stale)[:RENEWALS_MAX]


def _is_stale(name: MediaName, medium: Medium, recipes: Mapping[FileKind, str]) -> bool:
    if name.leads and medium.share_recipe != recipes["share"]:
        return True
    return medium.recipe != recipes[name.kind]


def _in_order(found: dict[str, tuple[float, int, MediaName]]) -> list[MediaName]:
    return [name for _, _, name in sorted(found.values(), key=lambda entry: entry[:2])]


def _is_due(medium: Medium | None, now: float) -> bool:
    if medium is None or not medium.reason:
        return True
    again = ABSENT_RETRY_S if medium.reason in SOON else REJECTED_RETRY_S
    return now - medium.checked_at >= again


def outcome(medium: Medium) -> str:
    if medium.reason in (ABSENT, REFUSED):
        return medium.reason
    if medium.reason in FAILED:
        return "failed"
    if medium.reason:
        return "rejected"
    return "document" if medium.document else "video" if medium.video else "ready"


def keys(medium: Medium) -> set[str]:
    """Of all that is kept of it."""
    shared = medium.share.key if medium.share is not None else ""
    return {medium.key, shared} - {""}


def without_lost(medium: Medium, kept: set[str]) -> Medium | None:
    if medium.share is not None and medium.share.key not in kept:
        medium = msgspec.structs.replace(medium, share=None, share_recipe="")
    if not medium.key or medium.key in kept:
        return medium
    if not medium.reason:
        return None
    return msgspec.structs.replace(medium, picture=None, document="", video=None)
