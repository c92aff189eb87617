"""`python -m bench.failover run [--smoke] | render`: two daemons on one store; the writer ends, the other begins."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import msgspec

from bench import cli, goals
from bench.edgebench import fixture, results
from bench.edgebench.processes import ROOT, BenchError, running, until
from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.goals import Verdict, at_most
from bench.load.judge import thresholds

LISTINGS, SMOKE_LISTINGS = 1_000, 30
TIMES, SMOKE_TIMES = 3, 1
LEASE_S, SMOKE_LEASE_S = 20.0, 3.0  # as `sync` has it by default; the shortest that it takes
LOOK_S = 2.0  # between looks of the one that stands by, or a third of the lease
WITHIN_S = 120.0
GOOD = ("published", "unchanged")
ENDS = {"killed": signal.SIGKILL, "stopped": signal.SIGTERM}
HEAD = (
    "Homes",
    "The writer is",
    "Lease s",
    "Times",
    "Lease taken",
    "at most",
    "bound",
    "Pass ended",
    "at most",
    "It has",
)
TAKEN, DONE, BESIDE = b'"lease_taken"', b'"cycle"', b'"standing_by"'


class Takeover(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the signal until the other daemon has the lease, and has ended a pass that published,
    or found that there was nothing to publish: `outcome`. `how`: killed by SIGKILL, or stopped by SIGTERM."""

    listings: int
    how: str
    lease_s: float
    leading_s: float
    published_s: float
    outcome: str

    @property
    def bound_s(self) -> float:
        """Until it looks at the lease: what is left of that, and the wait between two looks."""
        left = self.lease_s if self.how == "killed" else 0.0
        return left + min(LOOK_S, self.lease_s / 3)

    @property
    def pass_s(self) -> float:
        return self.published_s - self.leading_s


class Result(msgspec.Struct, kw_only=True):
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    takeovers: list[Takeover] = []


@dataclass
class Daemon:
    """One of the two, with a database and media of its own; every start logs to a file of its own."""

    name: str
    store: fixture.Store
    source: fixture.Upstream
    lease_s: float
    starts: int = 0
    over: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start(self) -> "subprocess.Popen[bytes]":
        folder = self.store.folder / self.name
        folder.mkdir(exist_ok=True)
        self.starts += 1
        environ = fixture.sync_environ(self.store, self.source) | {
            "SYNC_DATABASE_URL": f"sqlite:///{folder}/sync.db",
            "SYNC_MEDIA_DIR": str(folder / "media"),
            "SYNC_LEASE_S": f"{self.lease_s:g}",
        }
        command = [sys.executable, "-m", "sync", "run"]
        return self.over.enter_context(running(command, self.log, environ))

    @property
    def log(self) -> Path:
        return self.store.folder / f"{self.name}-{self.starts}.log"

    def says(self, word: bytes) -> None:
        until(lambda: word in self.log.read_bytes(), WITHIN_S, f"{word!r}", self.log)


def run(path: Path, smoke: bool, _only: Sequence[str]) -> None:
    result = Result(
        made_at=results.now(), smoke=smoke, commit=results.commit(), machine=results.machine()
    )
    listings = SMOKE_LISTINGS if smoke else LISTINGS
    lease_s = SMOKE_LEASE_S if smoke else LEASE_S
    hows = [how for how in ENDS for _ in range(SMOKE_TIMES if smoke else TIMES)]
    with fixture.empty(listings) as store, fixture.upstream(store) as source:
        one, other = (Daemon(name, store, source, lease_s) for name in ("one", "other"))
        with one.over, other.over:
            result.takeovers += _taken_over(one, other, hows)
    results.write(result, path)


