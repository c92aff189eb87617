"""`python -m bench.query run [--smoke] | render`: first-time queries by kind, over HTTP, beside a peer."""

import http.client
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from bench.cli import Bench, main
from bench.edgebench import fixture, results
from bench.edgebench.processes import HOST, ROOT, BenchError, calm, family, memory_bytes
from bench.query import beside, report
from bench.query.mix import Portfolio, paths
from bench.query.report import ALL, Result

SIZES, QUERIES, ROUNDS = (60, 1_000, 10_000), 3_000, 4
BATCH = 100  # fewer than an edge keeps, and soon over: the peer's turn comes in the same noise
SMOKE_SIZES, SMOKE_QUERIES = (60,), 60
PAGE = "/api/framer/featured"
GZIP = {"accept-encoding": "gzip"}


def run(out: Path, smoke: bool, _only: Sequence[str]) -> None:
    """What one size finds is written before the next begins."""
    result = Result(
        made_at=results.now(),
        smoke=smoke,
        commit=results.commit(),
        machine=results.machine(),
        peer=beside.versions(),
    )
    for listings in SMOKE_SIZES if smoke else SIZES:
        print(f"{listings} listings ...", flush=True)
        rounds, memory = [], 0
        with fixture.opened(listings) as store, beside.started(store) as peer:
            for _ in range(1 if smoke else ROUNDS):
                with fixture.edge(store) as (port, process):
                    calm(process.pid)
                    count = SMOKE_QUERIES if smoke else QUERIES
                    rounds.append(_measured(port, peer.port, count))
                    memory = memory_bytes(family(process.pid))
            share = memory / store.payload_bytes()
        result.rss_per_payload[str(listings)] = round(share, 2)
        result.found[str(listings)] = peer.found
        _summed_up(result, listings, rounds)
        results.write(result, out)


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds: of each query for the first time and again, of the peer, and of a published page."""

    kinds: list[str]
    first: list[float]
    again: list[float]
    peer: list[float]
    page: list[float]


def _measured(port: int, peer: int, count: int) -> Round:
    """Batch by batch, so that what is asked again is still kept, and the peer meets the same noise.

    It has been warm since its start; it keeps no answers, so that every query is its first.
    """
    mixed = list(paths(Portfolio.of(port), count))
    found = Round([kind for kind, _ in mixed], [], [], [], [])
    edge, other = (http.client.HTTPConnection(HOST, one, timeout=30) for one in (port, peer))
    found.page.extend(_timed(edge, PAGE) for _ in range(count))
    for start in range(0, len(mixed), BATCH):
        for asked, times in ((edge, found.first), (edge, found.again), (other, found.peer)):
            times.extend(_timed(asked, path) for _, path in mixed[start : start + BATCH])
    edge.close()
    other.close()
    return found


def _summed_up(result: Result, listings: int, rounds: list[Round]) -> None:
    """Each round by itself: a query that took long in one has taken long."""
    result.precomputed_p50[str(listings)] = report.middle([one.page for one in rounds], 50)
    for name in (ALL, *dict.fromkeys(rounds[0].kinds)):
        first = [_of(one, name, one.first) for one in rounds]
        again = [_of(one, name, one.again) for one in rounds]
        peer = [_of(one, name, one.peer) for one in rounds]
        result.kinds.append(report.kind(listings, name, first, again, peer))
    result.of_peer[str(listings)] = [
        round(report.percentile(one.first, 99) / report.percentile(one.peer, 99), 3)
        for one in rounds
    ]


def _of(one: Round, name: str, times: list[float]) -> list[float]:
    return [took for kind, took in zip(one.kinds, times, strict=True) if name in (ALL, kind)]


def _timed(connection: http.client.HTTPConnection, path: str) -> float:
    """Milliseconds; anything but a whole 200 is no figure."""
    began = time.perf_counter()
    connection.request("GET", path, headers=GZIP)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status != HTTPStatus.OK or not body:
        raise BenchError(f"{answer.status} for {path}: {body[:300]!r}")
    return took


BENCH = Bench(
    "bench.query",
    __doc__,
    "query",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: report.into(report.load(result), page),
    judged=lambda result: report.judged(report.load(result)),
)

if __name__ == "__main__":
    sys.exit(main(BENCH))
