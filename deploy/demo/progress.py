"""What is running and how far it is, shown while the demo starts and then while it lives."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

TICK_S = 0.5
PLAIN_EVERY = 10  # ticks between lines when the output is not a terminal
WAIT_S = 90.0  # for the site to come up at all


@dataclass(slots=True)
class Seen:
    """The last answer of the health endpoint."""

    up: bool = False
    generation: int = 0
    listings: int = 0
    pictures: int = 0
    named: int = 0
    trouble: str = ""  # how the last pass over the source went, when not well

    def sentence(self) -> str:
        if not self.up:
            return "waiting for the first listings"
        return (
            f"generation {self.generation}: {self.listings} listings, "
            f"{self.pictures} of {self.named} pictures ready{self.trouble}"
        )

    @property
    def complete(self) -> bool:
        return self.up and self.named > 0 and self.pictures >= self.named


def look(url: str, root_certificate: Path) -> Seen:
    """Ask the site itself, through Caddy: what a visitor would see."""
    if not root_certificate.exists():
        return Seen()
    try:
        context = ssl.create_default_context(cafile=str(root_certificate))
        with urllib.request.urlopen(  # noqa: S310 - our own https address
            f"{url}/api/framer/health", timeout=2, context=context
        ) as answer:
            health = json.load(answer)
    except (urllib.error.URLError, HTTPException, OSError, ssl.SSLError, ValueError):
        return Seen()
    counts, outcome = health["counts"], health["source"]["outcome"]
    fine = outcome in ("published", "unchanged", "unknown")
    return Seen(
        up=True,
        generation=health["generation"],
        listings=counts["listings"],
        pictures=counts["pictures"],
        named=counts["pictures_named"],
        trouble="" if fine else f"; Rentman's last list {outcome}, {health['age_s']} s old data",
    )


def root_certificate(state: Path) -> Path:
    return state / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def watch(url: str, state: Path, tick: Callable[[], bool]) -> bool:
    """Show progress until `tick` (which waits) says stop; False when the site never came up."""
    console = Console()
    certificate = root_certificate(state)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4) as live:
            return _follow(url, certificate, tick, lambda seen, _: live.update(_panel(url, seen)))
    return _follow(url, certificate, tick, _liner(console, url))


def _follow(
    url: str, certificate: Path, tick: Callable[[], bool], show: Callable[[Seen, int], None]
) -> bool:
    came_up = False
    for number in _ticks(tick):
        seen = look(url, certificate)
        came_up = came_up or seen.up
        show(seen, number)
        if not came_up and number * TICK_S > WAIT_S:
            return False
    return True


def _ticks(tick: Callable[[], bool]) -> Iterator[int]:
    number = 0
    while tick():
        number += 1
        yield number


def _panel(url: str, seen: Seen) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]Rentman Edge demo", "simulated Rentman → sync → Valkey → edge ×2 → Caddy")
    table.add_row("site", f"[bold green]{url}" if seen.up else "starting …")
    table.add_row("state", seen.sentence())
    table.add_row(
        "", "[dim]the certificate is the demo's own: let the browser pass it · Ctrl-C stops"
    )
    return table


def _liner(console: Console, url: str) -> Callable[[Seen, int], None]:
    """For a pipe or a log: a line when something is news."""
    said: set[str] = set()

    def show(seen: Seen, number: int) -> None:
        if seen.up and "up" not in said:
            said.add("up")
            console.print(f"the site is up: {url}", soft_wrap=True)
        if seen.complete and "complete" not in said:
            said.add("complete")
            console.print(f"everything is ready: {url} ({seen.sentence()})", soft_wrap=True)
        elif not seen.complete and number % PLAIN_EVERY == 0:
            console.print(seen.sentence(), soft_wrap=True)

    return show
