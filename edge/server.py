"""The only module that knows Robyn: a thin driver around `edge.reply`.

Robyn 0.88 is started by hand, for reasons measured in docs/decisions/0002: its own start() parses
sys.argv, reads ROBYN_* from the environment, asks questions on standard input when a port is taken
and never exits on SIGTERM.
"""

import asyncio
import ctypes
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

import uvloop

from edge import drain
from edge.board import Tally
from edge.message import Plan, Reply, Request, problem

_argv, sys.argv = sys.argv, sys.argv[:1]  # robyn parses the command line of its importer
# Robyn's header maps cache 4 shards per CPU they see first; one CPU keeps each request cheap.
_cpus = os.sched_getaffinity(0)
os.sched_setaffinity(0, {min(_cpus)})
from robyn.robyn import (  # noqa: E402
    FunctionInfo,
    Headers,
    HttpMethod,
    MiddlewareType,
    Response,
    Server,
    SocketHeld,
)
from robyn.robyn import Request as RobynRequest  # noqa: E402

os.sched_setaffinity(0, _cpus)
sys.argv = _argv

log = logging.getLogger("edge.server")
Answer = Callable[[Request], Reply]
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT")
LISTEN_FDS_START = 3  # sd_listen_fds(3)
BACKLOG = 1024  # connections that wait while we start
HEADERS_MAX = 4096  # sets of headers that are kept, of 4 kB each
BEFORE: Any = MiddlewareType.BEFORE_REQUEST  # Robyn's stub calls it a string
WORKED = "edge; fwd=miss; stored"  # RFC 9211
WAITING_MAX = 64  # questions that wait for the one before; more are refused ...
PATIENCE_S = 2.0  # ... and so is one that has waited this long


def listen(host: str, port: int, environ_fds: int = 0) -> SocketHeld:
    """A bound socket; the one that systemd hands over when there is one, so restarts lose nothing.

    Robyn takes no descriptor, and binds with SO_REUSEPORT, by which two edges started in error
    would share a port without a word: so a socket of ours is grafted over a throw-away of Robyn's.
    """
    before = drain.sockets()
    held = SocketHeld("127.0.0.1", 0)
    (theirs,) = drain.sockets() - before
    if environ_fds:
        _graft(LISTEN_FDS_START, theirs)
        return held
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as ours:
        _graft(ours.fileno(), theirs)
    return held


def _graft(ours: int, theirs: int) -> None:
    os.set_blocking(ours, False)
    os.dup2(ours, theirs, inheritable=False)


@dataclass(frozen=True, slots=True)
class Service:
    """What is served: `answer` must only look up. For the paths in `worked`, so does `ready`, which answers
    what is worked out already; for all else there, `plan` is asked."""

    answer: Answer
    ready: Callable[[Request], Reply | None]
    plan: Callable[[Request], Plan]
    worked: frozenset[str]
    tally: Callable[[], Tally]  # a new one for each thread that answers
    before: Callable[[], Awaitable[None]]  # done before the first connection is taken
    run: Callable[[], Awaitable[None]]  # lives on the server's loop


def serve(service: Service, held: SocketHeld, *, threads: int, linger_s: float) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return."""
    drain.hold()
    uvloop.install()
    asyncio.set_event_loop(asyncio.new_event_loop())  # add_route wants a current loop
    server = Server()
    tallies = _Tallies(service.tally)
    quick, ready = _raw(_handler(service, tallies)), _raw(_ready_handler(service, tallies))
    worked = _raw(_worked_handler(service), is_async=True)
    for name in METHODS:
        method = getattr(HttpMethod, name)
        for path in ("/", "/*path"):
            server.add_route(method, path, quick, False)
        for path in service.worked:
            server.add_middleware_route(BEFORE, path, ready, method)
            server.add_route(method, path, worked, False)
    start = _startup(service, linger_s)
    server.add_startup_handler(FunctionInfo(start, True, 0, {}, {}))
    server.start(held, threads)  # type: ignore[call-arg] # its stub asks for two more


def _raw(handler: Callable[..., object], *, is_async: bool = False) -> FunctionInfo:
    """Registered without Robyn's Python wrapper, which costs a third more per request."""
    return FunctionInfo(handler, is_async, 1, {}, {})


class _Tallies:
    """Each of Robyn's threads has one.

    These threads have no Python state of their own: without one that lasts, each request makes and unmakes
    one, which is a third of its cost. Never released; the threads last.
    """

    def __init__(self, make: Callable[[], Tally]) -> None:
        self._make = make
        self._made: dict[int, Tally] = {}

    def of_this_thread(self) -> Tally:
        return self._made.get(threading.get_ident()) or self._attach()

    def _attach(self) -> Tally:
        ctypes.pythonapi.PyGILState_Ensure()
        made = self._made[threading.get_ident()] = self._make()
        return made


