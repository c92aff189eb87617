"""`deploy/install.sh`: install or upgrade, go back, uninstall; a dry run shows the steps."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.install.plan import Options, back, install, uninstall
from deploy.install.release import linked
from deploy.install.steps import Command, InstallError, Step

SOURCE = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        options = _options(given)
        before = linked(options.root, "current")
        made = _carry_out(_chosen(given, options), options.root, dry=given.dry_run)
        print(f"{made} changes{' to make' if given.dry_run else ''}")
        if options.live and not (given.dry_run or given.uninstall or given.no_start):
            return _started(before, linked(options.root, "current"))
    except InstallError as error:
        print(f"deploy.install: {error}", file=sys.stderr)
        return 1
    return 0


def _chosen(given: argparse.Namespace, options: Options) -> Iterable[Step]:
    if given.uninstall:
        return uninstall(options, purge=given.purge)
    return back(options) if given.back else install(options)


def _carry_out(steps: Iterable[Step], root: Path, *, dry: bool) -> int:
    """The number of changes; commands, which are harmless when repeated, are no changes."""
    count = 0
    for step in steps:
        if step.done(root):
            continue
        count += not isinstance(step, Command)
        print(f"would {step}" if dry else str(step), flush=True)
        if not dry:
            step.do(root)
    return count


def _started(before: str, now: str) -> int:
    """Start everything; when an older release was running, part by part (deploy.rolling)."""
    here = Path("/opt/rentman-edge/current").resolve()
    if before and before != now:
        words = [".venv/bin/python", "-m", "deploy.rolling"]
    else:
        words = ["systemctl", "start", "rentman.target"]
    return subprocess.run(words, cwd=here, check=False).returncode


def _options(given: argparse.Namespace) -> Options:
    root = Path(given.root).resolve()
    if not given.dry_run and root == Path("/") and os.geteuid() != 0:
        raise InstallError("run it as root: it makes accounts and services")
    try:
        token = Path(given.token_file).read_bytes() if given.token_file else b""
    except OSError as error:
        raise InstallError(f"--token-file: {error}") from error
    caddy = Path(given.caddy).resolve() if given.caddy else None
    if caddy and not os.access(caddy, os.X_OK):
        raise InstallError(f"--caddy: {caddy} is no program")
    return Options(SOURCE, root, given.host, given.edges, caddy, token)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deploy/install.sh", description=__doc__)
    add = parser.add_argument
    add("--host", default="localhost", help="the name visitors use; for a first installation")
    add("--edges", type=int, choices=range(2, 17), default=2, metavar="N", help="edges: 2 to 16")
    add("--token-file", default="", help="a file with Rentman's token, to be kept")
    add("--caddy", default="", help="a Caddy built elsewhere, instead of PyPI's")
    add("--root", default="/", help="lay everything out below this directory, and start nothing")
    add("--dry-run", action="store_true", help="show what would be done")
    add("--no-start", action="store_true", help="neither start nor restart anything")
    add("--back", action="store_true", help="go back to the release before")
    add("--uninstall", action="store_true", help="remove all but settings, data and backups")
    add("--purge", action="store_true", help="with --uninstall: remove those, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
