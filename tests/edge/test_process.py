"""`python -m edge` as an operator meets it: settings, ports, signals, a store that dies."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from tests.conftest import ROOT, eventually, free_port, running_valkey
from tests.edge.conftest import PAGES, Edge, published, running_edge

DETAIL = "/api/framer/property/42"
LISTENING = "0A"  # of /proc/net/tcp
LINGER_S = 3.0  # far more than forty answers take, on a busy machine too


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *arguments],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )


def test_help_is_ours_and_exits_0() -> None:
    done = run("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: python -m edge")


def test_an_unknown_option_exits_2() -> None:
    assert run("--processes", "4").returncode == 2


def test_bad_settings_exit_2_and_name_every_fault() -> None:
    done = run(
        EDGE_PORT="0",
        EDGE_REDIS_URL="http://x",
        EDGE_THREADS="many",
        EDGE_POLL_S="nan",
        EDGE_X="1",
    )

    assert done.returncode == 2
    for name in ("EDGE_PORT", "EDGE_REDIS_URL", "EDGE_THREADS", "EDGE_POLL_S", "EDGE_X"):
        assert done.stderr.count(name) == 1


def test_a_bad_store_address_exits_2_without_its_password() -> None:
    done = run(EDGE_REDIS_URL="redis://:hunter2/hunter2@store/0")

    assert done.returncode == 2
    assert "EDGE_REDIS_URL" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_a_host_that_is_not_ours_exits_2(host: str) -> None:
    done = run(EDGE_HOST=host, EDGE_PORT=str(free_port()))

    assert done.returncode == 2
    assert f"python -m edge: {host}:" in done.stderr


def test_a_port_that_another_program_holds_exits_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run(EDGE_PORT=str(port))

    assert done.returncode == 2
    assert f"127.0.0.1:{port}: " in done.stderr
    assert "Address already in use" in done.stderr


def test_two_edges_never_share_a_port_in_silence(shared_edge: Edge) -> None:
    done = run(EDGE_PORT=str(shared_edge.port))

    assert done.returncode == 2
    assert "Address already in use" in done.stderr


def test_sigterm_with_requests_in_flight_loses_none(tmp_path: Path) -> None:
    """Forty requests are half sent when the signal comes."""
    request = f"GET {DETAIL} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
    with running_valkey(tmp_path) as url:
        published(url)
        with running_edge(tmp_path, url, EDGE_LINGER_S=str(LINGER_S)) as edge:
            eventually(edge.generation)
            edge.http.close()  # an idle connection would be waited for
            open_ = [socket.create_connection(("127.0.0.1", edge.port), 5) for _ in range(40)]
            for connection in open_:
                connection.sendall(request[:20])
            eventually(lambda: _unaccepted(edge.port) == 0)
            edge.process.send_signal(signal.SIGTERM)
            asked = time.monotonic()
            time.sleep(0.1)
            answers = [_finish(connection, request[20:]) for connection in open_]

            assert edge.process.wait(LINGER_S + 1) == 0
            assert time.monotonic() - asked < LINGER_S - 1  # it ends when they do
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert all(answer.endswith(PAGES[DETAIL].body) for answer in answers)


def _unaccepted(port: int) -> int:
    """Connections that wait for a process to take them (proc_pid_net(5), ss(8))."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, *_ = line.split()
        if state == LISTENING and int(local.partition(":")[2], 16) == port:
            return int(queues.partition(":")[2], 16)
    raise AssertionError


def _finish(connection: socket.socket, rest: bytes) -> bytes:
    with connection:
        connection.sendall(rest)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_connection_does_not_hold_the_process(tmp_path: Path, number: int) -> None:
    settings = {"EDGE_LINGER_S": "0.3"}
    with running_edge(tmp_path, "unix:///nowhere.sock", **settings) as edge:
        assert edge.http.get("/livez").is_success  # and the connection is kept alive

        edge.process.send_signal(number)

        assert edge.process.wait(1.3) == 0


def test_without_a_store_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    with running_edge(tmp_path, "unix:///nowhere.sock") as edge:
        assert edge.http.get("/livez").status_code == 200
        assert edge.http.get("/readyz").status_code == 503
        assert edge.http.get(DETAIL).headers["retry-after"] == "2"


def test_killing_the_store_stops_no_answer_and_its_return_is_noticed(tmp_path: Path) -> None:
    with contextlib.ExitStack() as first:
        url = first.enter_context(running_valkey(tmp_path))
        published(url)
        with running_edge(tmp_path, url) as edge:
            eventually(edge.generation)
            path = url.removeprefix("unix://").split("?", maxsplit=1)[0]
            with redis.Redis(unix_socket_path=path) as client:
                pid = int(client.info("server")["process_id"])
            with asking(edge) as statuses:
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.5)
            assert set(statuses) == {200}
            first.close()
            with running_valkey(tmp_path):
                published(url, 2, after=0)
                assert eventually(lambda: edge.generation() == 2, within_s=6)


@contextlib.contextmanager
def asking(edge: Edge) -> Iterator[list[int]]:
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=edge.url, trust_env=False) as http:
            while not over.wait(0.002):
                statuses.append(http.get(DETAIL).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    yield statuses
    over.set()
    thread.join(5)


def test_a_restart_on_an_inherited_socket_loses_no_connection(tmp_path: Path) -> None:
    """As systemd does it: the socket outlives the process, and requests wait in its queue."""
    with socket.create_server(("127.0.0.1", 0)) as held, running_valkey(tmp_path) as url:
        published(url)
        request = f"GET {DETAIL} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
        with inherited(tmp_path, url, held) as first:
            assert _asked(held, request).endswith(PAGES[DETAIL].body)
            first.send_signal(signal.SIGTERM)
            assert first.wait(5) == 0

        waiting = socket.create_connection(held.getsockname(), 10)
        with inherited(tmp_path, url, held):
            assert _finish(waiting, request).endswith(PAGES[DETAIL].body)


@contextlib.contextmanager
def inherited(directory: Path, url: str, held: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    """An edge whose listening socket is descriptor 3, said as sd_listen_fds(3) expects it."""
    start = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
        "os.execv(sys.executable, [sys.executable, '-m', 'edge'])"
    )
    environ = os.environ | {
        "LISTEN_FDS": "1",
        "EDGE_REDIS_URL": url,
        "EDGE_TREE_DIR": str(directory / "tree"),
        "EDGE_LINGER_S": "0.2",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", start, str(held.fileno())],
        env=environ,
        cwd=ROOT,
        pass_fds=[held.fileno()],
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _asked(held: socket.socket, request: bytes) -> bytes:
    return _finish(socket.create_connection(held.getsockname(), 10), request)
