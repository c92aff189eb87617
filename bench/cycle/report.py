"""What a run of the cycle bench finds, and its table."""

from pathlib import Path

import msgspec

from bench import cli
from bench.edgebench.render import table
from bench.edgebench.results import Machine

FORMAT = 1
GOALS_S = {1_000: 5.0, 10_000: 30.0}  # a pass with nothing new
GOAL_BYTES = 400_000_000
GOAL_SHARE = 0.1  # of a naive client's calls
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
        [intro, _passes(result), *(_verdict(result, n) for n in GOALS_S), _calls(result)]
    )


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
    steady = [one for one in result.passes if one.listings == listings and one.kind != "first"]
    if not steady:
        return f"**{listings:,} homes**: not run."
    longest = max(one.seconds for one in steady)
    most = max(one.peak_bytes for one in steady)
    return (
        f"**{listings:,} homes**, nothing new: {longest:.2f} s at most (the goal is {GOALS_S[listings]:g}), "
        f"{most / MIB:.0f} MiB at most (the goal is {GOAL_BYTES / MIB:.0f})."
    )


def _calls(result: Result) -> str:
    lines = [
        f"**Calls upstream**, {one.listings} homes with their pictures: {one.first} at first, then "
        f"{one.steady} a pass; a client that fetches every file each time makes {one.naive}. That is "
        f"1/{one.naive / one.steady:.0f} of it (the goal is 1/{1 / GOAL_SHARE:.0f})."
        for one in result.calls
    ]
    return "\n\n".join(lines)
