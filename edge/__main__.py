"""`python -m edge`: read the settings, wire the parts, serve until SIGTERM."""

import argparse
import logging
import os
import sys
import time

from edge import images
from edge.message import Reply, Request
from edge.refresh import Follower
from edge.reply import READABLE, reply
from edge.settings import Settings
from edge.tree import Tree
from snapshot import Reader, connect
from snapshot.environment import SettingsError, read

PROG = "python -m edge"


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
        client = connect(settings.redis_url)
    except ValueError:  # whose text may quote a part of the password
        print(f"{PROG}: settings\nEDGE_REDIS_URL: not a Redis address", file=sys.stderr)
        return 2
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level="INFO")
    follower = Follower(Reader(client), settings.poll_s, Tree(settings.tree_dir))
    follower.start_from_tree()
    return _serve(settings, follower)


def _serve(settings: Settings, follower: Follower) -> int:
    from edge import server  # noqa: PLC0415 - Robyn is not needed to print help or refuse settings

    try:
        given = int(os.environ.get("LISTEN_FDS", "0")) * (
            os.environ.get("LISTEN_PID") == str(os.getpid())
        )
        held = server.listen(settings.host, settings.port, given)
    except (OSError, ValueError) as error:
        print(f"{PROG}: {settings.host}:{settings.port}: {error}", file=sys.stderr)
        return 2

    def answer(request: Request) -> Reply:
        if request.path.startswith(images.PREFIX) and request.method in READABLE:
            return images.read(settings.media_dir, request)
        return reply(follower.view, request, time.time(), settings.stale_after_s)

    server.serve(
        answer,
        held,
        threads=settings.threads,
        linger_s=settings.linger_s,
        run=follower.run,
    )
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a connection that actix still holds must not hold the process
