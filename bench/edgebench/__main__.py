"""`python -m bench.edgebench setup | run [--smoke] | render`: measure the edge beside its peers."""

import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from bench.cli import Bench, main
from bench.edgebench import fixture, flips, limits, peers, render, results, stages
from bench.edgebench.load import CONNECTIONS
from bench.edgebench.processes import ROOT
from bench.edgebench.results import Result
from bench.edgebench.stages import Effort

STAGES: dict[str, Callable[[Result, Effort], None]] = {
    "lookups": stages.lookups,
    "sizes": stages.sizes,
    "flips": flips.flips,
}
EDGE_PARTS = ("robyn", "msgspec", "redis", "uvloop")


def run(path: Path, smoke: bool, only: Sequence[str]) -> None:
    """Each stage that an interrupted run lacks; what one finds is written before the next begins, and
    what it had found when it failed, too."""
    effort = stages.SMOKE if smoke else stages.FULL
    result = _interrupted(path, smoke, only) or _fresh(effort, smoke=smoke)
    with fixture.alone():
        for name, stage in STAGES.items():
            if name in result.done or (only and name not in only):
                continue
            print(f"{name} ...", flush=True)
            try:
                stage(result, effort)
                result.done.append(name)
            finally:
                results.write(result, path)


def _interrupted(path: Path, smoke: bool, only: Sequence[str]) -> Result | None:
    return results.interrupted(results.load, path, only or STAGES, smoke=smoke)


def _fresh(effort: Effort, *, smoke: bool) -> Result:
    burst = (
        f"wrk -t1 -c{CONNECTIONS}, {effort.seconds:g} s" if effort.wrk else "one client, in turn"
    )
    result = results.begun(
        {
            "Load": f"{burst}, {effort.rounds} rounds after one to warm up, servers in turn "
            "within each round, loopback, keep-alive, no TLS",
            "CPU": "user and system time of the server's processes from /proc, by requests",
        },
        smoke=smoke,
    )
    result.versions = {
        "edge": ", ".join(f"{name} {metadata.version(name)}" for name in EDGE_PARTS)
    }
    return result


BENCH = Bench(
    "bench.edgebench",
    __doc__,
    "edge",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: render.into(results.load(result), page),
    peers.install,
    tuple(STAGES),
    interrupted=_interrupted,
    judged=limits.judged,
)

if __name__ == "__main__":
    sys.exit(main(BENCH))
