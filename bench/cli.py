"""The command line of a bench: `setup`, `run` and `render`, the same for all of them."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import goals
from bench.edgebench.processes import ROOT, BenchError
from bench.goals import Verdict

RESULTS = ROOT / "bench" / "results"
DATED = ("????-??-??.json", "????-??-??T????.json")
Run = Callable[[Path, bool, Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """`run` measures into a file (smoke: little and quick; some stages only, or all);
    `render` writes that file's tables into a page; `judged` holds it against its goals; `interrupted` is
    what an earlier run has left in a file, if a run with these words can go on there. All raise `BenchError`
    or `ValueError`."""

    program: str
    about: str
    kind: str  # results/KIND-TIME.json
    page: Path
    run: Run
    render: Callable[[Path, Path], None]
    install: Callable[[], None] | None = None
    stages: tuple[str, ...] = ()
    judged: Callable[[Path], Sequence[Verdict]] | None = None
    interrupted: Callable[[Path, bool, Sequence[str]], object] | None = None

    def file(self, *, smoke: bool, only: Sequence[str]) -> Path:
        """Each run has its own, but one that goes on where the last one of the day was interrupted."""
        last = newest(self.kind)
        if self.interrupted and last and f"{datetime.now(UTC):%Y-%m-%d}" in last.name:
            return last if self.interrupted(last, smoke, only) else by_minute(self.kind)
        return by_minute(self.kind)

    def newest(self) -> Path:
        found = newest(self.kind)
        if found is None:
            raise BenchError(f"no result yet: `python -m {self.program} run`")
        return found


def by_minute(kind: str, folder: Path = RESULTS) -> Path:
    """The file of a run of now: what is kept stays, so where a minute has one, the next that has none."""
    moment = datetime.now(UTC)
    while (path := folder / f"{kind}-{moment:%Y-%m-%dT%H%M}.json").exists():
        moment += timedelta(minutes=1)
    return path


def newest(kind: str, folder: Path = RESULTS) -> Path | None:
    """The last result of that kind; None when none is kept."""
    return max(dated(kind, folder), key=_age, default=None)


def dated(kind: str, folder: Path = RESULTS) -> list[Path]:
    """All of that kind, the oldest first."""
    return sorted((path for form in DATED for path in folder.glob(f"{kind}-{form}")), key=_age)


def _age(path: Path) -> str:
    """A day without a minute, as results were once named, is before each of its minutes."""
    return path.stem


def main(bench: Bench, arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 for figures, 1 for none, or for a goal that is not kept."""
    options = _parser(bench).parse_args(arguments)
    end_with_us()
    try:
        if options.command == "setup" and bench.install is not None:
            bench.install()
        elif options.command == "run":
            return _run(bench, options)
        else:
            bench.render(options.result or bench.newest(), options.page)
    except (BenchError, ValueError) as error:
        print(f"{bench.program}: {error}", file=sys.stderr)
        return 1
    return 0


def _run(bench: Bench, options: argparse.Namespace) -> int:
    """What was found is kept on disk, whatever its goals say; little and quick is not judged."""
    only = getattr(options, "only", [])
    out = options.out or bench.file(smoke=options.smoke, only=only)
    bench.run(out, options.smoke, only)
    if options.smoke or bench.judged is None:
        return 0
    return 0 if goals.shown(bench.judged(out)) else 1


def end_with_us() -> None:
    """A signal leaves by the same door as an error, so that what was started ends with us."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))


def into(page: Path, name: str, text: str) -> None:
    """Replace what stands between the markers of that name; `ValueError` where there are none."""
    begin, end = f"<!-- {name} figures: begin -->", f"<!-- {name} figures: end -->"
    whole = page.read_text()
    if begin not in whole or end not in whole:
        raise ValueError(f"{page.name} has no place for the {name} figures")
    head, _, rest = whole.partition(begin)
    page.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}")


def _parser(bench: Bench) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"python -m {bench.program}", description=bench.about)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    if bench.install is not None:
        add("setup", help="install what is not a Python package")
    goal = "; exit 1 when a goal is not kept" if bench.judged is not None else ""
    run = add("run", help=f"measure, and keep the result{goal}")
    run.add_argument("--smoke", action="store_true", help="little and quick: does it work at all")
    run.add_argument("--out", type=Path, help=f"result file; bench/results/{bench.kind}-TIME.json")
    if bench.stages:
        run.add_argument("--only", choices=bench.stages, action="append", default=[])
    show = add("render", help=f"write the tables into {bench.page.name}")
    show.add_argument("--result", type=Path, help="the newest in bench/results unless said")
    show.add_argument("--page", type=Path, default=bench.page)
    return parser
