"""`python -m bench run | smoke | render`: every bench in turn, and the report of what they found.

`run` measures all but pictures, faults and the soak, which takes an hour by itself (`python -m bench.load
run soak`): an hour and a half, on a machine that does nothing else. It exits 1 when a limit is not kept.
`smoke` installs all peers and asks in two minutes (three where no store is prepared) whether the benches of
edge, front, queries and visitors work with each; it judges no speed, and exits 1 when one fails, somebody to
compare with is not here, or five minutes are over.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bench import cli, draw, planned, scale, turns, verdicts
from bench.cli import RESULTS
from bench.cycle import report as cycle
from bench.edgebench import results
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import Result
from bench.fanout import report as fanout
from bench.front.servers import OURS
from bench.load import report
from bench.load.profiles import ALL
from bench.query import report as query
from bench.scale import Curve
from bench.smoke import smoke

PLOTS = ROOT / "bench" / "plots"
CAPACITY = ROOT / "docs" / "capacity.md"
ELSEWHERE = ("soak", "in-turn")  # by itself; by `bench.visits`
MEASURED_ALONE = (
    "front",
    "visits",
    "edgebench",
    "query",
    "cycle",
    "failover",
    "fanout",
    "profile",
    "cache",
    "served",
)
RENDERED = (*MEASURED_ALONE, "load", "pictures")
MEASURED = (
    ("bench.edgebench", "setup"),
    ("bench.load", "run", *(name for name in ALL if name not in ELSEWHERE), "steady", "steady"),
    ("bench.load", "first-page"),
    ("bench.pictures", "setup"),
    *((f"bench.{name}", "run") for name in MEASURED_ALONE),
)


def main(arguments: Sequence[str]) -> int:
    if list(arguments) not in (["run"], ["smoke"], ["render"]):
        print(__doc__, file=sys.stderr)
        return 2
    cli.end_with_us()
    try:
        if arguments[0] == "run":
            failed = turns.each(MEASURED)
            render()
        elif arguments[0] == "smoke":
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                failed = smoke(Path(folder))
        else:
            failed = []
            render()
    except (BenchError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for one in failed:
        print(f"failed: {one}", file=sys.stderr)
    return 1 if failed else 0


def render() -> None:
    """Tables, plots and the capacity model, from whatever results are kept."""
    kinds = {"edgebench": "edge"}
    for name in RENDERED:
        if name == "load" or cli.newest(kinds.get(name, name)):
            command = [sys.executable, "-m", f"bench.{name}", "render"]
            if subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode:
                raise BenchError(f"{name} is not rendered")
    edge, front = results.sized(RESULTS), _result("front")
    if edge is None:
        raise BenchError("no sizes of the edge yet: `python -m bench.edgebench run`")
    runs = report.runs(RESULTS)
    draw.latency(runs, PLOTS)
    for run in runs:
        if run.profile in ("publish-storm", "upstream-outage", "cold-cache"):
            draw.timeline(run, PLOTS)
    draw.knee(front.steps, PLOTS)
    curves = _scaled(edge)
    draw.scale(curves, PLOTS)
    cli.into(CAPACITY, "scale", scale.rendered(curves))
    every = verdicts.parts(_benches())
    cli.into(ROOT / "bench" / "README.md", "verdict", verdicts.rendered(every, RESULTS))
    followed = cli.newest("fanout")
    fed = fanout.load(followed) if followed else None
    cli.into(CAPACITY, "capacity", planned.rendered(front, OURS, runs, edge, fed))


def _benches() -> list[cli.Bench]:
    """Of each that keeps results of its own kind."""
    return [
        import_module(f"bench.{name}.__main__").BENCH for name in (*MEASURED_ALONE, "pictures")
    ]


def _scaled(edge: Result) -> list[Curve]:
    """With what the queries' and the passes' results say of their sizes, if there are any."""
    asked, passed = cli.newest("query"), cli.newest("cycle")
    kinds = query.load(asked).kinds if asked else []
    return scale.curves(edge, kinds, cycle.load(passed).passes if passed else [])


def _result(kind: str) -> Result:
    path = cli.newest(kind)
    if path is None:
        raise BenchError(f"no result of {kind} yet: `python -m bench run`")
    return results.load(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
