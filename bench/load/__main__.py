"""`python -m bench.load list | run PROFILE … | first-page | judge | render`: visitors on a stack of their own;
what came of it, judged."""

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bench import goals
from bench.cli import RESULTS, by_minute, end_with_us
from bench.edgebench import results
from bench.edgebench.processes import ROOT, BenchError
from bench.goals import Verdict
from bench.load import firstpage, report, stack
from bench.load.crowd import client_cpu_s, on_a_stack, visited
from bench.load.judge import Memory, judge, steady, thresholds, unchanged
from bench.load.profiles import ALL, USUAL_S, Profile
from bench.load.records import Pages, Run, Told
from bench.load.trouble import Acts, Seen, acting, proofs, watched

IDLE_S, IDLE_LOOKS = 10, 3
LISTINGS = 60
THERE = 0.9  # of the profile's visitor seconds: the counting begins a second late


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    end_with_us()
    try:
        return int(options.do(options))
    except (BenchError, ValueError) as error:
        print(f"bench.load: {error}", file=sys.stderr)
        return 1


def _list(_: argparse.Namespace) -> int:
    for profile in ALL.values():
        print(f"{profile.name:<16} {profile.seconds:>5} s  {profile.about}")
    return 0


def _run(options: argparse.Namespace) -> int:
    profiles = [ALL[name] for name in options.profile]
    if options.within:
        profiles = [one.within(min(one.seconds, options.within)) for one in profiles]
    passed = True
    for interval_s, group in groupby(profiles, lambda profile: profile.interval_s):
        do = partial(_all, tuple(group), options)
        found = on_a_stack(options.listings, interval_s, do)
        passed &= all(_passed(one.verdicts, timed=not options.untimed) for one in found)
    return 0 if passed else 1


def _first_page(options: argparse.Namespace) -> int:
    found = on_a_stack(
        options.listings,
        USUAL_S,
        lambda served, _: firstpage.measured(served, options.listings),
    )
    _keep(found, "load-first-page", options.out)
    goals.shown(found.verdicts)
    return 0 if _passed(found.verdicts, timed=not options.untimed) else 1


def _judge(options: argparse.Namespace) -> int:
    """Of a run elsewhere, only what visitors can tell."""
    profile = ALL[options.profile]
    if profile.acts:
        raise BenchError(
            f"{profile.name} is not judged from afar: nobody saw whether {profile.about}. "
            f"Run it beside its stack: `python -m bench.load run {profile.name}`"
        )
    told = msgspec.json.decode(options.told.read_bytes(), type=Told)
    _came(profile, told)
    verdicts = _judged(profile, told, None)
    goals.shown(verdicts)
    if thresholds(profile.name).all.growth is not None:
        print("  growth of memory: not judged, for only the stack's own machine sees it")
    return 0 if _passed(verdicts, timed=True) else 1


def _render(options: argparse.Namespace) -> int:
    report.into(options.results, options.page)
    return 0


def _all(
    profiles: Iterable[Profile], options: argparse.Namespace, served: stack.Stack, folder: Path
) -> list[Run]:
    """The profiles one after the other; each result is kept before the next begins."""
    found, idle = [], {} if options.untimed else _idle(served)
    for profile in profiles:
        print(f"{profile.name}: {profile.about} ({profile.seconds} s)", flush=True)
        done = _one(profile, served, folder, options.listings)
        done.idle_cores = idle
        _keep(done, f"load-{profile.name}", options.out)
        _show(done, timed=not options.untimed)
        found.append(done)
    return found


def _idle(served: stack.Stack) -> dict[str, float]:
    """CPU of each part with no visitor, in cores: health checks, and following the store."""
    looks = [served.spent()]
    for _ in range(IDLE_LOOKS):  # the least: it may still be starting
        time.sleep(IDLE_S)
        looks.append(served.spent())
    spent = ({part: now[part] - last[part] for part in now} for last, now in pairwise(looks))
    return {part: round(least / IDLE_S, 5) for part, least in _least(spent).items()}


def _least(found: Iterable[dict[str, float]]) -> dict[str, float]:
    return min(found, key=lambda one: one["caddy"] + one["edge"])


