"""`python -m bench.pictures setup | run [--smoke] | render`: what a picture costs, beside sharp."""

import argparse
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from bench.edgebench.__main__ import commit
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import machine, now
from bench.pictures import makers, photos, render, results, stages
from bench.pictures.results import Result
from bench.pictures.stages import Effort

HERE = ROOT / "bench"
STAGES: dict[str, Callable[[Result, Effort], None]] = {
    "cpu": stages.cpu,
    "look": stages.look,
    "memory": stages.memory,
    "growth": stages.growth,
}
OUR_PARTS = ("pyvips", "pyvips-binary", "blurhash-python")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # leave by the same door: makers end with us
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))
    try:
        if options.command == "setup":
            makers.install()
            photos.install()
        elif options.command == "run":
            run(options.out or _dated(), smoke=options.smoke, only=options.only)
        else:
            render.into(results.load(options.result or newest()), options.page)
    except (BenchError, ValueError) as error:
        print(f"bench.pictures: {error}", file=sys.stderr)
        return 1
    return 0


def run(path: Path, *, smoke: bool, only: list[str]) -> None:
    """Each stage that `path` lacks; what one finds is written before the next begins."""
    result = results.load(path) if path.exists() else _fresh(smoke=smoke)
    for name, stage in STAGES.items():
        if name in result.done or (only and name not in only):
            continue
        print(f"{name} ...", flush=True)
        stage(result, stages.SMOKE if smoke else stages.FULL)
        result.done.append(name)
        results.save(result, path)


def _fresh(*, smoke: bool) -> Result:
    versions = {"ours": ", ".join(f"{name} {metadata.version(name)}" for name in OUR_PARTS)}
    if not smoke:
        versions["sharp"] = makers.sharp_versions()
        versions["SSIMULACRA2"] = f"ssimulacra2 {metadata.version('ssimulacra2')}"
    return Result(
        made_at=now(), smoke=smoke, commit=commit(), machine=machine(), versions=versions
    )


def _dated() -> Path:
    return HERE / "results" / f"pictures-{datetime.now(UTC):%Y-%m-%d}.json"


def newest() -> Path:
    found = sorted((HERE / "results").glob("pictures-*.json"))
    if not found:
        raise BenchError("no result yet: `python -m bench.pictures run`")
    return found[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.pictures", description=__doc__)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    add("setup", help="sharp from npm, photographs from a Debian package")
    run_ = add("run", help="measure; goes on where an earlier run with the same --out stopped")
    run_.add_argument("--smoke", action="store_true", help="seconds, one photo, no sharp")
    run_.add_argument("--out", type=Path, help="result file; bench/results/pictures-DATE.json")
    run_.add_argument("--only", choices=list(STAGES), action="append", default=[])
    show = add("render", help="write the tables into bench/pictures.md")
    show.add_argument("--result", type=Path, help="the newest in bench/results unless said")
    show.add_argument("--page", type=Path, default=HERE / "pictures.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
