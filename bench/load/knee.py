"""How many visitors who do not read it takes until more of them get no more answers."""

from statistics import fmean, median

from bench import knee
from bench.edgebench.render import table
from bench.knee import Point
from bench.load.profiles import ALL
from bench.load.records import Run

PROFILE = "knee"
ARRIVED_S = 2  # of a step: the greetings of those who come
HEAD = ("Visitors", "Answers/s", "p50 ms", "p99 ms")


def points(run: Run) -> list[Point]:
    """One for each step of the profile, of its seconds once all have come: of requests their mean, of
    percentiles the middle second's. Planned visitors, for Locust counts them once in a while."""
    found, begun = [], 0
    for stage in ALL[run.profile].within(run.seconds).stages:
        arrived, begun = begun + ARRIVED_S, stage.until_s
        there = [one for one in run.told.seconds if arrived <= one.at < begun]
        if there:
            found.append(
                Point(
                    stage.users,
                    fmean(one.requests for one in there),
                    median(one.p50_ms for one in there),
                    median(one.p99_ms for one in there),
                )
            )
    return found


def rendered(run: Run) -> str:
    """Nothing where the run was too short to have steps."""
    found = points(run)
    if not found:
        return ""
    bend = knee.knee(found)
    told = (
        f"**Ever more visitors who do not read** (`{run.profile}`). {knee.RULE}: **{bend.crowd} visitors**, with "
        f"{bend.rate:,.0f} answers/s, p50 {bend.p50_ms:.1f} ms and p99 {bend.p99_ms:.1f} ms; "
        f"{_beyond(bend, found[-1])}. {_whose(run)} A step's rate is the mean, its p50 and p99 those of the middle second, once all have come."
    )
    rows = (
        (
            f"{one.crowd}{' (knee)' if one == bend else ''}",
            *(f"{one.rate:,.0f}", f"{one.p50_ms:.1f}", f"{one.p99_ms:.1f}"),
        )
        for one in found
    )
    return f"{told}\n\n{table(HEAD, rows)}"


def _beyond(bend: Point, last: Point) -> str:
    if last == bend:
        return "more did not come, so it may be further on"
    return f"{last.crowd} have {last.rate:,.0f} and wait {last.p50_ms:.1f} ms in the middle"


def _whose(run: Run) -> str:
    """Whether it is the stack that is full, or who asks."""
    if not run.client_cpu_s:
        return "What Locust took of the machine was not recorded."
    whole = run.seconds * run.machine.cores
    theirs, ours = run.client_cpu_s / whole, sum(run.cpu_s.values()) / whole
    says = (
        "the client took more than the stack, so this knee is that of the machine they share, and the stack's own is beyond it"
        if theirs > ours
        else "the stack took more than the client, so this knee is near its own"
    )
    return (
        f"Locust took {theirs:.0%} of the {run.machine.cores} cores over the whole profile, and the stack {ours:.0%}: {says}; step by "
        "step it is not recorded."
    )
