"""An hour of the visitors of bench/load, told in a minute or two: how often is an answer worked out anew?

The hour is `bench.load.profiles` "soak": three hundred visitors, a page every five seconds each, so
216,000 pages. What each asks is drawn from the same behaviour; every tenth address carries what
advertisers add, never the same twice. Pictures are left out: they are files, and would only flatter
the share. Prices change at the source `PUBLISHES` times, and `sync` publishes, while the requests
go on.
"""

import contextlib
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from bench.cache.fronts import Front, front
from bench.edgebench import fixture
from bench.edgebench.load import fetch
from bench.edgebench.processes import HOST, ROOT, BenchError, free_port, running, until
from bench.load.behaviour import wish

VISITORS, PAUSE_S = 300, 5.0
HOUR = round(3600 / PAUSE_S * VISITORS)
PUBLISHES = 4  # an hour; as often as `sync` asks for the list by default
EDGES = 2
LISTINGS = 60
WARM = HOUR  # pages of the hour before: the one that counts is no first hour of an installation
TAGGED = 0.1
CONNECTIONS = 16
PACE = (
    540  # pages a second, nine times that of the hour: a publish should not weigh like a hundred
)
REPLAY_S = 400
FEATURED, LIST = "/api/framer/featured", "/api/framer/properties"
LUA = Path(__file__).with_name("replay.lua")
LOG = """log bench {{
	output file {path} {{
		roll_disabled
	}}
	format filter {{
		request delete
		resp_headers>Server delete
	}}
}}
"""


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """How the pages of an hour were answered, as visitors saw it and as Caddy's log says."""

    pages: int
    publishes: int
    tree: int
    edge: int  # kept by the edge
    worked: int  # worked out anew: the misses
    questions: int  # different ones that were asked
    wrong: int  # other statuses, broken connections, no word of a cache
    logged: dict[str, int]
    seconds: float
    p99_ms: float

    @property
    def share(self) -> float:
        return 1 - self.worked / self.pages


def mix(count: int, cards: Sequence[str], dice: random.Random) -> list[str]:
    """What visitors ask for, by the weights of `bench.load.visitor.Visitor`."""
    random.seed(dice.random())  # `wish` draws from the module's own
    found: list[str] = []
    for _ in range(count):
        kind = dice.choices("hnbrc", (2, 5, 2, 6, 2))[0]
        if kind == "n":
            path = f"{LIST}?{urlencode(wish())}"
        elif kind == "c" and found:
            path = dice.choice(found[-2000:])
        else:
            path = {"h": FEATURED, "b": LIST}.get(kind) or dice.choice(cards)
        if dice.random() < TAGGED and "fbclid" not in path:
            path += f"{'&' if '?' in path else '?'}utm_source=mail&fbclid={dice.getrandbits(64):x}"
        found.append(path)
    return found


def run(pages: int = HOUR) -> Hour:
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(fixture.opened(LISTINGS))
        tree = store.folder / "tree"
        ports = [stack.enter_context(_edge(store, tree, number)) for number in range(EDGES)]
        source = stack.enter_context(fixture.upstream(store))
        stack.enter_context(_sync(store, source))
        log = store.folder / "access.log"
        caddy = stack.enter_context(
            front(store.folder / "caddy", ports, tree, written=LOG.format(path=log))
        )
        until((tree / "GENERATION").exists, 30, "the tree", caddy.log)
        items = json.loads(fetch(caddy.port, f"{LIST}?per_page=100").body)["items"]
        cards = [f"/api/framer/property/{card['slug']}" for card in items]
        dice = random.Random(11)
        _replayed(caddy, mix(WARM, cards, dice), store.folder)
        asked = mix(pages, cards, dice)
        before = _logged(log)
        part = len(asked) // PUBLISHES
        told: list[dict[str, float]] = []
        for number in range(PUBLISHES):
            with _publishing(source, caddy):
                ours = asked[number * part : (number + 1) * part]
                told.extend(_paced(caddy, ours, store.folder))
        after = _logged(log)
    return _summed(told, asked, {name: after[name] - before.get(name, 0) for name in after})


