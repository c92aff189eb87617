"""The measurements: look-ups beside peers, sizes of the edge, flips under load."""

import contextlib
import shutil
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from bench.edgebench import capture, fixture, load, peers, processes, starts
from bench.edgebench.load import Burst, Request
from bench.edgebench.processes import BenchError
from bench.edgebench.results import Result, Round, Size, Subject

EDGE = "edge"
DETAIL = "detail"
ANY, SAME = (
    "any detail",
    "detail, beside any",
)  # by size; the look-ups' own detail in the same rounds
IDENTITY: Mapping[str, str] = MappingProxyType({"accept-encoding": "identity"})
QUERY = f"{capture.LIST}?channel=rent&price_max=3000&sort=price_asc"
LAID_OUT = f"{capture.LIST}?channel=rent&beds_min=2&sort=price_asc"  # a file, for it is asked most
MISSING = f"{capture.DETAIL}no-such-home"
PROVED = DETAIL  # what wrk asks of everyone in a smoke
SPREAD = 2000  # different details that the look-ups by size walk over
COLD_STARTS = 3
DEATHS = 5
PUBLISHED = 0.9  # of the rows are good; the others are bad on purpose
OK, NOT_MODIFIED, NOT_FOUND = 200, 304, 404
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one run does; every burst is bounded by it."""

    rounds: int
    seconds: int  # of a wrk burst
    requests: int  # of a burst without wrk
    sizes: tuple[int, ...]
    flips: int
    wrk: bool

    def burst(self, port: int, request: Request) -> Burst:
        if self.wrk:
            return load.with_wrk(port, request, self.seconds)
        return load.in_turn(port, request, self.requests)


FULL = Effort(rounds=5, seconds=1, requests=0, sizes=(60, 1000, 10_000), flips=3, wrk=True)
SMOKE = Effort(rounds=1, seconds=0, requests=50, sizes=(60,), flips=0, wrk=False)


@dataclass(frozen=True, slots=True)
class Server:
    """One server, its processes and what they started, and what it can be asked. `same`: answers with
    the very bytes of the edge."""

    name: str
    port: int
    pids: tuple[int, ...]
    able: Callable[[Subject], bool] = lambda _: True
    tls: bool = False
    same: bool = True

    def answers(self, subject: Subject) -> bool:
        return self.able(subject)

    def family(self) -> list[int]:
        return [pid for parent in self.pids for pid in processes.family(parent)]


def lookups(result: Result, effort: Effort) -> None:
    """Each subject on each server in turn, round after round, so that all meet the same noise."""
    result.subjects, result.rounds = [], [one for one in result.rounds if one.listings]
    result.absent = {}
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(fixture.opened(effort.sizes[0]))
        port, process = stack.enter_context(fixture.edge(store))
        files = store.folder / "captured"
        files.mkdir()
        pages = capture.capture(port, files)
        servers = [Server(EDGE, port, (process.pid,))]
        processes.calm(process.pid)
        peers.fill(store, files, pages)
        source = stack.enter_context(fixture.upstream(store)).port
        place = peers.Place(files, store.folder, 0, store, port, source)
        servers += _peers(stack, result, place, pages)
        if effort.wrk and result.absent:
            raise BenchError(
                f"not all peers are here, `python -m bench.edgebench setup`: {result.absent}"
            )
        for subject in subjects(port):
            result.subjects.append(subject)
            asked = [server for server in servers if server.answers(subject)]
            interleaved(result, effort, asked, subject)
        for server in servers:
            result.memory_bytes[server.name] = processes.memory_bytes(server.family())


def _peers(
    stack: contextlib.ExitStack, result: Result, place: peers.Place, pages: list[capture.Page]
) -> Iterator[Server]:
    for peer in peers.ALL:
        try:
            result.versions[peer.name] = peer.version()
        except peers.AbsentError as error:
            result.absent[peer.name] = str(error)
            continue
        own = replace(place, run=place.run / peer.name, port=processes.free_port())
        port, pid = stack.enter_context(peers.started(peer, own, pages))
        yield Server(peer.name, port, (pid,), peer.answers, same=peer.same)


def subjects(port: int) -> list[Subject]:
    """The detail of median length, the featured list, two list queries, and what has no body."""
    detail = _detail(port).path
    rows = (
        (DETAIL, detail, "", OK),
        ("detail, gzip", detail, "gzip", OK),
        ("featured", capture.FEATURED, "", OK),
        ("revalidation", detail, "", NOT_MODIFIED),
        ("missing", MISSING, "", NOT_FOUND),
        ("list query, gzip", QUERY, "gzip", OK),
        ("list asked most, gzip", LAID_OUT, "gzip", OK),
    )
    return [_subject(port, *row) for row in rows]


def _detail(port: int) -> Subject:
    """The one of median length among those that every peer serves."""
    details = [capture.DETAIL + card for card in capture.cards(port, capture.SHOWN)]
    path = sorted(details, key=lambda path: len(load.fetch(port, path).body))[len(details) // 2]
    return _subject(port, DETAIL, path, "", OK)


def _subject(port: int, name: str, path: str, coding: str, status: int) -> Subject:
    answer = load.fetch(port, path, {"accept-encoding": coding} if coding else {})
    length = 0 if status == NOT_MODIFIED else len(answer.body)
    return Subject(name=name, path=path, accept_encoding=coding, status=status, body_bytes=length)


def rotated(each: Sequence[T], rounds: int) -> Iterator[tuple[int, T]]:
    """All of them in each round, every round begun by another one. The round 0 is to warm up."""
    for number in range(rounds + 1):
        first = number % len(each)
        for one in (*each[first:], *each[:first]):
            yield number, one


def interleaved(
    result: Result,
    effort: Effort,
    servers: Sequence[Server],
    subject: Subject,
    burst: Callable[[int, Request], Burst] | None = None,
) -> None:
    """The first of them is whose bytes all the others have to answer with."""
    bodies, asked = {}, {}
    for server in servers:
        asked[server.name], bodies[server.name] = request_to(server, subject)
    for server in servers:
        if server.same and subject.status == OK and bodies[server.name] != bodies[servers[0].name]:
            raise BenchError(
                f"{subject.name} of {server.name}: other bytes than {servers[0].name}"
            )
    for number, server in rotated(servers, effort.rounds):
        made = measured(server, asked[server.name], burst or effort.burst, subject.name, number)
        if number:
            result.rounds.append(made)
    if not effort.wrk and subject.name == PROVED:
        _with_wrk(result, servers, asked)


def _with_wrk(result: Result, servers: Sequence[Server], asked: Mapping[str, Request]) -> None:
    """That wrk works with each, once; no figure is kept of it."""
    if shutil.which("wrk") is None:
        result.absent["wrk"] = "wrk is not installed"
        return
    for server in servers:
        load.with_wrk(server.port, asked[server.name], 1)


def request_to(server: Server, subject: Subject) -> tuple[Request, bytes]:
    """What to ask, and the body that answered it just now."""
    coding = subject.accept_encoding or "identity"  # said, for a proxy would ask for gzip
    headers = {"accept-encoding": coding}

    def ask() -> load.Fetched:
        return load.fetch(server.port, subject.path, headers, tls=server.tls)

    if subject.status == NOT_MODIFIED:  # each server has tags of its own
        headers["if-none-match"] = ask().headers["etag"]
    if (got := ask()).status != subject.status:
        raise BenchError(f"{subject.name} of {server.name}: {got.status}")
    request = Request((subject.path,), headers, subject.status, server.tls, len(got.body))
    return request, got.body


def measured(
    server: Server,
    request: Request,
    burst: Callable[[int, Request], Burst],
    subject: str,
    number: int,
    listings: int = 0,
) -> Round:
    pids = server.family()
    before = processes.cpu_s(pids)
    told = burst(server.port, request)
    return Round(
        server=server.name,
        subject=subject,
        number=number,
        listings=listings,
        requests=told.requests,
        seconds=told.seconds,
        cpu_s=processes.cpu_s(pids) - before,
        p50_ms=told.p50_ms,
        p99_ms=told.p99_ms,
    )


def sizes(result: Result, effort: Effort) -> None:
    """One edge for each size, all at once for the look-ups, so that these are paired too."""
    result.sizes, result.rounds = [], [one for one in result.rounds if not one.listings]
    with contextlib.ExitStack() as stack:
        asked: list[tuple[int, str, Server, Request]] = []
        for listings in effort.sizes:
            store = stack.enter_context(fixture.opened(listings))
            first = tuple(starts.cold(store) for _ in range(COLD_STARTS))
            again = tuple(starts.start(store) for _ in range(COLD_STARTS))
            port, process = stack.enter_context(fixture.edge(store))
            processes.calm(process.pid)
            cards = capture.cards(port)
            memory = processes.memory_bytes(processes.family(process.pid))
            if len(cards) < listings * PUBLISHED:
                raise BenchError(f"only {len(cards)} of {listings} listings are served")
            result.sizes.append(
                Size(
                    listings=listings,
                    cards=len(cards),
                    payload_bytes=store.payload_bytes(),
                    memory_bytes=memory,
                    back_s=tuple(starts.back(port, process.pid) for _ in range(DEATHS)),
                    cold_start_s=first,
                    next_start_s=again,
                )
            )
            step = max(1, len(cards) // SPREAD)
            paths = tuple(capture.DETAIL + card for card in cards[::step])
            server = Server(EDGE, port, (process.pid,))
            asked.append((listings, ANY, server, Request(paths, IDENTITY, OK)))
            if listings == effort.sizes[0]:
                asked.append((listings, SAME, server, request_to(server, _detail(port))[0]))
        for number, (listings, name, server, request) in rotated(asked, effort.rounds):
            made = measured(server, request, effort.burst, name, number, listings)
            if number:
                result.rounds.append(made)


def summary(rounds: Sequence[Round]) -> tuple[float, float, float, float, float]:
    """CPU us at best and in the middle, requests per second, p50 and p99: over these rounds."""
    middle = statistics.median
    return (
        min(item.cpu_us for item in rounds),
        middle(item.cpu_us for item in rounds),
        middle(item.rate for item in rounds),
        middle(item.p50_ms for item in rounds),
        middle(item.p99_ms for item in rounds),
    )
