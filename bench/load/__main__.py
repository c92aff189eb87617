"""`python -m bench.load run PROFILE …`: visitors on a stack of their own; what came of it, judged."""

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.edgebench import results
from bench.edgebench.processes import ROOT, BenchError
from bench.load import stack
from bench.load.judge import Verdict, judge, thresholds
from bench.load.profiles import ALL, Profile
from bench.load.tally import Second, Summary

RESULTS = ROOT / "bench" / "results"
GRACE_S = 60
LISTINGS = 60


class Told(msgspec.Struct):
    """What the locustfile wrote."""

    totals: dict[str, Summary]
    kinds: dict[str, Summary]
    seconds: list[Second]
    faults: dict[str, int]


class Run(msgspec.Struct, kw_only=True):
    format: int = 1
    profile: str
    made_at: str
    listings: int
    machine: results.Machine
    told: Told
    acts: list[tuple[float, str]] = []
    verdicts: list[Verdict] = []


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.command == "list":
        for profile in ALL.values():
            print(f"{profile.name:<16} {profile.seconds:>5} s  {profile.about}")
        return 0
    try:
        runs = run([ALL[name] for name in options.profile], options.listings)
    except BenchError as error:
        print(f"bench.load: {error}", file=sys.stderr)
        return 1
    for found in runs:
        _keep(found, options.out)
        _show(found, timed=not options.untimed)
    return 0 if all(_passed(found, timed=not options.untimed) for found in runs) else 1


def run(profiles: list[Profile], listings: int) -> list[Run]:
    """One stack, the profiles one after the other."""
    with (
        tempfile.TemporaryDirectory(prefix="load-") as name,
        stack.started(Path(name), listings) as served,
    ):
        return [_one(profile, served, Path(name), listings) for profile in profiles]


def _one(profile: Profile, served: stack.Stack, folder: Path, listings: int) -> Run:
    print(f"{profile.name}: {profile.about} ({profile.seconds} s)", flush=True)
    file, log = folder / f"{profile.name}.json", folder / "locust.log"
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "bench" / "locustfile.py")]
    options = ["--headless", "--only-summary", "--host", served.url, "--exit-code-on-error", "0"]
    with stack.acting(served, profile.acts) as acts, log.open("wb") as output:
        done = subprocess.run(
            [*command, *options, "--visits", profile.name, "--told", str(file)],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            check=False,
            timeout=profile.seconds + GRACE_S,
        )
    if done.returncode or not file.exists():
        raise BenchError(f"locust ended with {done.returncode}: {log.read_text()[:3000]}")
    told = msgspec.json.decode(file.read_bytes(), type=Told)
    return Run(
        profile=profile.name,
        made_at=results.now(),
        listings=listings,
        machine=results.machine(),
        told=told,
        acts=list(acts),
        verdicts=judge(thresholds(), told.totals) if profile.judged else [],
    )


def _passed(found: Run, *, timed: bool) -> bool:
    """`timed` off: a functional check, for machines whose speed says nothing."""
    verdicts = found.verdicts if timed else [v for v in found.verdicts if v.what == "errors"]
    return all(verdict.kept for verdict in verdicts)


def _keep(found: Run, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"load-{found.profile}-{datetime.now(UTC):%Y-%m-%d}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    print(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


def _show(found: Run, *, timed: bool) -> None:
    for name, told in (found.told.totals | found.told.kinds).items():
        print(
            f"  {name:<12} {told.requests:>7} requests  {told.errors} errors  "
            f"p50 {told.p50_ms:.1f}  p99 {told.p99_ms:.1f}  longest {told.longest_ms:.0f} ms"
        )
    for what, number in sorted(found.told.faults.items(), key=lambda item: -item[1])[:10]:
        print(f"  {number} x {what}")
    for verdict in found.verdicts if timed else ():
        word = "kept" if verdict.kept else "NOT KEPT"
        print(f"  {verdict.what}: {verdict.found:.4g}, at most or least {verdict.limit:g}: {word}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.load", description=__doc__)
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    add("list", help="the profiles")
    run_ = add("run", help="measure, keep the result, exit 1 when a threshold is not kept")
    run_.add_argument("profile", nargs="+", choices=sorted(ALL))
    run_.add_argument("--listings", type=int, default=LISTINGS)
    run_.add_argument("--out", type=Path, default=RESULTS)
    run_.add_argument("--untimed", action="store_true", help="judge errors only")
    return parser


if __name__ == "__main__":
    sys.exit(main())