def _taken_over(leader: Daemon, heir: Daemon, hows: Sequence[str]) -> Iterator[Takeover]:
    """In turn: who took over is ended next, once the first is there again and stands by."""
    writer = leader.start()
    leader.says(DONE)
    for how in hows:
        standing_by = heir.start()
        heir.says(BESIDE)
        began = time.monotonic()
        writer.send_signal(ENDS[how])
        heir.says(TAKEN)
        leading_s = time.monotonic() - began
        heir.says(DONE)
        published_s = time.monotonic() - began
        outcome = _outcome(heir.log)
        yield Takeover(
            listings=leader.store.listings,
            how=how,
            lease_s=leader.lease_s,
            leading_s=round(leading_s, 3),
            published_s=round(published_s, 3),
            outcome=outcome,
        )
        writer.wait(WITHIN_S)
        leader, heir, writer = heir, leader, standing_by


def _outcome(log: Path) -> str:
    """Of the first pass."""
    (line, *_) = (line for line in log.read_bytes().splitlines() if DONE in line)
    outcome = str(msgspec.json.decode(line)["outcome"])
    if outcome not in GOOD:
        raise BenchError(f"a pass ended as {outcome}: {line.decode()}")
    return outcome


def load(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


def rendered(result: Result) -> str:
    machine, late = result.machine, thresholds().failover.late
    intro = (
        f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}, "
        f"Python {machine.python}. Two daemons of the same list, each with a database of its own; seconds from "
        f"the signal to the one that was the writer. Bound: what is left of the lease, the wait between two looks, and {late:g} s "
        "for the look itself."
    )
    told = [_told(found, judged(result)) for found in _each(result)]
    return "\n\n".join([intro, table(HEAD, map(_row, _each(result))), *told])


def judged(result: Result) -> list[Verdict]:
    """Every takeover by the longest of its kind; nothing of a short run."""
    if result.smoke:
        return []
    limits, verdicts = thresholds().failover, []
    for found in _each(result):
        first = found[0]
        leading, passed = max(one.leading_s for one in found), max(one.pass_s for one in found)
        verdicts += [
            at_most(_leading(first.how), _bound_s(first), leading),
            at_most(_pass(first.how), limits.published[str(first.listings)], passed),
        ]
    return verdicts


def _each(result: Result) -> list[list[Takeover]]:
    """Those that came about in the same way."""
    each = ([one for one in result.takeovers if one.how == how] for how in ENDS)
    return [found for found in each if found]


def _bound_s(found: Takeover) -> float:
    return found.bound_s + thresholds().failover.late


def _leading(how: str) -> str:
    return f"seconds until the lease is taken, the writer {how}"


def _pass(how: str) -> str:
    return f"seconds from then to the end of a pass, the writer {how}"


def _told(found: Sequence[Takeover], verdicts: Sequence[Verdict]) -> str:
    first, limits = found[0], thresholds().failover.published
    leading, passed = max(one.leading_s for one in found), max(one.pass_s for one in found)
    limit = limits.get(str(first.listings))
    goal = f", the goal of {limit:g}" if limit is not None else ""
    return (
        f"**The writer {first.how}**: {leading:.3f} s until the lease was taken, the bound of {_bound_s(first):g}: "
        f"{goals.word(verdicts, _leading(first.how))}; a pass {passed:.2f} s after that{goal}: "
        f"{goals.word(verdicts, _pass(first.how))}."
    )


def _row(found: Sequence[Takeover]) -> tuple[str, ...]:
    first = found[0]
    leading = [one.leading_s for one in found]
    published = [one.published_s for one in found]
    return (
        f"{first.listings:,}",
        f"{first.how} ({ENDS[first.how].name})",
        f"{first.lease_s:g}",
        f"{len(found)}",
        f"{median(leading):.2f}",
        f"{max(leading):.2f}",
        f"{_bound_s(first):g}",
        f"{median(published):.2f}",
        f"{max(published):.2f}",
        ", ".join(sorted({one.outcome for one in found})),
    )


BENCH = cli.Bench(
    program="bench.failover",
    about=__doc__,
    kind="failover",
    page=ROOT / "bench" / "README.md",
    run=run,
    render=lambda result, page: cli.into(page, "failover", rendered(load(result))),
    judged=lambda result: judged(load(result)),
)

if __name__ == "__main__":
    sys.exit(cli.main(BENCH))
