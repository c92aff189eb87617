"""A server like the edge's, whose lists take a fiftieth of a second to work out, but for those that are ready."""

import asyncio
import sys
import time
from functools import partial

from edge import server
from edge.board import Board
from edge.message import Plan, Reply, Request

LISTS = frozenset({"/list"})


async def nothing() -> None:
    await asyncio.sleep(0)


async def for_ever() -> None:
    await asyncio.Event().wait()


def answer(request: Request) -> Reply:
    return Reply(200, {"content-type": "text/plain"}, request.path.encode(), "page")


def main() -> None:
    service = server.Service(
        answer=answer,
        ready=lambda request: answer(request) if "ready" in request.query else None,
        plan=lambda request: Plan(lambda: time.sleep(0.02), partial(answer, request)),
        worked=LISTS,
        tally=Board(1, 3).tallies(0),
        before=nothing,
        run=for_ever,
    )
    held = server.listen("127.0.0.1", int(sys.argv[1]))
    server.serve(service, held, threads=2, linger_s=0.1)


if __name__ == "__main__":
    main()
