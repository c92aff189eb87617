"""From a result of the front to its tables; and whether ours costs no more than stock Caddy with the same files."""

from pathlib import Path
from statistics import median

import msgspec

from bench import goals
from bench.edgebench import render, results, winners
from bench.edgebench.results import Result
from bench.edgebench.winners import MIB, paired
from bench.front import knees
from bench.front.servers import OURS, STOCK, TUNED
from bench.goals import Verdict, at_most
from bench.load.judge import thresholds
from bench.pairs import Pairs

GREETED = "detail, gzip, new connection"
WHOLE = "the whole path: Caddy with TLS, the published tree, and the edge behind"
UNTOLD = (  # of results that do not say it themselves
    "One Python client, 400 requests one after the other, each on a connection of its own; 5 rounds, servers always in the "
    "same order, none to warm up; p99 is the longest"
)
HEAD = ("Kind", "median", "least to most", "95 % interval of the mean", "ours no dearer", "Limits")


def judged(path: Path) -> list[Verdict]:
    return verdicts(results.load(path))


def verdicts(result: Result) -> list[Verdict]:
    """Two of each kind that is a file; none of a short run. `ValueError` where nothing was compared."""
    if result.smoke:
        return []
    limits, found = thresholds().front, []
    for kind, pairs in _compared(result).items():
        least, middle = _goals(kind)
        found.append(at_most(least, limits.cpu_of_stock_least, pairs.interval[0]))
        found.append(at_most(middle, limits.cpu_of_stock, pairs.median))
    if not found:
        raise ValueError(f"{OURS} was not compared with {STOCK}")
    return found


def rendered(result: Result) -> str:
    told = [
        msgspec.structs.replace(one, method=one.method or UNTOLD) if one.name == GREETED else one
        for one in result.subjects
    ]
    result = msgspec.structs.replace(result, subjects=told)
    parts = (
        render.heading(result),
        _held(result),
        _collector(result),
        winners.verdict(result, OURS, WHOLE),
        knees.rendered(result, thresholds().page.p99_ms),
        render.lookups(result),
    )
    return "\n\n".join(part for part in parts if part)


def _compared(result: Result, other: str = STOCK) -> dict[str, Pairs]:
    """Ours by the other, of each kind that is a file for both."""
    kinds = [one.name for one in winners.files(result)]
    return {kind: found for kind in kinds if (found := paired(result, OURS, other, kind))}


def _goals(kind: str) -> tuple[str, str]:
    what = f"CPU per request by that of {STOCK}, {kind}"
    return f"{what}: the interval's lower end", f"{what}: the median"


def _held(result: Result) -> str:
    found = {} if result.smoke else _compared(result)
    if not found:
        return ""
    limits, judgements = thresholds().front, verdicts(result)
    rows = []
    for kind, pairs in found.items():
        words = {goals.word(judgements, goal) for goal in _goals(kind)}
        least, most = pairs.interval
        rows.append(
            (
                kind,
                f"{pairs.median:.2f}",
                f"{min(pairs.ratios):.2f} to {max(pairs.ratios):.2f}",
                f"{least:.2f} to {most:.2f}",
                f"{pairs.no_dearer} of {len(pairs.ratios)}",
                "kept" if words == {"kept"} else "**missed**",
            )
        )
    told = (
        f"**CPU per request by that of {STOCK}, which serves the same files**: paired rounds. Kept is what is no dearer as far "
        f"as the rounds can tell (the lower end of the interval at most {limits.cpu_of_stock_least:g}) and whose median is at "
        f"most {limits.cpu_of_stock:g}. A page that does not exist is no file, and is not judged."
    )
    return f"{told}\n\n{render.table(HEAD, rows)}"


def _collector(result: Result) -> str:
    """What the setting of Go's collector is worth, and what it costs."""
    equal = {kind: pairs.median for kind, pairs in _compared(result, TUNED).items()}
    stock, tuned, mine = (result.memory_bytes.get(name, 0) for name in (STOCK, TUNED, OURS))
    if not (equal and stock and tuned):
        return ""
    ours = _compared(result).values()
    low, high = min(equal, key=equal.__getitem__), max(equal, key=equal.__getitem__)
    return (
        f"**What this rests on**: ours runs with a setting of Go's garbage collector that stock Caddy does not have by itself. "
        f"So set, ours costs {median(one.median for one in ours):.2f} of stock Caddy's CPU (the median of the kinds above). With "
        f"equal settings (“{TUNED}”) ours costs {equal[low]:.2f} ({low}) to {equal[high]:.2f} ({high}) times as much as stock "
        f"Caddy, {median(equal.values()):.2f} in the median of kinds. The setting is paid in memory: ours holds {mine / MIB:.0f} MiB, "
        f"the edge's among them, {mine / stock:.1f} times the {stock / MIB:.0f} of stock Caddy, which holds {tuned / MIB:.0f} with our setting."
    )
