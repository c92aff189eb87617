"""The real Caddyfile in front of edges: stock, and as built with cache-handler."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.edgebench.load import fetch
from bench.edgebench.peers import CADDY
from bench.edgebench.processes import HOST, ROOT, free_port, running, until
from bench.front.servers import collector

SNIPPETS = ROOT / "deploy" / "caddy" / "cache"


@dataclass(frozen=True, slots=True)
class Front:
    port: int
    pid: int
    log: Path


@contextlib.contextmanager
def front(
    folder: Path,
    edges: Sequence[int],
    tree: Path,
    *,
    caddy: Path = CADDY,
    snippets: Sequence[Path] = (),
    written: str = "",
) -> Iterator[Front]:
    """`folder` is its own; `written` is one more snippet for the site."""
    extra = folder / "extra"
    extra.mkdir(parents=True)
    for snippet in snippets:
        shutil.copy(snippet, extra)
    (extra / "site-bench.caddy").write_text(written)
    port, log = free_port(), folder / "caddy.log"
    environ = {
        "SITE_ADDRESS": f"http://{HOST}:{port}",
        "CADDY_EDGES": " ".join(f"{HOST}:{edge}" for edge in edges),
        "CADDY_EXTRA": str(extra),
        "CADDY_ADMIN": f"unix/{folder}/caddy.sock",
        "EDGE_TREE_DIR": str(tree),
    } | collector()
    command = [str(caddy), "run", "--config", str(ROOT / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, log, environ) as process:
        until(lambda: fetch(port, "/readyz").status == 200, 30, "Caddy", log)  # noqa: PLR2004
        yield Front(port, process.pid, log)


def built_with_cache() -> Path:
    """Built first, if it has not been."""
    done = subprocess.run(
        [ROOT / "deploy" / "caddy" / "build.sh"], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(done.stdout.strip())
