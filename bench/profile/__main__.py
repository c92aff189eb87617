"""`python -m bench.profile run | render`: the functions that cost most, as py-spy, perf and Go sample them."""

import contextlib
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bench import cli
from bench.beside import beside
from bench.edgebench import capture, fixture, load, results, stages
from bench.edgebench.load import Request
from bench.edgebench.processes import ROOT, BenchError, calm, family, running
from bench.edgebench.render import table
from bench.edgebench.results import Machine
from bench.edgebench.stages import OK, Server
from bench.front import servers
from bench.front.servers import Site
from bench.profile import golang, linux

LISTINGS, SMOKE_LISTINGS = 1_000, 60
SECONDS, SMOKE_SECONDS = 10, 2
RATE = 200  # samples a second
TOP = 12
IMPORTS, IMPORTED = "_find_and_load (<frozen importlib._bootstrap>)", "modules are imported"
WAITING = (
    "_worker (concurrent",
    "select (selectors",
    "EpollSelector.select",
    "sigwait (signal",
    "serve (edge/server",  # until the server ends
)  # threads with nothing to do
CADDY = "caddyserver/caddy"
CALLS = {  # what it does for one answer: in Caddy's words
    "reads the request": "net/http.(*conn).readRequest",
    "puts routes together": f"{CADDY}/modules/caddyhttp.RouteList.Compile",
    "matches": f"{CADDY}/modules/caddyhttp.MatcherSets.AnyMatchWithError",
    "looks up files": "io/fs.Stat",
    "opens the file": f"{CADDY}/modules/caddyhttp/fileserver.(*FileServer).openFile",
    "puts headers on": f"{CADDY}/modules/caddyhttp/headers.(*HeaderOps).ApplyTo",
    "encrypts and sends": "crypto/tls.(*Conn).Write",
    "allocates": "runtime.mallocgc",
    "collects garbage": "runtime.gcBgMarkWorker",
}
PY_SPY = Path(sys.executable).with_name("py-spy")


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """`itself`: the share of samples that a function was on top of; `below`: that it was in at all; `libraries`:
    of the process's CPU time, also where no Python is."""

    subject: str
    samples: int
    itself: dict[str, float]
    below: dict[str, float]
    calls: dict[str, float | None] = {}  # below what one can do something about; None: never seen
    libraries: dict[str, float] = {}


class Result(msgspec.Struct, kw_only=True):
    made_at: str
    smoke: bool
    commit: str
    machine: Machine
    profiles: list[Profile] = []


def run(path: Path, smoke: bool, _only: Sequence[str]) -> None:
    if not PY_SPY.exists():
        raise BenchError("py-spy is not installed: make setup")
    golang.tool(), linux.tool()  # or nothing is measured in vain
    result = Result(
        made_at=results.now(), smoke=smoke, commit=results.commit(), machine=results.machine()
    )
    seconds = SMOKE_SECONDS if smoke else SECONDS
    with fixture.opened(SMOKE_LISTINGS if smoke else LISTINGS) as store:
        result.profiles += _edge(store, seconds)
    with servers.site(SMOKE_LISTINGS if smoke else LISTINGS) as site, servers.ours(site) as caddy:
        result.profiles += _caddy(site, caddy, seconds)
    with fixture.empty(SMOKE_LISTINGS if smoke else LISTINGS) as store:
        result.profiles.append(_sync(store))
    results.write(result, path)


def _edge(store: fixture.Store, seconds: int) -> Iterator[Profile]:
    """Look-ups, and then list queries that differ."""
    with fixture.edge(store) as (port, process):
        calm(process.pid)
        (server,) = set(family(process.pid)) - {process.pid}
        pages = tuple(capture.DETAIL + card for card in capture.cards(port, stages.SPREAD))
        low = range(100, 3000)
        lists = tuple(f"{capture.LIST}?channel=rent&price_min={n}&beds_min=1" for n in low)
        for subject, paths in (("look-ups", pages), ("list queries, all different", lists)):
            with _asking(port, Request(paths, {}, OK)):
                found = _sampled(subject, ["--pid", str(server), "-d", str(seconds)], store)
                libraries = linux.sampled(server, seconds, store.folder / "perf")
            yield replace(found, libraries=libraries)


def _caddy(site: Site, server: Server, seconds: int) -> Iterator[Profile]:
    """Details from the published tree by TLS, where most requests end."""
    details = tuple(capture.DETAIL + card for card in capture.cards(site.edge_port, stages.SPREAD))
    with _asking(server.port, Request(details, {"accept-encoding": "gzip"}, OK, tls=True)):
        found = golang.sampled(servers.admin(site), seconds, site.folder / "caddy.pprof")
    yield Profile(
        subject="Caddy, details from the tree by TLS",
        samples=found.samples,
        itself=_most(found.itself),
        below=_most(found.below),
        calls={what: found.below.get(name) for what, name in CALLS.items()},
    )