def _summed(told: list[dict[str, float]], asked: list[str], logged: dict[str, int]) -> Hour:
    total = {name: sum(part[name] for part in told) for name in told[0]}
    questions = {path.partition("utm_source")[0].rstrip("?&") for path in asked if LIST in path}
    return Hour(
        pages=round(total["answered"]),
        publishes=PUBLISHES,
        tree=round(total["tree"]),
        edge=round(total["edge"]),
        worked=round(total["worked"]),
        questions=len(questions),
        wrong=round(total["bad"] + total["broken"] + total["other"]),
        logged=logged,
        seconds=round(total["seconds"], 1),
        p99_ms=max(part["p99_ms"] for part in told),
    )


@contextlib.contextmanager
def _edge(store: fixture.Store, tree: Path, number: int) -> Iterator[int]:
    """One process on a port of its own; all share the tree."""
    port, log = free_port(), store.folder / f"edge-{number}.log"
    environ = {
        "EDGE_REDIS_URL": store.url,
        "EDGE_PORT": str(port),
        "EDGE_TREE_DIR": str(tree),
        "EDGE_MEDIA_DIR": str(store.folder / "media"),
        "EDGE_PROCESSES": "1",
    }
    with running([sys.executable, "-m", "edge"], log, environ):
        until(lambda: fixture.generation(port) > 0, 60, "the edge", log)
        yield port


@contextlib.contextmanager
def _sync(store: fixture.Store, source: fixture.Upstream) -> Iterator[None]:
    environ = fixture.sync_environ(store, source) | {"PYTHONPATH": str(ROOT)}
    with running([sys.executable, "-m", "sync", "run"], store.folder / "sync.log", environ):
        yield


@contextlib.contextmanager
def _publishing(source: fixture.Upstream, caddy: Front) -> Iterator[None]:
    """A price is cut two seconds into the block; the block ends after visitors see the news."""
    seen = fixture.generation(caddy.port)

    def publish() -> None:
        time.sleep(2)
        source.post("/admin/life", event="price_cut")

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    until(lambda: fixture.generation(caddy.port) > seen, 30, "the news", caddy.log)


def _paced(caddy: Front, paths: list[str], folder: Path) -> Iterator[dict[str, float]]:
    """A second's pages at once, then rest until the second is over."""
    for first in range(0, len(paths), PACE):
        begun = time.monotonic()
        yield _replayed(caddy, paths[first : first + PACE], folder)
        time.sleep(max(0.0, begun + 1 - time.monotonic()))


def _replayed(caddy: Front, paths: list[str], folder: Path) -> dict[str, float]:
    file, finished = folder / "paths.txt", folder / "finished"
    file.write_text("\n".join(paths))
    command = [
        *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{REPLAY_S}s", "--latency", "--timeout", "10s"),
        *("-H", "Accept-Encoding: gzip, br, zstd", "-s", str(LUA)),
        *(f"http://{HOST}:{caddy.port}/", "--", str(file), str(finished)),
    ]
    finished.unlink(missing_ok=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        try:
            until(
                lambda: finished.exists() or wrk.poll() is not None, REPLAY_S, "the end", caddy.log
            )
        finally:
            wrk.send_signal(signal.SIGINT)  # it ends early and tells what it has
        told = wrk.communicate()[0]
    lines = [line for line in told.splitlines() if line.startswith("{")]
    if not finished.exists() or not lines:
        raise BenchError(f"wrk did not ask for everything: {told}")
    return dict(json.loads(lines[-1]))


def _logged(log: Path) -> dict[str, int]:
    """How often each word of `Cache-Status` is in the access log."""
    found: dict[str, int] = {}
    for line in log.read_text().splitlines():
        said = json.loads(line).get("resp_headers", {}).get("Cache-Status", ["none"])[0]
        found[said] = found.get(said, 0) + 1
    return found
