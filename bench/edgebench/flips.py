"""What visitors notice while the edge changes generations."""

import concurrent.futures
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.edgebench import capture, fixture, load, processes
from bench.edgebench.load import Burst, Request
from bench.edgebench.processes import BenchError
from bench.edgebench.results import Flip, FlipLoad, Result
from bench.edgebench.stages import OK, SPREAD, Effort

LONGEST_S = 300.0  # that one flip may take to come, from the event on: a pass at ten thousand homes is long
SLICE_S = 4  # of load; slices follow one another until the flips are over
STILL_SLICES = 3
CALM = 3  # flips without load, of which the middle counts


@dataclass(slots=True)
class Watch:
    """Hears the store announce each generation, and looks when the edge serves it."""

    store: fixture.Store
    port: int
    heard: dict[int, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        client = self.store.client()
        with client.pubsub() as pubsub:  # type: ignore[no-untyped-call]
            pubsub.subscribe(fixture.FLIPS)
            while not self.over.is_set():
                message = pubsub.get_message(ignore_subscribe_messages=True, timeout=0.2)
                if message:
                    self.heard.setdefault(int(message["data"]), time.perf_counter())

    def flip(self, source: fixture.Upstream) -> float:
        """Cause one, and wait until the edge serves it: seconds since the pointer moved."""
        before = max([fixture.generation(self.port), *self.heard])
        source.post("/admin/life", event="price_cut")
        deadline = time.monotonic() + LONGEST_S
        while (served := fixture.generation(self.port)) <= before:
            if time.monotonic() > deadline:
                tail = (self.store.folder / "sync.log").read_text()[-1500:]
                tail += (self.store.folder / "edge.log").read_text()[-1500:]
                raise BenchError(f"no new generation in {LONGEST_S:g} s\n{tail}")
            time.sleep(processes.TICK_S)
        arrived = time.perf_counter()
        if served not in self.heard:
            raise BenchError(f"generation {served} was served before it was announced")
        return arrived - self.heard[served]


def flips(result: Result, effort: Effort) -> None:
    """At each size: flips without load for their CPU and bytes, then under load."""
    whole = {found.listings for found in result.flip_loads}
    result.flips = [flip for flip in result.flips if flip.listings in whole]
    for listings in effort.sizes if effort.flips else ():
        if listings in whole:
            continue
        with fixture.opened(listings) as store:
            _at(result, effort, store)


def _at(result: Result, effort: Effort, store: fixture.Store) -> None:
    with fixture.edge(store) as (port, process), watching(store, port) as watch:
        paths = tuple(capture.DETAIL + card for card in capture.cards(port, SPREAD))
        request = Request(paths, {}, OK)
        processes.calm(process.pid)
        with living(store) as source:
            settled(port)
            for _ in range(CALM):
                result.flips.append(_calm_flip(watch, source, process.pid))
            still = [_slice(port, request) for _ in range(STILL_SLICES)]  # sync at work as well
            loaded = _under_load(result, effort, watch, source, request)
        result.flip_loads.append(
            FlipLoad(
                listings=store.listings,
                flips=effort.flips,
                requests=sum(item.requests for item in loaded),
                faults=0,  # a fault anywhere has raised
                p50_ms=max(item.p50_ms for item in loaded),
                p99_ms=max(item.p99_ms for item in loaded),
                longest_ms=max(item.longest_ms for item in loaded),
                still_p99_ms=max(item.p99_ms for item in still),
                still_longest_ms=max(item.longest_ms for item in still),
                peak_rss_bytes=processes.peak_rss_bytes(processes.family(process.pid)),
            )
        )


def _traffic(store: fixture.Store) -> tuple[int, int]:
    """Bytes that the store has sent to the edge's connections, and had from everybody else but us."""
    clients = [one for one in store.client().client_list() if one["name"] != fixture.WATCH]
    out = sum(int(one["tot-net-out"]) for one in clients if one["name"] == fixture.EDGE)
    back = sum(int(one["tot-net-in"]) for one in clients if one["name"] != fixture.EDGE)
    return out, back


def _calm_flip(watch: Watch, source: fixture.Upstream, pid: int) -> Flip:
    before, (out, back) = processes.cpu_s(processes.family(pid)), _traffic(watch.store)
    seconds = watch.flip(source)
    processes.calm(pid)  # what follows the swap counts too
    spent = processes.cpu_s(processes.family(pid)) - before
    sent, received = _traffic(watch.store)
    return Flip(
        listings=watch.store.listings,
        seconds=seconds,
        cpu_s=spent,
        edge_bytes=sent - out,
        sync_bytes=received - back,
    )


def _under_load(
    result: Result, effort: Effort, watch: Watch, source: fixture.Upstream, request: Request
) -> list[Burst]:
    slices: list[Burst] = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for _ in range(effort.flips):
            waiting = pool.submit(watch.flip, source)
            while not waiting.done():
                slices.append(_slice(watch.port, request))
            found = Flip(listings=watch.store.listings, seconds=waiting.result(), cpu_s=None)
            result.flips.append(found)
    return slices


def _slice(port: int, request: Request) -> Burst:
    return load.with_wrk(port, request, SLICE_S, whole=True)


def settled(port: int) -> None:
    """The first passes publish what a day's difference makes; wait until that is over."""
    last, calm = 0, time.monotonic()
    while time.monotonic() - calm < SLICE_S:
        now = fixture.generation(port)
        if now != last:
            last, calm = now, time.monotonic()
        time.sleep(0.2)


@contextlib.contextmanager
def watching(store: fixture.Store, port: int) -> Iterator[Watch]:
    watch = Watch(store, port)
    thread = threading.Thread(target=watch.listen)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


@contextlib.contextmanager
def living(store: fixture.Store) -> Iterator[fixture.Upstream]:
    """`sync run` on the simulated Rentman, a pass every second."""
    log = store.folder / "sync.log"
    with fixture.upstream(store) as source:
        environ = fixture.sync_environ(store, source)
        with processes.running([sys.executable, "-m", "sync", "run"], log, environ) as process:
            _alive(process)
            yield source
            _alive(process)


def _alive(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        raise BenchError(f"sync ended with {process.returncode}")