def _most(shares: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(shares.items(), key=lambda item: -item[1])[:TOP])


@contextlib.contextmanager
def _asking(port: int, request: Request) -> Iterator[None]:
    """Two clients without pause; an answer that is not as it should be ends it, and so the run."""

    def ask(over: threading.Event) -> None:
        while not over.is_set():
            load.in_turn(port, request, len(request.paths))

    with beside(ask, ask):
        yield


def _sync(store: fixture.Store) -> Profile:
    """The first pass into an empty store: every listing is new."""
    log = store.folder / "sync.log"
    with fixture.upstream(store) as source:
        environ = fixture.sync_environ(store, source)
        command = ["--", sys.executable, "-m", "sync", "once"]
        return _sampled("sync, a first pass without pictures", command, store, environ, log)


def _sampled(
    subject: str,
    target: list[str],
    store: fixture.Store,
    environ: dict[str, str] | None = None,
    log: Path | None = None,
) -> Profile:
    """py-spy's own exit code is that of what it ran, which need not be 0: the samples tell."""
    told, log = store.folder / "samples", log or store.folder / "py-spy.log"
    told.unlink(missing_ok=True)
    command = [str(PY_SPY), "record", "-r", str(RATE), "-f", "raw", "-o", str(told), *target]
    with running(command, log, environ) as process:
        try:
            process.wait(fixture.FILL_S)
        except subprocess.TimeoutExpired:
            raise BenchError(f"py-spy did not end: {log.read_text()[-500:]}") from None
    if not told.exists():
        raise BenchError(f"py-spy saw nothing: {log.read_text()[-500:]}")
    return summed(subject, told.read_text().splitlines())


def summed(subject: str, lines: Sequence[str]) -> Profile:
    """Of folded stacks: `a (file:1);b (file:2) 17`; neither threads without Python, of which nobody knows
    whether they wait, nor those that wait for work count."""
    itself: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [_named(frame) for frame in stack.split(";")]
        if not frames[-1] or frames[-1].startswith(WAITING):
            continue
        itself[IMPORTED if IMPORTS in frames else frames[-1]] += int(count)
        for frame in set(frames):
            below[frame] += int(count)
    total = itself.total()
    if not total:
        raise BenchError(f"{subject}: no samples")

    def shares(counted: Counter[str]) -> dict[str, float]:
        return {name: round(count / total, 4) for name, count in counted.most_common(TOP)}

    return Profile(subject=subject, samples=total, itself=shares(itself), below=shares(below))


def _named(frame: str) -> str:
    """Without the line, and with a path that is the same on every machine."""
    name, _, place = frame.rpartition(" (")
    file = place.rstrip(")").partition(":")[0]
    for root in (
        f"{ROOT}/",
        "site-packages/",
        f"python{sys.version_info[0]}.{sys.version_info[1]}/",
    ):
        file = file.rpartition(root)[2]
    return f"{name} ({file})" if name else frame


def rendered(result: Result) -> str:
    machine = result.machine
    short = (
        f"; a short run, {SMOKE_SECONDS} s at {SMOKE_LISTINGS} listings" if result.smoke else ""
    )
    parts = [
        f"{result.made_at}, commit {result.commit}; py-spy, {RATE} samples a second, perf {linux.RATE}, Caddy's own {golang.RATE}; {machine.cpu}{short}."
    ]
    for profile in result.profiles:
        head = f"**{profile.subject}** ({profile.samples:,} samples)"
        parts.append(f"{head}\n\n{_shares('Function', 'Samples on top', profile.itself)}")
        if profile.libraries:
            parts.append(_shares("Library, by perf", "CPU time", profile.libraries))
        if profile.calls:
            known = [what for what in CALLS if what in profile.calls]  # an older result has others
            shares = [[what, _share(profile.calls[what])] for what in known]
            parts.append(table(("Of which, with all that it calls", "Samples"), shares))
    return "\n\n".join(parts)


def _shares(what: str, share: str, found: Mapping[str, float]) -> str:
    return table((what, share), [[f"`{name}`", f"{part:.1%}"] for name, part in found.items()])


def _share(found: float | None) -> str:
    return "–" if found is None else f"{found:.1%}"


def load_result(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)


BENCH = cli.Bench(
    "bench.profile",
    __doc__,
    "profile",
    ROOT / "bench" / "README.md",
    run,
    lambda result, page: cli.into(page, "profile", rendered(load_result(result))),
)

if __name__ == "__main__":
    sys.exit(cli.main(BENCH))
