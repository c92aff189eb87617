"""What was promised beside what was found: kept, missed, or not judged. The figures promised are in
load/thresholds.toml."""

from collections.abc import Iterable

import msgspec

NOT_JUDGED = "not judged"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    limit: float
    found: float
    kept: bool


def at_most(what: str, limit: float, found: float, *, asked: int = 1) -> Verdict:
    return Verdict(what=what, limit=limit, found=found, kept=bool(asked) and found <= limit)


def at_least(what: str, limit: float, found: float) -> Verdict:
    return Verdict(what=what, limit=limit, found=float(found), kept=found >= limit)


def word(verdicts: Iterable[Verdict], what: str) -> str:
    """What a report says of the goal of that name."""
    for verdict in verdicts:
        if verdict.what == what:
            return "kept" if verdict.kept else "**missed**"
    return NOT_JUDGED


def shown(verdicts: Iterable[Verdict]) -> bool:
    """Each is printed; whether all are kept."""
    kept = True
    for verdict in verdicts:
        said = "kept" if verdict.kept else "NOT KEPT"
        print(f"  {verdict.what}: {verdict.found:.4g}, at most or least {verdict.limit:g}: {said}")
        kept &= verdict.kept
    return kept
