"""Restart everything after a change of release or settings, so that visitors notice nothing.

Edges one after the other: the next one goes only when the one before is ready and serves no older
generation than any did. One that does not come back stops the round: the others still serve.
Then sync, which no visitor meets; and Caddy looks whether its configuration has changed.
"""

import argparse
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from deploy.install.release import judge
from deploy.preflight.target import settings

READY_S = 60.0
SETTLE_S = 2.5  # two looks of Caddy's health check: it knows that the edge is back
DEATHS = 3  # starts in vain, after which it is given up
LOOK_S = 0.1
EDGES = "rentman-edge@*.service"
HERE, SETTINGS = Path("/"), Path("/etc/rentman-edge/edge.env")


class RollingError(Exception):
    """The round stopped; the message says what still serves and what to do."""


class DownError(RollingError):
    """An edge did not come up, so the release that it was started from is none to go back to."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="rentman-edge restart", description=__doc__)
    parser.add_argument("--edges-only", action="store_true", help="leave sync and Caddy alone")
    given = parser.parse_args(arguments)
    try:
        roll(edges_only=given.edges_only)
    except RollingError as error:
        print(error, file=sys.stderr)
        if isinstance(error, DownError):
            judge(HERE, came_up=False)
        return 1
    judge(HERE, came_up=True)
    return 0


def roll(*, edges_only: bool = False) -> None:
    units = edges()
    if len(units) < 2:  # noqa: PLR2004 - one that serves, one that restarts
        raise RollingError(
            f"{len(units)} edges are running: two at least, or visitors would notice"
        )
    for unit in units:
        served = max(generation(each) for each in units)
        systemctl("restart", unit)
        waited = wait_ready(unit, served)
        print(f"{unit} ready again after {waited:.1f} s", flush=True)
        time.sleep(SETTLE_S)
    if not edges_only:
        systemctl("try-restart", "rentman-sync.service")  # a node may be without
        systemctl("try-reload-or-restart", "rentman-caddy.service")
        print("sync restarted, Caddy told to look at its configuration")


def edges() -> list[str]:
    """Those that run, or try to."""
    words = ("list-units", "--state=active,activating", "--plain", "--no-legend", EDGES)
    found = [line.split()[0] for line in systemctl(*words).splitlines() if line.strip()]
    return sorted(found, key=generation)  # one that does not serve first: nobody will miss it


def generation(unit: str) -> int:
    """What the edge serves; 0 when it is not ready."""
    port = unit.partition("@")[2].removesuffix(".service")
    try:
        with urllib.request.urlopen(f"http://{host()}:{port}/readyz", timeout=2) as answer:
            return int(json.load(answer)["generation"])
    except (OSError, ValueError, KeyError):
        return 0


def host(file: Path = SETTINGS) -> str:
    """Where edges listen, as URLs write it: on loopback, unless they serve another machine's Caddy."""
    given = settings(file).get("EDGE_HOST", "")
    found = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(given, given)  # noqa: S104
    return f"[{found}]" if ":" in found else found


def wait_ready(unit: str, at_least: int) -> float:
    """Seconds until it served that generation; none when nobody served any."""
    began, before = time.monotonic(), deaths(unit)
    while at_least and generation(unit) < at_least:
        if time.monotonic() - began > READY_S or deaths(unit) - before >= DEATHS:
            raise DownError(
                f"{unit} does not come up; the others go on as they were. "
                f"See `journalctl -u {unit}`; `rentman-edge back` returns to the release before."
            )
        time.sleep(LOOK_S)
    return time.monotonic() - began


def deaths(unit: str) -> int:
    """How often it was started again by itself. systemd does not begin anew when somebody restarts it
    while it waits for its next try."""
    return int(systemctl("show", "--property=NRestarts", "--value", unit))


def systemctl(*words: str) -> str:
    ended = subprocess.run(
        ["systemctl", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RollingError(f"systemctl {' '.join(words)}: {ended.stderr.strip()}")
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main())
