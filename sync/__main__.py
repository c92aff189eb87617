"""`python -m sync`: keep the snapshot of the agency's listings published."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import stamina.instrumentation

from snapshot import SnapshotError
from snapshot.environment import SettingsError, read
from sync import commands
from sync.errors import SyncError, UnusableSettingError
from sync.lint import lint
from sync.settings import Settings

PROG = "python -m sync"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = read(Settings, "SYNC_", os.environ)
    except SettingsError as error:
        print(f"{PROG}: settings\n{error}", file=sys.stderr)
        return commands.USAGE
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        level="INFO" if options.command == "run" else "WARNING",
    )
    logging.getLogger("alembic").setLevel("WARNING")
    stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.LoggingOnRetryHook])
    try:
        return asyncio.run(_work(options, settings))
    except UnusableSettingError as error:
        print(f"{PROG}: settings\n{error}", file=sys.stderr)
        return commands.USAGE
    except (SyncError, SnapshotError) as error:
        print(f"{PROG}: {type(error).__name__}: {error}", file=sys.stderr)
        return commands.FAILED
    except KeyboardInterrupt:
        return 130


def _work(options: argparse.Namespace, settings: Settings) -> Coroutine[Any, Any, int]:
    match options.command:
        case "once":
            return commands.once(settings, as_json=options.json)
        case "status":
            return commands.status(settings, as_json=options.json)
        case "lint":
            return lint(settings, as_json=options.json)
        case "rollback":
            return commands.rollback(settings, options.generation)
        case name:
            return _PLAIN[name](settings)


_PLAIN: dict[str, Callable[[Settings], Coroutine[Any, Any, int]]] = {
    "run": commands.run,
    "verify": commands.verify,
    "confirm": commands.confirm,
    "unpin": commands.unpin,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="Keep the snapshot of the agency's listings published.",
        epilog="Settings are SYNC_* variables; see README.md. Exit codes: 0 published or "
        "unchanged, 1 failed, 2 usage or settings, 3 held, 4 upstream failed.",
    )
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    once = add("once", help="one whole pass: the list, then every picture that is wanted")
    once.add_argument("--json", action="store_true", help="a one-line report in JSON")
    add("run", help="the daemon: refresh on the interval until SIGTERM")
    status = add("status", help="what is published, and how the last passes went")
    status.add_argument("--json", action="store_true", help="in JSON")
    linting = add("lint", help="what each advert lacks, or says that it should not")
    linting.add_argument("--json", action="store_true", help="in JSON")
    add("verify", help="read back everything that is published")
    rollback = add("rollback", help="publish what an older generation showed, and hold it")
    rollback.add_argument("generation", type=int)
    add("confirm", help="let the list that is held now in, with the next pass")
    add("unpin", help="end the hold of a rollback")
    return parser


if __name__ == "__main__":
    sys.exit(main())
