"""`python -m bench.cache run | render`: what Caddy's tiers cost, and how often they are missed.

`tiers` puts each tier in turn under load; `hour` replays an hour of visitors in seven minutes. Each
may be run alone (`--only`), and the other added to it on the same day, at the same commit and on the
same machine.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.cache import hour, report, tiers
from bench.cli import Bench, main
from bench.edgebench.processes import ROOT
from bench.edgebench.results import commit, interrupted, machine, now, write

TIERS, HOUR = "tiers", "hour"
FEW_PAGES = 4_000


def run(path: Path, smoke: bool, only: Sequence[str]) -> None:
    """Each stage that an interrupted run lacks; what one finds is written before the next begins."""
    result = _interrupted(path, smoke, only)
    if result is None:
        result = report.Result(made_at=now(), commit=commit(), machine=machine(), smoke=smoke)
    for name, stage in STAGES.items():
        if name in result.done or (only and name not in only):
            continue
        stage(result)
        result.done.append(name)
        write(result, path)


def _tiers(result: report.Result) -> None:
    result.tiers = tiers.run(tiers.SMOKE if result.smoke else tiers.FULL)


def _hour(result: report.Result) -> None:
    result.hour = hour.run(FEW_PAGES) if result.smoke else hour.run()


STAGES: dict[str, Callable[[report.Result], None]] = {TIERS: _tiers, HOUR: _hour}


def _interrupted(path: Path, smoke: bool, only: Sequence[str]) -> report.Result | None:
    return interrupted(report.load, path, only or STAGES, smoke=smoke)


BENCH = Bench(
    "bench.cache",
    __doc__,
    "cache",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: report.into(report.load(result), page),
    stages=tuple(STAGES),
    judged=lambda result: report.judged(report.load(result)),
    interrupted=_interrupted,
)

if __name__ == "__main__":
    sys.exit(main(BENCH))
