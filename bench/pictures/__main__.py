"""`python -m bench.pictures setup | run [--smoke] | render`: what a picture costs, beside sharp."""

import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from bench.cli import Bench, main
from bench.edgebench.processes import ROOT
from bench.edgebench.results import commit, interrupted, machine, now, write
from bench.pictures import makers, photos, render, results, stages
from bench.pictures.results import Result
from bench.pictures.stages import Effort

STAGES: dict[str, Callable[[Result, Effort], None]] = {
    "cpu": stages.cpu,
    "look": stages.look,
    "memory": stages.memory,
    "growth": stages.growth,
}
OUR_PARTS = ("pyvips", "pyvips-binary", "blurhash-python")


def run(path: Path, smoke: bool, only: Sequence[str]) -> None:
    """Each stage that an interrupted run lacks; what one finds is written before the next begins."""
    result = _interrupted(path, smoke, only) or _fresh(smoke=smoke)
    for name, stage in STAGES.items():
        if name in result.done or (only and name not in only):
            continue
        print(f"{name} ...", flush=True)
        stage(result, stages.SMOKE if smoke else stages.FULL)
        result.done.append(name)
        write(result, path)


def _interrupted(path: Path, smoke: bool, only: Sequence[str]) -> Result | None:
    return interrupted(results.load, path, only or STAGES, smoke=smoke)


def _fresh(*, smoke: bool) -> Result:
    versions = {"ours": ", ".join(f"{name} {metadata.version(name)}" for name in OUR_PARTS)}
    if not smoke:
        versions["sharp"] = makers.sharp_versions()
        versions["SSIMULACRA2"] = f"ssimulacra2 {metadata.version('ssimulacra2')}"
    return Result(
        made_at=now(), smoke=smoke, commit=commit(), machine=machine(), versions=versions
    )


def install() -> None:
    makers.install()
    photos.install()


BENCH = Bench(
    "bench.pictures",
    __doc__,
    "pictures",
    ROOT / "bench" / "pictures.md",
    run,
    lambda result, page: render.into(results.load(result), page),
    install,
    tuple(STAGES),
    judged=lambda path: render.judged(results.load(path)),
    interrupted=_interrupted,
)

if __name__ == "__main__":
    sys.exit(main(BENCH))
