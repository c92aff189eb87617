"""`python -m bench.cycle run [--smoke] | render`: passes of the daemon, and calls upstream."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from bench.cycle import naive, report
from bench.cycle.report import Calls, Pass, Result
from bench.edgebench import fixture, results
from bench.edgebench.__main__ import commit
from bench.edgebench.processes import ROOT, BenchError, cpu_s, peak_rss_bytes, running, until

HERE = ROOT / "bench"
SIZES, AGAIN, CALLED = (1_000, 10_000), 3, 20
SMOKE_SIZES, SMOKE_AGAIN, SMOKE_CALLED = (30,), 1, 0
PASS_S = 600.0
GOOD = ("published", "unchanged")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # leave by the same door: servers end with us
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    try:
        if options.command == "run":
            out = options.out or HERE / "results" / f"cycle-{datetime.now(UTC):%Y-%m-%d}.json"
            run(out, smoke=options.smoke)
        else:
            report.into(report.load(options.result or newest()), options.readme)
    except (BenchError, ValueError) as error:
        print(f"bench.cycle: {error}", file=sys.stderr)
        return 1
    return 0


def run(out: Path, *, smoke: bool) -> None:
    """What one size finds is written before the next begins."""
    result = Result(made_at=results.now(), smoke=smoke, commit=commit(), machine=results.machine())
    for listings in SMOKE_SIZES if smoke else SIZES:
        print(f"{listings} listings ...", flush=True)
        with fixture.empty(listings) as store, fixture.upstream(store) as source:
            again = SMOKE_AGAIN if smoke else AGAIN
            result.passes += _passes(store, source, ("first", *["again"] * again))
            result.passes += _passes(store, source, ("restarted",))
        report.save(result, out)
    called = SMOKE_CALLED if smoke else CALLED
    if called:
        print(f"calls for {called} listings with pictures ...", flush=True)
        result.calls.append(_calls(called))
    report.save(result, out)


def _passes(
    store: fixture.Store, source: fixture.Upstream, kinds: tuple[str, ...]
) -> Iterator[Pass]:
    """Those of one daemon, from its start."""
    log = store.folder / f"{kinds[0]}.log"
    with running(
        [sys.executable, "-m", "sync", "run"], log, fixture.sync_environ(store, source)
    ) as daemon:
        before = 0.0
        for number, kind in enumerate(kinds):
            until(partial(_told, log, number + 1), PASS_S, "a pass", log)
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


def newest() -> Path:
    found = sorted((HERE / "results").glob("cycle-*.json"))
    if not found:
        raise BenchError("no result yet: `python -m bench.cycle run`")
    return found[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.cycle", description=__doc__)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    run_ = add("run", help="measure at 1,000 and 10,000 listings")
    run_.add_argument("--smoke", action="store_true", help="a few passes at 30 listings")
    run_.add_argument("--out", type=Path, help="result file; bench/results/cycle-DATE.json")
    show = add("render", help="write the tables into the README")
    show.add_argument("--result", type=Path, help="the newest in bench/results unless said")
    show.add_argument("--readme", type=Path, default=HERE / "README.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
