"""The three tiers in one run: each server in turn within each round, so that all meet the same noise."""

import contextlib
import hashlib
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from bench.cache.fronts import SNIPPETS, built_with_cache, front
from bench.edgebench import fixture, load, processes, stages
from bench.edgebench.load import Request
from bench.edgebench.processes import BenchError
from bench.edgebench.results import Round
from bench.edgebench.stages import Effort, Server

LISTINGS = 60
MOST = 999_999_999  # the most that may be asked; no list with a price is laid out as a file
QUERIES = tuple(
    f"/api/framer/properties?channel={channel}&beds_min={beds}&price_max={MOST}&sort={sort}"
    for channel in ("rent", "sale")
    for beds in range(4)
    for sort in ("newest", "price_asc", "price_desc")
)
LARGE = tuple(f"{query}&per_page=100" for query in QUERIES if "newest" in query)
PAGES = ("/api/framer/featured", "/api/framer/properties", "/api/areas")
TREE, EDGE, CACHE, ALONE = "tree", "edge behind stock Caddy", "cache-handler", "edge alone"


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over the rounds; CPU is that of Caddy and the edge together, by requests."""

    name: str
    subject: str
    body_bytes: int  # on average
    rate: float
    cpu_us: float
    cpu_us_least: float
    p99_ms: float
    memory_mb: float  # of Caddy, afterwards; of the edge when it is alone


FULL = replace(stages.FULL, rounds=5, seconds=2)
SMOKE = replace(stages.SMOKE, rounds=1, requests=20)


def run(effort: Effort) -> list[Tier]:
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(fixture.opened(LISTINGS))
        port, edge = stack.enter_context(fixture.edge(store))
        tree = store.folder / "tree"
        stock = stack.enter_context(front(store.folder / "stock", [port], tree))
        cached = stack.enter_context(
            front(
                store.folder / "cached",
                [port],
                tree,
                caddy=built_with_cache(),
                snippets=sorted(SNIPPETS.glob("*.caddy")),
            )
        )
        processes.until((tree / "GENERATION").exists, 30, "the tree", stock.log)
        processes.calm(edge.pid)
        by_edge = Server(EDGE, stock.port, (stock.pid, edge.pid))
        by_tree = Server(TREE, stock.port, (stock.pid, edge.pid))
        by_cache = Server(CACHE, cached.port, (cached.pid, edge.pid))
        alone = Server(ALONE, port, (edge.pid,))
        _alike(port, (stock.port, cached.port))
        return [
            *_compared("queries, gzip", (by_edge, by_cache, alone), QUERIES, effort),
            *_compared("100 a page, plain", (by_edge, by_cache), LARGE, effort, ""),
            *_compared("pages, gzip", (by_tree,), PAGES, effort),
        ]


def _alike(edge: int, fronts: Sequence[int]) -> None:
    """Every answer by every way is the edge's own, twice: as it comes and as it is kept."""
    for path in (*QUERIES, *LARGE, *PAGES):
        for coding in ("gzip", "identity"):
            headers = {"accept-encoding": coding}
            wanted = hashlib.sha256(load.fetch(edge, path, headers).body).digest()
            for port in (*fronts, *fronts):
                got = load.fetch(port, path, headers)
                if hashlib.sha256(got.body).digest() != wanted:
                    raise BenchError(f"{path} as {coding} on port {port}: another body")


def _compared(
    subject: str,
    servers: Sequence[Server],
    paths: tuple[str, ...],
    effort: Effort,
    coding: str = "gzip",
) -> Iterator[Tier]:
    headers = {"accept-encoding": coding} if coding else {}
    request = Request(paths, headers, stages.OK)
    rows: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(effort.rounds + 1):  # the first warms up and is not kept
        turn = number % len(servers)
        for server in (*servers[turn:], *servers[:turn]):
            made = stages.measured(server, request, effort.burst, subject, number)
            if number:
                rows[server.name].append(made)
    size = statistics.mean(len(load.fetch(servers[0].port, path, headers).body) for path in paths)
    for server in servers:
        least, cpu, rate, _p50, p99 = stages.summary(rows[server.name])
        yield Tier(
            name=server.name,
            subject=subject,
            body_bytes=round(size),
            rate=round(rate),
            cpu_us=round(cpu, 1),
            cpu_us_least=round(least, 1),
            p99_ms=round(p99, 2),
            memory_mb=round(processes.memory_bytes(processes.family(server.pids[0])) / 2**20, 1),
        )
