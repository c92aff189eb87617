"""`make demo` as a command: one at a time, polite about ports, gone after Ctrl-C."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, children, eventually, free_port, running
from tests.stack.conftest import Demo, demo_environ, interrupt

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
COMMAND = [sys.executable, "-m", "deploy.demo"]


def test_a_second_demo_with_the_same_state_is_refused_and_told_where_the_first_is(
    demo: Demo,
) -> None:
    second = subprocess.run(
        COMMAND,
        env={"PATH": "", **demo_environ(demo.state, free_port())},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert second.returncode == 1
    assert demo.url in second.stderr


def test_a_busy_port_is_said_and_ctrl_c_stops_everything(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        log = tmp_path / "log"
        environ = demo_environ(tmp_path / "state", port)
        with running(COMMAND, environ, log=log) as process:
            eventually(lambda: f"port {port} is taken; using {port + 1}" in log.read_text())
            eventually(lambda: len(family(process.pid)) >= 7)
            everyone = family(process.pid)
            interrupt(process.pid)
            assert process.wait(30) == 0

    assert [pid for pid in everyone if Path(f"/proc/{pid}").exists()] == []


def test_a_state_directory_may_have_a_space_in_its_name(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environ = demo_environ(tmp_path / "a state", free_port())
    with running(COMMAND, environ, log=log) as process:
        eventually(lambda: "the site is up" in log.read_text(), 60)
        interrupt(process.pid)
        assert process.wait(30) == 0


def family(pid: int) -> list[int]:
    found = []
    for child in children(pid):
        found += [child, *family(child)]
    return found


def test_help_is_a_sentence_and_nonsense_is_refused() -> None:
    asked = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, check=False)
    wrong = subprocess.run([*COMMAND, "--nonsense"], cwd=ROOT, capture_output=True, check=False)

    assert (asked.returncode, wrong.returncode) == (0, 2)
