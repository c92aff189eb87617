"""The first thing a reader wants to know: which limits the newest results keep, and how often they were kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench import cli
from bench.edgebench.render import table
from bench.goals import Verdict
from bench.load.profiles import ALL
from bench.load.records import load_pages, load_run

HEAD = ("Part", "Newest result", "Commit", "Limits", "Results that kept all of theirs")
Judged = Callable[[Path], Sequence[Verdict]]


class _Stamp(msgspec.Struct):
    made_at: str
    commit: str


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of result, and what its limits say of one; `whole`: not of a shortened run."""

    name: str
    kind: str
    judged: Judged
    whole: Callable[[Path], bool] = lambda _: True


def parts(benches: Iterable[cli.Bench]) -> list[Part]:
    """Every profile of visitors, the first page, and the benches that have limits."""
    return [
        *(Part(name, f"load-{name}", _of_run, _is_whole) for name in ALL),
        Part("first page", "load-first-page", lambda path: load_pages(path).verdicts),
        *(Part(one.kind, one.kind, one.judged) for one in benches if one.judged is not None),
    ]


def rendered(every: Iterable[Part], folder: Path) -> str:
    """What was missed comes first, with its figures; a part without limits or results has no row."""
    rows, missed = [], list[str]()
    for part in every:
        results = [path for path in cli.dated(part.kind, folder) if part.whole(path)]
        found = [(path, verdicts) for path in results if (verdicts := part.judged(path))]
        if not found:
            continue
        newest, verdicts = found[-1]
        rows.append(_row(part.name, newest, [verdicts for _, verdicts in found]))
        missed += [f"* {part.name}: {_said(one)}" for one in verdicts if not one.kept]
    told = (
        f"**The newest results miss {len(missed)} of their limits:**\n\n" + "\n".join(missed)
        if missed
        else "**The newest results keep every limit.**"
    )
    return f"{told}\n\n{table(HEAD, rows)}"


def _row(name: str, newest: Path, every: Sequence[Sequence[Verdict]]) -> list[str]:
    stamp = msgspec.json.decode(newest.read_bytes(), type=_Stamp)
    kept = [sum(one.kept for one in verdicts) == len(verdicts) for verdicts in every]
    last = every[-1]
    said = "kept" if kept[-1] else f"**{sum(not one.kept for one in last)} of {len(last)} missed**"
    when = stamp.made_at[:16].replace("T", " ")
    return [name, when, stamp.commit, said, f"{sum(kept)} of {len(kept)}"]


def _said(one: Verdict) -> str:
    return f"{one.what} {one.found:.4g}, the limit is {one.limit:g}."


def _of_run(path: Path) -> Sequence[Verdict]:
    return load_run(path).verdicts


def _is_whole(path: Path) -> bool:
    run = load_run(path)
    return run.seconds == run.whole_seconds
