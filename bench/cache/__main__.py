"""`python -m bench.cache run | render`: what Caddy's tiers cost, and how often they are missed.

`tiers` puts each tier in turn under load; `hour` replays an hour of visitors in seven minutes. Each
may be run alone (`--only`): what the day's file has of the other is kept, and its hour judged.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.cache import hour, report, tiers
from bench.cli import Bench, main
from bench.edgebench.processes import ROOT
from bench.edgebench.results import commit, machine, now, write

TIERS, HOUR = "tiers", "hour"
FEW_PAGES = 4_000


def run(path: Path, smoke: bool, only: Sequence[str]) -> None:
    result = report.Result(machine=machine(), smoke=smoke)
    if path.exists() and (found := report.load(path)).smoke == smoke:
        result = found
    result.made_at, result.commit = now(), commit()
    if TIERS in (only or BENCH.stages):
        result.tiers = tiers.run(tiers.SMOKE if smoke else tiers.FULL)
        write(result, path)
    if HOUR in (only or BENCH.stages):
        result.hour = hour.run(FEW_PAGES) if smoke else hour.run()
        write(result, path)


BENCH = Bench(
    "bench.cache",
    __doc__,
    "cache",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: report.into(report.load(result), page),
    stages=(TIERS, HOUR),
    judged=lambda result: report.judged(report.load(result)),
)

if __name__ == "__main__":
    sys.exit(main(BENCH))
