"""`python -m bench.edgebench setup | run [--smoke] | render`: measure the edge beside its peers."""

import argparse
import fcntl
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from bench.edgebench import fixture, flips, peers, render, results, stages
from bench.edgebench.load import CONNECTIONS
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import Result
from bench.edgebench.stages import Effort

HERE = ROOT / "bench"
STAGES: dict[str, Callable[[Result, Effort], None]] = {
    "lookups": stages.lookups,
    "sizes": stages.sizes,
    "flips": flips.flips,
}
EDGE_PARTS = ("robyn", "msgspec", "redis", "uvloop")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # leave by the same door: servers end with us
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    try:
        if options.command == "setup":
            peers.install()
        elif options.command == "run":
            run(options.out or _dated(), smoke=options.smoke, only=options.only)
        else:
            render.into(results.load(options.result or newest()), options.readme)
    except (BenchError, ValueError) as error:
        print(f"bench.edgebench: {error}", file=sys.stderr)
        return 1
    return 0


def run(path: Path, *, smoke: bool, only: list[str]) -> None:
    """Each stage that `path` lacks; what one finds is written before the next begins."""
    effort = stages.SMOKE if smoke else stages.FULL
    result = results.load(path) if path.exists() else _fresh(effort, smoke=smoke)
    fixture.STATE.mkdir(parents=True, exist_ok=True)
    with (fixture.STATE / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BenchError("another bench is at work; two would measure each other") from None
        for name, stage in STAGES.items():
            if name in result.done or (only and name not in only):
                continue
            print(f"{name} ...", flush=True)
            stage(result, effort)
            result.done.append(name)
            results.save(result, path)


def _fresh(effort: Effort, *, smoke: bool) -> Result:
    burst = (
        f"wrk -t1 -c{CONNECTIONS}, {effort.seconds:g} s" if effort.wrk else "one client, in turn"
    )
    return Result(
        made_at=results.now(),
        smoke=smoke,
        commit=commit(),
        machine=results.machine(),
        method={
            "Load": f"{burst}, {effort.rounds} rounds after one to warm up, servers in turn "
            "within each round, loopback, keep-alive, no TLS",
            "CPU": "user and system time of the server's processes from /proc, by requests",
        },
        versions={"edge": ", ".join(f"{name} {metadata.version(name)}" for name in EDGE_PARTS)},
    )


def commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "edge", "snapshot", "sync")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" if changed else "")


def _dated() -> Path:
    return HERE / "results" / f"edge-{datetime.now(UTC):%Y-%m-%d}.json"


def newest() -> Path:
    found = sorted((HERE / "results").glob("edge-*.json"))
    if not found:
        raise BenchError("no result yet: `python -m bench.edgebench run`")
    return found[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.edgebench", description=__doc__)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    add("setup", help="install wrk and the peers that are not Python packages")
    run_ = add("run", help="measure; goes on where an earlier run with the same --out stopped")
    run_.add_argument("--smoke", action="store_true", help="a minute, the edge alone, no wrk")
    run_.add_argument("--out", type=Path, help="result file; bench/results/edge-DATE.json")
    run_.add_argument("--only", choices=list(STAGES), action="append", default=[])
    show = add("render", help="write the tables into the README")
    show.add_argument("--result", type=Path, help="the newest in bench/results unless said")
    show.add_argument("--readme", type=Path, default=HERE / "README.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
