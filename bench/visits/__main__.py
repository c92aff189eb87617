"""`python -m bench.visits run [--smoke] | render`: the same visitors at ours and at others before the same edges."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import pairwise, permutations
from pathlib import Path

from bench import cli
from bench.edgebench import results
from bench.edgebench.peers import AbsentError
from bench.edgebench.processes import ROOT, BenchError, at_rest
from bench.front.servers import OURS
from bench.load.crowd import client_cpu_s, on_a_stack, visited
from bench.load.profiles import ALL, USUAL_S, Profile
from bench.load.records import Told
from bench.load.stack import Stack
from bench.load.tally import PAGE, PICTURE
from bench.visits import report, servers
from bench.visits.report import Result, Visit
from bench.visits.servers import NGINX, PROXY, Server, Spent

VISITS = ALL["in-turn"]
ROUNDS, LISTINGS = 4, 60
SMOKE_S, SMOKE_IDLE_S, SMOKE_LISTINGS = 5, 2, 8
WARM_S, IDLE_S, IDLE_LOOKS = 8, 7, 3
Starter = Callable[[Stack, Path], AbstractContextManager[Server]]
OTHERS: tuple[tuple[str, Starter], ...] = ((NGINX, servers.nginx), (PROXY, servers.proxy))


def run(path: Path, smoke: bool, _only: Sequence[str]) -> None:
    profile = VISITS.within(SMOKE_S) if smoke else VISITS
    listings = SMOKE_LISTINGS if smoke else LISTINGS
    measure = partial(_measured, profile, 1 if smoke else ROUNDS)
    result = on_a_stack(listings, USUAL_S, measure)
    result.smoke, result.listings = smoke, listings
    if result.absent and not smoke:
        raise BenchError(f"not all are here, `python -m bench.edgebench setup`: {result.absent}")
    results.write(result, path)


def _measured(profile: Profile, rounds: int, stack: Stack, folder: Path) -> Result:
    """In turn within each round, in another order each; before several, a short one warms up."""
    result = Result(
        made_at=results.now(),
        commit=results.commit(),
        machine=results.machine(),
        visitors=max(stage.users for stage in profile.stages),
        seconds=profile.seconds - profile.settled_s,
    )
    with _started(stack, folder, result) as found:
        idle = _idle(stack, found, IDLE_S if rounds > 1 else SMOKE_IDLE_S)
        orders = list(permutations(found))
        for number in range(0 if rounds > 1 else 1, rounds + 1):
            visits = profile if number else profile.within(WARM_S)
            for server in orders[number % len(orders)]:
                stack.know(server.port)  # each spreads them over the edges in its own way
                visit = _visit(visits, server, number, idle[server.name], folder)
                result.visits += [visit] if number else []
    return result


def _idle(stack: Stack, found: Sequence[Server], seconds: float) -> dict[str, Spent]:
    """CPU of each and of the edges while nobody is there, in cores: the least of some looks, once all
    have ended what they do after their start; a pass of `sync` has the edges at work after it."""
    at_rest(lambda: [*stack.spent().values(), *(one.spent()[0] for one in found)], "the stack")
    looks = [[server.spent() for server in found]]
    for _ in range(IDLE_LOOKS):
        time.sleep(seconds)
        looks.append([server.spent() for server in found])
    each = zip(found, zip(*looks, strict=True), strict=True)
    return {
        server.name: min((_per_s(now, then, seconds) for then, now in pairwise(mine)), key=sum)
        for server, mine in each
    }


def _per_s(now: Spent, then: Spent, seconds: float) -> Spent:
    return (now[0] - then[0]) / seconds, (now[1] - then[1]) / seconds


@contextlib.contextmanager
def _started(stack: Stack, folder: Path, result: Result) -> Iterator[list[Server]]:
    with contextlib.ExitStack() as running:
        found = [servers.ours(stack)]
        result.versions[OURS] = servers.version(OURS)
        for name, start in OTHERS:
            try:
                result.versions[name] = servers.version(name)
                found.append(running.enter_context(start(stack, folder)))
            except AbsentError as error:
                result.absent[name] = str(error)
                result.versions.pop(name, None)
        yield found


def _visit(profile: Profile, server: Server, number: int, idle: Spent, folder: Path) -> Visit:
    before, client, began = server.spent(), client_cpu_s(), time.monotonic()
    told = visited(profile, server.url, folder)
    took = time.monotonic() - began
    own, edges = _per_s(server.spent(), before, took)
    where = f"{server.name}, round {number}"
    _came(profile, told, where)
    cpu_s, edge_cpu_s = (own - idle[0]) * took, (edges - idle[1]) * took
    if profile.seconds >= VISITS.seconds and min(cpu_s, edge_cpu_s) < 0:  # a short one is ticks
        raise BenchError(
            f"{where}: less CPU with visitors than without, {cpu_s:.2f} s of its own and "
            f"{edge_cpu_s:.2f} s of the edges: standing by was measured too high"
        )
    page, picture = told.timed[PAGE], told.timed[PICTURE]
    return Visit(
        server=server.name,
        number=number,
        requests=sum(one.requests for one in told.totals.values()),
        page_p50_ms=page.p50_ms,
        page_p99_ms=page.p99_ms,
        picture_p99_ms=picture.p99_ms,
        cpu_s=round(cpu_s, 3),
        edge_cpu_s=round(edge_cpu_s, 3),
        client_cpu_s=round(client_cpu_s() - client, 2),
    )


def _came(profile: Profile, told: Told, where: str) -> None:
    """All of them, and nobody in vain."""
    wanted = max(stage.users for stage in profile.stages)
    if told.visitors < wanted:
        raise BenchError(f"{where}: {told.visitors} of {wanted} visitors came")
    if told.faults or any(one.errors for one in told.totals.values()):
        raise BenchError(f"{where}: {told.faults}")


BENCH = cli.Bench(
    "bench.visits",
    __doc__,
    "visits",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: cli.into(page, "visits", report.rendered(report.load(result))),
)

if __name__ == "__main__":
    sys.exit(cli.main(BENCH))