def _one(profile: Profile, served: stack.Stack, folder: Path, listings: int) -> Run:
    served.know()
    before = served.spent()
    ours = client_cpu_s()
    with watched(served) as memory, acting(served, profile.acts) as (acts, seen):
        told = visited(profile, served.url, folder)
    after = served.spent()
    _came(profile, told)
    return Run(
        profile=profile.name,
        about=profile.about,
        made_at=results.now(),
        commit=results.commit(),
        listings=listings,
        visitors=told.visitors,
        visitor_seconds=told.visitor_seconds,
        seconds=profile.seconds,
        whole_seconds=ALL[profile.name].seconds,
        machine=results.machine(),
        told=told,
        cpu_s={name: round(after[name] - spent, 2) for name, spent in before.items()},
        memory_bytes=sum(held for name, held in memory[-1].bytes.items() if name != stack.RENTMAN),
        memory=memory,
        client_cpu_s=round(client_cpu_s() - ours, 2),
        acts=[(round(at - told.began_at, 2), what) for at, what in acts],
        seen=[replace(one, at_s=round(one.at_s - told.began_at, 2)) for one in seen],
        verdicts=[*_judged(profile, told, memory), *_proved(profile, acts, seen)],
    )


def _came(profile: Profile, told: Told) -> None:
    """As many as planned and, of a whole profile, for as long: a worker that is lost takes its visitors
    along, or what they found."""
    wanted = max(stage.users for stage in profile.stages)
    if told.visitors < wanted:
        raise BenchError(f"{profile.name}: {told.visitors} of {wanted} visitors came")
    there, planned = told.visitor_seconds, profile.visitor_seconds
    if profile.seconds == ALL[profile.name].seconds and there < THERE * planned:
        raise BenchError(
            f"{profile.name}: visitors were there for {there:,.0f} s, not the {planned:,.0f} that were planned"
        )
    if told.arrivals < wanted:
        raise BenchError(f"{profile.name}: {told.arrivals} of {wanted} visitors asked anything")


def _judged(profile: Profile, told: Told, memory: Sequence[Memory] | None) -> list[Verdict]:
    """A shortened profile is all beginning, and tells nothing of memory."""
    if not profile.judged:
        return []
    limits = thresholds(profile.name)
    verdicts = judge(limits, told.totals, told.timed)
    if limits.all.unchanged is not None:
        verdicts.append(unchanged(limits.all.unchanged, told.kinds.get("revisit")))
    whole = profile.seconds == ALL[profile.name].seconds
    if memory is not None and whole and limits.all.growth is not None:
        verdicts += steady(limits.all.growth, memory, stack.OURS, profile.seconds)
    return verdicts


def _proved(profile: Profile, acts: Acts, seen: Sequence[Seen]) -> list[Verdict]:
    """Nor does it last until a site is stale."""
    if profile.seconds != ALL[profile.name].seconds:
        return []
    return proofs(acts, seen, thresholds(profile.name).trouble.published)


def _passed(verdicts: Iterable[Verdict], *, timed: bool) -> bool:
    """`timed` off: a functional check, for machines whose speed says nothing."""
    return all(one.kept for one in verdicts if timed or one.what == "errors")


def _keep(found: Run | Pages, name: str, out: Path) -> None:
    file = by_minute(name, out)
    results.write(found, file)
    print(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file, flush=True)


def _show(found: Run, *, timed: bool) -> None:
    for name, told in (found.told.totals | found.told.kinds).items():
        print(
            f"  {name:<12} {told.requests:>7} requests  {told.errors} errors  "
            f"p50 {told.p50_ms:.1f}  p99 {told.p99_ms:.1f}  longest {told.longest_ms:.0f} ms"
        )
    for what, number in sorted(found.told.faults.items(), key=lambda item: -item[1])[:10]:
        print(f"  {number} x {what}")
    goals.shown(found.verdicts if timed else [])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.load", description=__doc__)
    add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    add("list", help="the profiles").set_defaults(do=_list)
    run = add("run", help="measure, keep the result, exit 1 when a threshold is not kept")
    run.add_argument("profile", nargs="+", choices=sorted(ALL))
    run.add_argument("--within", type=int, default=0, help="seconds at most for each profile")
    run.set_defaults(do=_run)
    page = add("first-page", help="a first visit in Chromium, with an empty cache")
    page.set_defaults(do=_first_page)
    for one in (run, page):
        one.add_argument("--listings", type=int, default=LISTINGS)
        one.add_argument("--out", type=Path, default=RESULTS)
        one.add_argument("--untimed", action="store_true", help="judge errors only")
    told = add("judge", help="what a locustfile told of a run elsewhere; exit 1 likewise")
    told.add_argument("told", type=Path)
    told.add_argument("profile", choices=sorted(one.name for one in ALL.values() if one.judged))
    told.set_defaults(do=_judge)
    show = add("render", help="write the tables into the README")
    show.add_argument("--results", type=Path, default=RESULTS)
    show.add_argument("--page", type=Path, default=ROOT / "bench" / "README.md")
    show.set_defaults(do=_render)
    return parser


if __name__ == "__main__":
    sys.exit(main())
