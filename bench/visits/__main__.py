"""`python -m bench.visits run [--smoke] | render`: the same visitors at ours and at others before the same edges."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from bench import cli
from bench.edgebench import results
from bench.edgebench.peers import AbsentError
from bench.edgebench.processes import ROOT, BenchError
from bench.front.servers import OURS
from bench.load.crowd import client_cpu_s, on_a_stack, visited
from bench.load.profiles import ALL, USUAL_S, Profile
from bench.load.stack import Stack
from bench.load.tally import PAGE, PICTURE
from bench.visits import report, servers
from bench.visits.report import Result, Visit
from bench.visits.servers import NGINX, PROXY, Server

VISITS = ALL["in-turn"]
ROUNDS, LISTINGS = 4, 60
SMOKE_S, SMOKE_LISTINGS = 8, 8
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
    """In turn within each round, each first once; what edges keep is asked for by each way before."""
    result = Result(
        made_at=results.now(),
        commit=results.commit(),
        machine=results.machine(),
        visitors=max(stage.users for stage in profile.stages),
        seconds=profile.seconds - profile.settled_s,
    )
    with _started(stack, folder, result) as found:
        for server in found:
            stack.know(server.port)
        for number in range(rounds):
            first = number % len(found)
            for server in (*found[first:], *found[:first]):
                result.visits.append(_visit(profile, server, number + 1, folder))
    return result


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


def _visit(profile: Profile, server: Server, number: int, folder: Path) -> Visit:
    before, client = server.spent(), client_cpu_s()
    told = visited(profile, server.url, folder)
    own, edges = (now - then for now, then in zip(server.spent(), before, strict=True))
    if told.faults or any(one.errors for one in told.totals.values()):
        raise BenchError(f"{server.name}, round {number}: {told.faults}")
    page, picture = told.timed[PAGE], told.timed[PICTURE]
    return Visit(
        server=server.name,
        number=number,
        requests=sum(one.requests for one in told.totals.values()),
        page_p50_ms=page.p50_ms,
        page_p99_ms=page.p99_ms,
        picture_p99_ms=picture.p99_ms,
        cpu_s=round(own, 2),
        edge_cpu_s=round(edges, 2),
        client_cpu_s=round(client_cpu_s() - client, 2),
    )


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
