"""`python -m bench.served setup | run [--smoke] | render`: pictures as visitors are sent them, ours
beside those of the stack that this replaces, which makes each when somebody first asks."""

import contextlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import cli
from bench.edgebench import capture, fixture, load, peers, processes, results, stages
from bench.edgebench.load import Request, fetch
from bench.edgebench.processes import ROOT, BenchError, cpu_s, free_port, running, until
from bench.edgebench.render import MIB, table
from bench.edgebench.results import Result, Round, Subject
from bench.edgebench.stages import OK, Server
from bench.front import servers
from bench.front.servers import CERTIFICATE, OURS, Site
from bench.pictures import makers, photos
from bench.pictures.makers import WIDTHS

BUN, AHEAD = "bun, hono, sharp", "sync, ahead"
FIRST, AGAIN = "first", "again"
ADDRESS = "/api/framer/images/{name}/{width}.avif"  # what most browsers take
SHOWN = 800
LISTINGS, PHOTOS = 60, 10
FULL = replace(stages.FULL, rounds=8, sizes=(LISTINGS,))
SMOKE = replace(stages.SMOKE, sizes=(LISTINGS,), rounds=1, requests=20)


@dataclass(frozen=True, slots=True)
class Album:
    """The originals as Bun has them, and the addresses of what `sync` has made of them."""

    originals: Path
    paths: tuple[str, ...]


def run(path: Path, smoke: bool, _only: Sequence[str]) -> None:
    effort = SMOKE if smoke else FULL
    result = results.begun(
        {"Load": "TLS 1.3, keep-alive; first: one client, each AVIF once; again: wrk -t1 -c32"},
        smoke=smoke,
    )
    try:
        result.versions = {OURS: servers.version(OURS), BUN: peers.bun_version()}
    except peers.AbsentError as error:
        raise BenchError(f"{error}: `python -m bench.edgebench setup`") from None
    with fixture.alone(), contextlib.ExitStack() as stack:
        site = stack.enter_context(servers.site(LISTINGS))
        album = _album(
            result, site, Path(stack.enter_context(tempfile.TemporaryDirectory())), smoke
        )
        ours = stack.enter_context(servers.ours(site))
        bun = stack.enter_context(_bun(site, album))
        _first(result, album, (ours, bun))
        shown = next(one for one in album.paths if f"/{SHOWN}." in one)
        subject = Subject(name=AGAIN, path=shown, accept_encoding="", status=OK, body_bytes=0)
        result.subjects.append(subject)
        stages.interleaved(result, effort, (ours, bun), subject)
        for server in (ours, bun) if smoke else ():
            load.with_wrk(server.port, stages.request_to(server, subject)[0], 1)
        for server in (ours, bun):
            result.memory_bytes[server.name] = processes.memory_bytes(server.family())
    results.write(result, path)


def _album(result: Result, site: Site, folder: Path, smoke: bool) -> Album:
    """The originals, and what `sync`'s own worker makes of them before anybody asks."""
    paths: list[str] = []
    files = 0
    with makers.ours() as maker:
        before, began = cpu_s([maker.process.pid]), time.perf_counter()
        for photo in (photos.drawn(folder) if smoke else photos.chosen(PHOTOS)).values():
            name = secrets.token_hex(16)
            shutil.copy(photo, folder / f"{name}.jpg")
            (media := site.media / name).mkdir(parents=True)
            maker.make(photo, media)
            files += len([*media.iterdir()])
            made = (width for width in WIDTHS if (media / f"{width}.avif").exists())
            paths += [ADDRESS.format(name=name, width=width) for width in made]
        spent = cpu_s([maker.process.pid]) - before
        took = time.perf_counter() - began
    each_ms = took / files * 1e3
    result.rounds.append(
        Round(
            server=AHEAD,
            subject=FIRST,
            number=1,
            listings=0,
            requests=files,
            seconds=took,
            cpu_s=spent,
            p50_ms=each_ms,
            p99_ms=each_ms,
        )
    )
    return Album(folder, tuple(paths))


def _first(result: Result, album: Album, asked: Sequence[Server]) -> None:
    """Each picture once, of a Bun that has none yet."""
    subject = Subject(name=FIRST, path=album.paths[0], accept_encoding="", status=OK, body_bytes=0)
    result.subjects.append(subject)
    request = Request(album.paths, {}, OK, tls=True)
    for server in asked:
        made = stages.measured(
            server, request, lambda port, one: load.in_turn(port, one, len(one.paths)), FIRST, 1
        )
        result.rounds.append(made)


@contextlib.contextmanager
def _bun(site: Site, album: Album) -> Iterator[Server]:
    """With TLS and nothing made yet."""
    run = site.folder / "bun"
    run.mkdir()
    subprocess.run(CERTIFICATE, cwd=run, check=True, capture_output=True, timeout=30)
    port, log = free_port(), run / "log"
    environ = {
        "PEER_PORT": f"{port}",
        "PEER_REDIS": f"{site.folder}/v.sock",
        "PEER_PICTURES": f"{album.originals}",
        "PEER_MADE": f"{run}/made",
        "PEER_CERTIFICATE": f"{run}/cert.pem",
        "PEER_KEY": f"{run}/key.pem",
        "HOME": f"{run}",
    }
    with running(peers.bun(), log, environ) as process:
        until(lambda: fetch(port, capture.FEATURED, tls=True).status > 0, 30, BUN, log)
        yield Server(BUN, port, (process.pid,), tls=True, same=False)


def rendered(result: Result) -> str:
    machine = result.machine
    parts = [
        f"{result.made_at}, commit {result.commit}; {machine.cores} shared cores of {machine.cpu}.",
        "Versions: "
        + "; ".join(f"{name}: {what}" for name, what in result.versions.items())
        + ".",
    ]
    shown = (
        (FIRST, AHEAD),
        *((subject, server) for subject in (FIRST, AGAIN) for server in (OURS, BUN)),
    )
    rows = [_row(result, subject, server) for subject, server in shown]
    head = ("Picture", "CPU ms each", "A second", "p50 ms", "p99 ms", "Memory MiB")
    return "\n\n".join([*parts, table(head, rows)])


def _row(result: Result, subject: str, server: str) -> tuple[str, ...]:
    found = [one for one in result.rounds if (one.server, one.subject) == (server, subject)]
    _, cpu, rate, p50, p99 = stages.summary(found)
    name = f"{subject}, {server}"
    if server == AHEAD:  # nobody waits for it
        return (name, f"{cpu / 1e3:,.2f}", f"{rate:,.0f}", "–", "–", "–")
    memory = f"{result.memory_bytes[server] / MIB:,.0f}"
    return (name, f"{cpu / 1e3:,.2f}", f"{rate:,.0f}", f"{p50:,.1f}", f"{p99:,.1f}", memory)


BENCH = cli.Bench(
    "bench.served",
    __doc__,
    "served",
    ROOT / "bench" / "pictures.md",
    run,
    lambda result, page: cli.into(page, "served", rendered(results.load(result))),
    peers.install,
)

if __name__ == "__main__":
    sys.exit(cli.main(BENCH))
