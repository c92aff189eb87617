"""`python -m bench.front run | render`: Caddy with TLS over the published tree, beside others with the
same files; and throughput against connections."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from bench import cli
from bench.edgebench import capture, load, processes, results, stages
from bench.edgebench.load import Request
from bench.edgebench.peers import AbsentError
from bench.edgebench.processes import ROOT
from bench.edgebench.results import Result, Step, Subject
from bench.edgebench.stages import OK, Effort, Server
from bench.front import knees, report, servers
from bench.front.report import GREETED
from bench.front.servers import DUTIES, NGINX, OURS, PICTURE_BYTES, PROXY, STOCK, TUNED, Site
from bench.load.judge import thresholds

LISTINGS = 60
CONNECTIONS = (1, 4, 16, 64, 256, 512)
STEP_ROUNDS, WARM_S = 3, 1
STEP_S, CROWD, CROWD_S = 2, 64, 3  # more connections than CROWD need longer to say hello
STEPPED = "detail, gzip"
GREETINGS = 400
FULL = replace(stages.FULL, rounds=8, sizes=(LISTINGS,))
SMOKE = replace(stages.SMOKE, sizes=(LISTINGS,), rounds=1, requests=20)
Starter = Callable[[Site, str], AbstractContextManager[Server]]
OTHERS: tuple[tuple[str, Starter], ...] = (
    (STOCK, servers.stock),
    (TUNED, servers.tuned),
    (DUTIES, servers.duties),
    (PROXY, servers.proxy),
    (NGINX, servers.nginx),
)


@dataclass(frozen=True, slots=True)
class Front:
    """Everything that answers, ours first."""

    servers: list[Server]
    subjects: list[Subject]


def run(path: Path, smoke: bool, _only: Sequence[str]) -> None:
    effort = SMOKE if smoke else FULL
    result = results.begun(
        {
            "Load": f"wrk -t1 -c{load.CONNECTIONS}, {effort.seconds} s, {effort.rounds} rounds after one "
            "to warm up, servers in turn within each round, loopback, HTTP/1.1 with TLS 1.3, keep-alive; "
            "but where a table says something else",
            "Garbage collector": " ".join(map("=".join, servers.collector().items()))
            + f", as shipped, for {OURS}, {TUNED} and {DUTIES}; Go's own settings for the others",
            "CPU": "user and system time of Caddy or nginx, and of the edge where it stands behind",
        },
        smoke=smoke,
    )
    with contextlib.ExitStack() as stack:
        front = _started(stack, result)
        for subject in front.subjects:
            result.subjects.append(subject)
            asked = [server for server in front.servers if server.answers(subject)]
            stages.interleaved(result, effort, asked, subject)
        _greeted(result, effort, front)
        if effort.wrk:
            _stepped(result, front)
        for server in front.servers:
            result.memory_bytes[server.name] = processes.memory_bytes(server.family())
    results.write(result, path)


def _started(stack: contextlib.ExitStack, result: Result) -> Front:
    site = stack.enter_context(servers.site(LISTINGS))
    found = [stack.enter_context(servers.ours(site))]
    result.versions[OURS] = servers.version(OURS)
    for name, start in OTHERS:
        try:
            result.versions[name] = servers.version(name)
            found.append(stack.enter_context(start(site, capture.FEATURED)))
        except AbsentError as error:
            result.absent[name] = str(error)
            result.versions.pop(name, None)
    return Front(found, _subjects(found[0], site))


def _subjects(ours: Server, site: Site) -> list[Subject]:
    """Those of the edge's bench, and a picture; the tree has to be what answers a page."""
    detail = stages.subjects(site.edge_port)
    told = load.fetch(ours.port, capture.FEATURED, tls=True).headers["cache-status"]
    if not told.startswith("tree"):
        raise processes.BenchError(f"the published tree does not answer: {told}")
    image = Subject(
        name="picture", path=site.picture, accept_encoding="", status=OK, body_bytes=PICTURE_BYTES
    )
    return [*detail, image]


def _greeted(result: Result, effort: Effort, front: Front) -> None:
    """Each request on a connection of its own: what TLS's greeting costs the server."""
    (subject,) = (one for one in front.subjects if one.name == STEPPED)
    count = GREETINGS if effort.wrk else effort.requests
    method = (
        f"One Python client, {count} requests one after the other, each on a connection of its own; {effort.rounds} rounds "
        "after one to warm up, servers in turn within each round"
    )
    named = msgspec.structs.replace(subject, name=GREETED, method=method)
    result.subjects.append(named)
    stages.interleaved(result, effort, front.servers, named, partial(_greetings, count=count))


def _greetings(port: int, asked: Request, *, count: int) -> load.Burst:
    each = [load.in_turn(port, asked, 1) for _ in range(count)]
    times = [one.longest_ms for one in each]
    spent = sum(one.seconds for one in each)
    return load.Burst(count, spent, load.at(times, 0.5), load.at(times, 0.99), max(times))


def _stepped(result: Result, front: Front) -> None:
    """Ever more connections, the servers in turn in each round of a step, to the knee and beyond."""
    (subject,) = (one for one in front.subjects if one.name == STEPPED)
    asked = [
        (server, stages.request_to(server, subject)[0])
        for server in front.servers
        if server.name != PROXY
    ]
    for connections in CONNECTIONS:
        seconds = STEP_S if connections <= CROWD else CROWD_S
        for number, (server, request) in stages.rotated(asked, STEP_ROUNDS):
            lasts = seconds if number else WARM_S
            burst = partial(load.with_wrk, seconds=lasts, connections=connections)
            made = stages.measured(server, request, burst, subject.name, number)
            if number:
                result.steps.append(Step(connections=connections, round=made))
    result.knees = knees.found(result.steps, thresholds().page.p99_ms)


BENCH = cli.Bench(
    "bench.front",
    __doc__,
    "front",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: cli.into(page, "front", report.rendered(results.load(result))),
    judged=report.judged,
)

if __name__ == "__main__":
    sys.exit(cli.main(BENCH))
