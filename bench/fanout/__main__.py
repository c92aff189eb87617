"""`python -m bench.fanout run [--smoke] | render`: one store, and ever more edge processes that follow it."""

import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cli
from bench.edgebench import fixture, flips, processes, results
from bench.edgebench.processes import ROOT, BenchError
from bench.fanout.report import Fed, Result, load, rendered

LISTINGS, SMOKE_LISTINGS = 1_000, 60
COUNTS, SMOKE_COUNTS = (1, 2, 4, 8, 16), (1, 2)
TIMES, SMOKE_TIMES = 5, 1
STILL_S = (
    4.0  # what the store spends while nothing changes: `sync` and each edge look once a second
)
LOOK_S = 0.05  # between two looks at all edges


@dataclass(frozen=True, slots=True)
class Spent:
    """What a store has sent to edges and worked, up to a moment."""

    at: float
    bytes: float
    cpu_s: float

    @classmethod
    def by(cls, store: fixture.Store) -> "Spent":
        client = store.client()
        edges = [one for one in client.client_list() if one["name"] == fixture.EDGE]
        told = client.info("cpu")
        worked = float(told["used_cpu_user"]) + float(told["used_cpu_sys"])
        return cls(time.monotonic(), sum(int(one["tot-net-out"]) for one in edges), worked)

    def beyond(self, still: "Spent", before: "Spent") -> "Spent":
        """Since `before`, less what the time from `still` to `before` has as its usual."""
        took = self.at - before.at
        share = took / (before.at - still.at)
        return Spent(
            took,
            self.bytes - before.bytes - (before.bytes - still.bytes) * share,
            self.cpu_s - before.cpu_s - (before.cpu_s - still.cpu_s) * share,
        )


@dataclass(frozen=True, slots=True)
class Followers:
    """Edges on one store, each of one process; they share a folder as those of one host do."""

    store: fixture.Store
    ports: tuple[int, ...]
    pids: tuple[int, ...]

    def at_rest(self) -> None:
        each = [processes.family(pid) for pid in self.pids]
        processes.at_rest(lambda: [processes.cpu_s(one) for one in each], "one of the edges")

    def oldest(self) -> int:
        """The generation that all of them serve, or a newer one."""
        return min(map(fixture.generation, self.ports))


def run(path: Path, smoke: bool, _only: Sequence[str]) -> None:
    listings = SMOKE_LISTINGS if smoke else LISTINGS
    result = Result(
        made_at=results.now(),
        smoke=smoke,
        commit=results.commit(),
        machine=results.machine(),
        listings=listings,
    )
    with fixture.alone(), fixture.opened(listings) as store, flips.living(store) as source:
        for count in SMOKE_COUNTS if smoke else COUNTS:
            print(f"{count} edge processes ...", flush=True)
            result.fed += _followed(store, source, count, SMOKE_TIMES if smoke else TIMES)
    results.write(result, path)


def _followed(store: fixture.Store, source: fixture.Upstream, count: int, times: int) -> list[Fed]:
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(fixture.edge(store)) for _ in range(count)]
        ports = tuple(port for port, _ in started)
        edges = Followers(store, ports, tuple(process.pid for _, process in started))
        watch = stack.enter_context(flips.watching(store, ports[0]))
        flips.settled(ports[0])
        return [_flip(edges, watch, source) for _ in range(times)]


def _flip(edges: Followers, watch: flips.Watch, source: fixture.Upstream) -> Fed:
    edges.at_rest()
    still = Spent.by(edges.store)
    time.sleep(STILL_S)
    before, known = Spent.by(edges.store), len(watch.heard)
    seconds, late_s = _reached(edges, watch, source)
    edges.at_rest()
    spent = Spent.by(edges.store).beyond(still, before)
    if len(watch.heard) - known != 1:
        raise BenchError(
            f"one price made {len(watch.heard) - known} generations: figures are of one"
        )
    return Fed(
        edges=len(edges.ports),
        bytes=round(spent.bytes),
        store_cpu_s=round(spent.cpu_s, 5),
        seconds=round(seconds, 3),
        late_s=round(late_s, 3),
    )


def _reached(
    edges: Followers, watch: flips.Watch, source: fixture.Upstream
) -> tuple[float, float]:
    """Cause a flip, and wait until every edge serves it: seconds since the pointer moved, and how much
    earlier it may have been."""
    before, known = edges.oldest(), set(watch.heard)
    source.post("/admin/life", event="price_cut")
    looks = [time.perf_counter()]

    def served() -> bool:
        looks.append(time.perf_counter())
        return edges.oldest() > before

    log = edges.store.folder / "sync.log"
    processes.until(served, flips.LONGEST_S, "a generation at every edge", log, LOOK_S)
    arrived = time.perf_counter()
    moved = [at for generation, at in watch.heard.items() if generation not in known]
    if not moved:
        raise BenchError("a generation was served before it was announced")
    return arrived - moved[0], arrived - max(looks[-2], moved[0])


BENCH = cli.Bench(
    program="bench.fanout",
    about=__doc__,
    kind="fanout",
    page=ROOT / "bench" / "README.md",
    run=run,
    render=lambda result, page: cli.into(page, "fanout", rendered(load(result))),
)

if __name__ == "__main__":
    sys.exit(cli.main(BENCH))
