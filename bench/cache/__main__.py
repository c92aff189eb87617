"""`python -m bench.cache tiers | hour | render`: what Caddy's tiers cost, and how often they are missed."""

import argparse
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.cache import hour, report, tiers
from bench.edgebench.__main__ import commit
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import machine, now

HERE = ROOT / "bench"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # leave by the same door: servers end with us
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    try:
        if options.command == "render":
            report.into(report.load(options.result or newest()), options.readme)
            return 0
        out = options.out or HERE / "results" / f"cache-{datetime.now(UTC):%Y-%m-%d}.json"
        result = report.load(out) if out.exists() else report.Result(machine=machine())
        result.made_at, result.commit = now(), commit()
        if options.command == "tiers":
            result.tiers = tiers.run(options.rounds, options.seconds)
        else:
            result.hour = hour.run(options.pages)
        report.save(result, out)
    except (BenchError, ValueError) as error:
        print(f"bench.cache: {error}", file=sys.stderr)
        return 1
    return 0


def newest() -> Path:
    found = sorted((HERE / "results").glob("cache-*.json"))
    if not found:
        raise BenchError("no result yet: `python -m bench.cache tiers`, then `hour`")
    return found[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.cache", description=__doc__)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    cost = add("tiers", help="each tier in turn, under load")
    cost.add_argument("--rounds", type=int, default=5)
    cost.add_argument("--seconds", type=int, default=2, help="of a burst")
    replay = add("hour", help="an hour of visitors, replayed in seven minutes")
    replay.add_argument("--pages", type=int, default=hour.HOUR)
    for one in (cost, replay):
        one.add_argument("--out", type=Path, help="result file; bench/results/cache-DATE.json")
    show = add("render", help="write the tables into the README")
    show.add_argument("--result", type=Path, help="the newest in bench/results unless said")
    show.add_argument("--readme", type=Path, default=HERE / "README.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
