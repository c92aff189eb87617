"""A simulated Rentman for tests and demos: `python -m bench.upstream --port 9401`.

This file alone reads the command line and the environment (`UPSTREAM_*`); the flags win.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

os.environ.setdefault("VIPS_CONCURRENCY", "1")  # noqa: TID251 - libvips reads it when it is loaded

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from bench.rentman import diary, feed, scenario
from bench.rentman.admin import Desk
from bench.rentman.faults import BadFaultError
from bench.rentman.life import Market
from bench.rentman.manner import Manner
from bench.rentman.service import Service
from bench.rentman.studio import Studio

HOST = "127.0.0.1"
DRAIN = 2.0  # seconds that a stop waits for calls in flight


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    options = parser(environ).parse_args(argv)
    try:
        moments = scenario.load(options.scenario) if options.scenario else ()
    except (OSError, ValueError, BadFaultError) as error:
        print(f"scenario: {error}", file=sys.stderr)
        return 2
    market = Market.open(options.seed, options.listings, options.today)
    with _folder(options.state) as folder:
        if options.xml:
            return push(market, options.xml, options.draw)
        if options.draw:
            return predraw(market, Studio(folder), options.draw)
        if not vacant(options.port):
            print(f"port {options.port} is taken", file=sys.stderr)
            return 1
        if options.diary:
            diary.keep(market, options.diary, options.listings)
        service = Service(market, Studio(folder), _manner(options))
        return asyncio.run(serve(service, options.port, options.life, moments))


def _manner(options: argparse.Namespace) -> Manner:
    return Manner(
        token=options.token,
        token_form=options.token_form,
        refusal=options.refusal,
        list_latency=options.list_latency,
        media_latency=options.media_latency,
    )


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    """Where pictures are kept; one that nobody named goes away at the end."""
    if chosen:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="upstream-") as name:
        yield Path(name)


def predraw(market: Market, studio: Studio, count: int) -> int:
    items = list(market.media.values())[:count]
    studio.make_all(items)
    print(f"drew {studio.drawn} of {len(items)} files, the others were there", flush=True)
    return 0


def push(market: Market, folder: Path, count: int) -> int:
    """As the desktop program uploads: media first, then the document that names them."""
    Studio(folder).make_all(list(market.media.values())[:count])
    path = feed.write(folder, market.seed, market.listings.values())
    print(f"wrote {len(market.listings)} listings to {path}", flush=True)
    return 0


def vacant(port: int) -> bool:
    """Granian shares a port with whoever listens there; a simulator must have it alone."""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return True
    return False


def parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    flags = argparse.ArgumentParser("python -m bench.upstream", description="A simulated Rentman.")

    def flag(name: str, kind: object, default: object, text: str, **more: object) -> None:
        value = environ.get(f"UPSTREAM_{name.upper().replace('-', '_')}", default)
        flags.add_argument(f"--{name}", type=kind, default=value, help=text, **more)  # type: ignore[arg-type]

    flag("port", int, 9401, "loopback port")
    flag("seed", int, 7, "same seed, same portfolio")
    flag("listings", int, 60, "how many listings")
    flag("today", date.fromisoformat, date.today().isoformat(), "move-in dates follow it")  # noqa: DTZ011
    flag("token", str, Manner().token, "as issued, percent-encoded")
    flag("token-form", str, "any", "which form is taken", choices=FORMS)
    flag("refusal", str, "401", "answer to a wrong token", choices=("401", "403", "login"))
    flag("life", float, 0.0, "seconds between events; 0 stands still")
    flag("list-latency", float, 0.0, "seconds before a list answer")
    flag("media-latency", float, 0.0, "seconds before a media answer")
    flag("state", Path, None, "folder that keeps drawn pictures")
    flag("diary", Path, None, "file that remembers events over a restart")
    flag("scenario", Path, None, "JSON file: a timeline of faults and events")
    flag("xml", Path, None, "write the portfolio as XML v2.4 into this folder and leave")
    flag("draw", int, 0, "draw this many media files and leave")
    return flags


FORMS = ("any", "header-raw", "header-decoded", "query")


async def serve(
    service: Service, port: int, life: float, moments: tuple[scenario.Moment, ...]
) -> int:
    """Answer until told to stop; 1 if the port could not be had or the server died."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = _server(service, port)
    serving = asyncio.create_task(server.serve())
    others = [asyncio.create_task(scenario.play(service, moments))]
    if life > 0:
        others.append(asyncio.create_task(scenario.live(service, life)))
    await _reachable(port, serving)
    homes = len(service.market.listings)
    print(f"upstream ready on http://{HOST}:{port} with {homes} listings", flush=True)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    died = serving.done()
    server.stop()  # type: ignore[no-untyped-call]
    for task in others:
        task.cancel()
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(serving), DRAIN)
    return int(died)


def _server(service: Service, port: int) -> Server:
    return Server(
        service.app(Desk(service).routes()),
        address=HOST,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=1024,
        backpressure=4096,
        log_level=LogLevels.error,
    )


async def _reachable(port: int, serving: "asyncio.Task[None]") -> None:
    """The ready line must be true when it is read."""
    while not serving.done():
        with suppress(OSError):
            _reader, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return
        await asyncio.sleep(0.02)
    serving.result()


if __name__ == "__main__":
    status = main(sys.argv[1:], os.environ)  # noqa: TID251 - settings are read here and nowhere else
    sys.stdout.flush()
    os._exit(status)  # a caller that still hangs must not hold the process
