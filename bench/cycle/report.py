"""What a run of the cycle bench finds, and its table."""

from pathlib import Path

import msgspec

from bench import cli, goals
from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.goals import Verdict, at_most
from bench.load.judge import thresholds

FORMAT = 1
MIB = 1024 * 1024


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """One pass of the daemon, by its own log, and what the process had used by its end.

    `kind`: the first into an empty store; `again` in the same process with nothing new; `restarted`,
    the first of a new process with nothing new. `peak_bytes`: the most that was resident so far;
    `resting_bytes`: what was once the pass was over, 0 where it was not looked at.
    """

    listings: int
    kind: str
    outcome: str
    seconds: float
    stages: dict[str, float]
    cpu_s: float
    peak_bytes: int
    calls: int
    resting_bytes: int = 0


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Calls upstream for one refresh once everything is known, pictures included."""

    listings: int
    first: int
    steady: int
    naive: int

    @property
    def share(self) -> float:
        return self.steady / self.naive


class Result(msgspec.Struct, kw_only=True):
    format: int = FORMAT
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    passes: list[Pass] = []
    calls: list[Calls] = []


def load(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


def into(result: Result, page: Path) -> None:
    cli.into(page, "cycle", rendered(result))


def rendered(result: Result) -> str:
    machine = result.machine
    intro = (
        f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}, "
        f"Python {machine.python}. The daemon against the simulated Rentman on the same machine, which "
        "refuses pictures here; seconds by the daemon's own log, the simulator's time included. "
        "Memory: the most that was ever resident in that process, and what was at rest after the pass."
    )
    return "\n\n".join(
        [intro, _passes(result), *(_verdict(result, n) for n in _sizes()), _calls(result)]
    )


def judged(result: Result) -> list[Verdict]:
    """What was run of it; nothing of a short run."""
    if result.smoke:
        return []
    limits = thresholds().cycle
    verdicts = []
    for listings in _sizes():
        if steady := _steady(result, listings):
            seconds, memory = max(one.seconds for one in steady), _most(steady)
            verdicts += [
                at_most(_seconds(listings), limits.seconds[str(listings)], seconds),
                at_most(_memory(listings), limits.peak_bytes / MIB, memory),
            ]
    return verdicts + [
        at_most(_share(one.listings), limits.calls, one.share) for one in result.calls
    ]


def _sizes() -> list[int]:
    return [int(listings) for listings in thresholds().cycle.seconds]


def _steady(result: Result, listings: int) -> list[Pass]:
    """Those with nothing new."""
    return [one for one in result.passes if one.listings == listings and one.kind != "first"]


def _most(passes: list[Pass]) -> float:
    return max(one.peak_bytes for one in passes) / MIB


def _seconds(listings: int) -> str:
    return f"seconds of a pass with nothing new, {listings:,} homes"


def _memory(listings: int) -> str:
    return f"peak MiB with nothing new, {listings:,} homes"


def _share(listings: int) -> str:
    return f"share of a naive client's calls, {listings:,} homes"


def _passes(result: Result) -> str:
    head = (
        "Homes",
        "Pass",
        "Seconds",
        "CPU s",
        "fetch",
        "guard",
        "commit",
        "render",
        "publish",
        "MiB",
        "at rest",
        "Calls",
    )
    names = ("fetch", "guard", "commit", "render", "publish")
    return table(
        head,
        (
            (
                f"{one.listings:,}",
                one.kind,
                f"{one.seconds:.2f}",
                f"{one.cpu_s:.2f}",
                *(f"{one.stages.get(name, 0.0):.2f}" for name in names),
                f"{one.peak_bytes / MIB:.0f}",
                f"{one.resting_bytes / MIB:.0f}" if one.resting_bytes else "–",
                f"{one.calls}",
            )
            for one in result.passes
        ),
    )


def _verdict(result: Result, listings: int) -> str:
    steady = _steady(result, listings)
    if not steady:
        return f"**{listings:,} homes**: not run."
    limits, verdicts = thresholds().cycle, judged(result)
    longest = max(one.seconds for one in steady)
    return (
        f"**{listings:,} homes**, nothing new: {longest:.2f} s at most, the goal of "
        f"{limits.seconds[str(listings)]:g}: {goals.word(verdicts, _seconds(listings))}; {_most(steady):.0f} MiB at "
        f"most, the goal of {limits.peak_bytes / MIB:.0f}: {goals.word(verdicts, _memory(listings))}."
    )


def _calls(result: Result) -> str:
    limit, verdicts = thresholds().cycle.calls, judged(result)
    lines = [
        f"**Calls upstream**, {one.listings} homes with their pictures: {one.first} at first, then "
        f"{one.steady} a pass; a client that fetches every file each time makes {one.naive}. That is "
        f"1/{one.naive / one.steady:.0f} of it, the goal of 1/{1 / limit:.0f}: "
        f"{goals.word(verdicts, _share(one.listings))}."
        for one in result.calls
    ]
    return "\n\n".join(lines)