def _handler(service: Service, tallies: _Tallies) -> Callable[[RobynRequest], Response]:
    now_ns = time.perf_counter_ns

    def handle(request: RobynRequest) -> Response:
        tally = tallies.of_this_thread()
        began = now_ns()
        made = service.answer(_request(request))
        tally(made.route, made.status, len(made.body), now_ns() - began)
        lines = made.headers
        kept = "location" not in lines  # which repeats whatever a visitor asks
        headers = _headers(*lines.items()) if kept else Headers(lines)
        return Response(made.status, headers, made.body)

    return handle


def _ready_handler(
    service: Service, tallies: _Tallies
) -> Callable[[RobynRequest], Response | RobynRequest]:
    """Robyn goes on to the loop with a request that it gets back; twice from thread to thread costs a
    visitor half a millisecond, which is as much as all the rest."""

    def handle(request: RobynRequest) -> Response | RobynRequest:
        tally = tallies.of_this_thread()
        began = time.perf_counter_ns()
        made = service.ready(_request(request))
        if made is None:
            return request
        taken = time.perf_counter_ns() - began
        tally(made.route, made.status, len(made.body), taken)
        return Response(made.status, Headers(_timed(made.headers, taken)), made.body)

    return handle


def _timed(headers: dict[str, str], taken_ns: int) -> dict[str, str]:
    return headers | {"server-timing": f"query;dur={taken_ns / 1e6:.2f}"}


@lru_cache(HEADERS_MAX)
def _headers(*lines: tuple[str, str]) -> Headers:
    """Robyn's, which it only reads: to make them anew is a fifth of a look-up."""
    return Headers(dict(lines))


def _worked_handler(service: Service) -> Callable[[RobynRequest], Awaitable[Response]]:
    """Runs on the loop; one thread does the work, so that the same question is worked out once."""
    worker = ThreadPoolExecutor(1, "query")
    waiting = 0
    tally = service.tally()

    async def worked(plan: Plan) -> Reply:
        nonlocal waiting
        if plan.work is None:
            return plan.answer()
        if waiting >= WAITING_MAX:
            return _busy()
        waiting += 1
        try:
            in_time = _unless_late(plan.work, time.monotonic() + PATIENCE_S)
            done = await asyncio.get_running_loop().run_in_executor(worker, in_time)
        finally:
            waiting -= 1
        return plan.answer() if done else _busy()

    async def handle(request: RobynRequest) -> Response:
        began = time.perf_counter_ns()
        plan = service.plan(_request(request))
        made = await worked(plan)
        taken = time.perf_counter_ns() - began
        tally(made.route, made.status, len(made.body), taken)
        headers = _timed(made.headers, taken)
        if plan.work is not None and "cache-status" in headers:
            headers["cache-status"] = WORKED
        return Response(made.status, Headers(headers), made.body)

    return handle


def _unless_late(work: Callable[[], object], deadline: float) -> Callable[[], bool]:
    """Nobody waits any more for what comes after the deadline: whether it was worked out."""

    def run() -> bool:
        if time.monotonic() > deadline:
            return False
        work()
        return True

    return run


def _busy() -> Reply:
    refused = problem(503, "busy", "Ask again in a moment.", retry_after="1")
    return refused._replace(route="list")


def _request(request: RobynRequest) -> Request:
    query = request.query_params
    return Request(
        request.method,
        request.url.path,
        {} if query.empty() else _decoded(query.to_dict()),
        _fields(request),
    )


def _fields(request: RobynRequest) -> Callable[[str], str | None]:
    """Looks a header up; lines of one name are one list (RFC 9110, 5.3), where Robyn gives the last."""
    every = request.headers.get_all  # type: ignore[attr-defined] # its stub lacks it

    def field(name: str) -> str | None:
        lines = every(name)
        return ", ".join(lines) if lines else None

    return field


def _decoded(given: dict[str, list[str]]) -> dict[str, list[str]]:
    """Robyn splits a query string and leaves `+` and `%xx` as they came."""
    decoded: dict[str, list[str]] = {}
    for name, values in given.items():
        decoded.setdefault(unquote_plus(name), []).extend(unquote_plus(v) for v in values)
    return decoded


def _startup(service: Service, linger_s: float) -> Callable[[], Awaitable[None]]:
    """What Robyn calls on its loop before it accepts."""

    async def start() -> None:
        stopping = asyncio.Event()
        drain.when_asked(stopping.set)
        await service.before()
        task = asyncio.ensure_future(service.run())
        keep.update((task, asyncio.ensure_future(_stop(task, stopping, linger_s))))

    keep: set[asyncio.Future[None]] = set()
    return start


async def _stop(task: asyncio.Future[None], stopping: asyncio.Event, linger_s: float) -> None:
    """Wait for a signal or for `task` to fail; drain, then end the loop."""
    waiting: asyncio.Future[bool] = asyncio.ensure_future(stopping.wait())
    ended: set[asyncio.Future[Any]] = {task, waiting}
    await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        log.critical("the follower ended: %s", task.exception())
        os._exit(1)  # systemd starts us again; an exception here would abort the process
    await drain.drain(linger_s)
    task.cancel()
    asyncio.get_running_loop().stop()
