"""Goals of load/thresholds.toml beside what a bench found: kept, missed, or not judged."""

from collections.abc import Iterable

from bench.load.judge import Verdict

NOT_JUDGED = "not judged"


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
