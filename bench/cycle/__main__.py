"""`python -m bench.cycle run [--smoke] | render`: passes of the daemon, and calls upstream."""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from bench.cli import Bench, main
from bench.cycle import naive, report
from bench.cycle.report import Calls, Pass, Result
from bench.edgebench import fixture, results
from bench.edgebench.processes import (
    ROOT,
    BenchError,
    cpu_s,
    peak_rss_bytes,
    rss_bytes,
    running,
    until,
)

SIZES, AGAIN, CALLED = (60, 1_000, 10_000), 10, 20
SMOKE_SIZES, SMOKE_AGAIN, SMOKE_CALLED = (30,), 1, 0
PASS_S = 600.0
GOOD = ("published", "unchanged")


class Pace(msgspec.Struct, frozen=True):
    """Seconds between passes, and after one until what it has used is given back."""

    interval_s: float
    settled_s: float


PACE, SMOKE_PACE = Pace(3.0, 1.5), Pace(1.0, 0.5)


def run(out: Path, smoke: bool, _only: Sequence[str]) -> None:
    """What one size finds is written before the next begins."""
    result = Result(
        made_at=results.now(), smoke=smoke, commit=results.commit(), machine=results.machine()
    )
    for listings in SMOKE_SIZES if smoke else SIZES:
        print(f"{listings} listings ...", flush=True)
        with fixture.empty(listings) as store, fixture.upstream(store) as source:
            again, pace = (SMOKE_AGAIN, SMOKE_PACE) if smoke else (AGAIN, PACE)
            result.passes += _passes(store, source, pace, ("first", *["again"] * again))
            result.passes += _passes(store, source, pace, ("restarted",))
        results.write(result, out)
    called = SMOKE_CALLED if smoke else CALLED
    if called:
        print(f"calls for {called} listings with pictures ...", flush=True)
        result.calls.append(_calls(called))
    results.write(result, out)


def _passes(
    store: fixture.Store, source: fixture.Upstream, pace: Pace, kinds: tuple[str, ...]
) -> Iterator[Pass]:
    """Those of one daemon, from its start."""
    log = store.folder / f"{kinds[0]}.log"
    environ = fixture.sync_environ(store, source) | {"SYNC_INTERVAL_S": f"{pace.interval_s:g}"}
    with running([sys.executable, "-m", "sync", "run"], log, environ) as daemon:
        before = 0.0
        for number, kind in enumerate(kinds):
            until(partial(_told, log, number + 1), PASS_S, "a pass", log)
            time.sleep(pace.settled_s)
            used, line = cpu_s([daemon.pid]), _lines(log)[number]
            if line.outcome not in GOOD:
                raise BenchError(f"a pass ended as {line.outcome}: {line.reason}")
            yield Pass(
                listings=store.listings,
                kind=kind,
                outcome=line.outcome,
                seconds=line.seconds,
                stages=line.stages,
                cpu_s=round(used - before, 2),
                peak_bytes=peak_rss_bytes([daemon.pid]),
                resting_bytes=rss_bytes([daemon.pid]),
                calls=line.calls,
            )
            before = used


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon logs of a pass."""

    event: str
    outcome: str
    seconds: float
    calls: int
    reason: str = ""
    stages: dict[str, float] = {}


def _told(log: Path, passes: int) -> bool:
    return len(_lines(log)) >= passes


def _lines(log: Path) -> list[Line]:
    found = []
    for line in log.read_bytes().splitlines():
        with contextlib.suppress(msgspec.DecodeError):  # other lines have other fields
            found.append(msgspec.json.decode(line, type=Line))
    return found


def _calls(listings: int) -> Calls:
    """Two whole passes with every picture, and a naive client's refresh."""
    with (
        fixture.empty(listings) as store,
        fixture.upstream(store, pictures=True) as source,
    ):
        environ = fixture.sync_environ(store, source) | {"SYNC_PICTURE_PROFILE": "fast"}
        made = []
        for name in ("first", "steady"):
            log = store.folder / f"{name}.log"
            with running([sys.executable, "-m", "sync", "once"], log, environ) as sync:
                sync.wait(PASS_S)
            if sync.returncode:
                raise BenchError(f"sync ended with {sync.returncode}: {log.read_text()[-1000:]}")
            made.append(source.calls())
        naive.refresh(source.url, fixture.TOKEN)
        return Calls(listings=listings, first=made[0], steady=made[1], naive=source.calls())


BENCH = Bench(
    program="bench.cycle",
    about=__doc__,
    kind="cycle",
    page=ROOT / "bench" / "README.md",
    run=run,
    render=lambda result, page: report.into(report.load(result), page),
    judged=lambda result: report.judged(report.load(result)),
)

if __name__ == "__main__":
    sys.exit(main(BENCH))
