"""`python -m edge`: read the settings, wire the parts, serve until SIGTERM."""

import argparse
import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from functools import partial

from edge import images, metrics, quota
from edge.board import Board
from edge.message import Plan, Reply, Request, too_many_requests
from edge.processes import supervise
from edge.query.routes import WORKED
from edge.refresh import Follower
from edge.reply import READABLE, pending, ready, reply
from edge.settings import Settings
from edge.tree import Tree
from snapshot import Reader, connect
from snapshot.environment import SettingsError, read

PROG = "python -m edge"
STOP_MARGIN_S = 3.0  # beyond the time to drain, before a process is killed
NOTE_S = 0.5  # between two notes of a process's gauges
TURN_S = 0.0005  # what a look-up waits at most for each turn of a thread that works something out


def main() -> int:
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="Serve the published snapshot from memory.",
        epilog="Settings are EDGE_* variables; see README.md.",
    )
    parser.parse_args()
    try:
        settings = read(Settings, "EDGE_", os.environ)
    except SettingsError as error:
        print(f"{PROG}: settings\n{error}", file=sys.stderr)
        return 2
    try:
        connect(settings.redis_url)
    except ValueError:  # whose text may quote a part of the password
        print(f"{PROG}: settings\nEDGE_REDIS_URL: not a Redis address", file=sys.stderr)
        return 2
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level="INFO")
    return _serve(settings)


def _serve(settings: Settings) -> int:
    from edge import server  # noqa: PLC0415 - Robyn is not needed to print help or refuse settings

    try:
        given = int(os.environ.get("LISTEN_FDS", "0")) * (
            os.environ.get("LISTEN_PID") == str(os.getpid())
        )
        held = server.listen(settings.host, settings.port, given)
    except (OSError, ValueError) as error:
        print(f"{PROG}: {settings.host}:{settings.port}: {error}", file=sys.stderr)
        return 2
    board = Board(settings.processes, settings.threads + 1)  # and the thread of the loop

    def one(process: int) -> int:
        board.started(process, os.getpid())
        sys.setswitchinterval(TURN_S)
        follower = Follower(
            Reader(connect(settings.redis_url)), settings.poll_s, Tree(settings.tree_dir)
        )
        follower.start_from_tree()
        service = server.Service(
            answer=_answerer(settings, follower, board),
            ready=_ready(settings, follower),
            plan=_planner(settings, follower),
            worked=WORKED,
            tally=board.tallies(process),
            before=follower.first_look,
            run=lambda: _follow(follower, board, process),
        )
        server.serve(service, held, threads=settings.threads, linger_s=settings.linger_s)
        return 0

    return supervise(settings.processes, one, board.silent_s, settings.linger_s + STOP_MARGIN_S)


def _answerer(settings: Settings, follower: Follower, board: Board) -> Callable[[Request], Reply]:
    def answer(request: Request) -> Reply:
        if request.path.startswith(images.PREFIX) and request.method in READABLE:
            return images.read(settings.media_dir, request)
        if request.path == metrics.PATH and request.method in READABLE:
            return metrics.reply(board)
        return reply(follower.view, request, time.time(), settings.stale_after_s)

    return answer


def _ready(settings: Settings, follower: Follower) -> Callable[[Request], Reply | None]:
    return lambda request: ready(follower.view, request, time.time(), settings.stale_after_s)


def _planner(settings: Settings, follower: Follower) -> Callable[[Request], Plan]:
    limit = quota.Quota(settings.visitor_queries_per_s)

    def plan(request: Request) -> Plan:
        view = follower.view  # one for both, whatever comes in between
        work = pending(view, request)
        if work is not None:
            visitor = quota.of(request.header("x-real-ip"))  # Caddy's word, never a visitor's
            if wait_s := limit.wait_s(visitor, time.monotonic()):
                return Plan(None, partial(too_many_requests, wait_s))
        return Plan(work, partial(reply, view, request, time.time(), settings.stale_after_s))

    return plan


async def _follow(follower: Follower, board: Board, process: int) -> None:
    """Follow, and keep the board's word on this process up to date."""

    async def note() -> None:
        while True:
            board.note(process, follower.gauges())
            await asyncio.sleep(NOTE_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(follower.run())
        group.create_task(note())


if __name__ == "__main__":
    sys.exit(main())
