"""A directory that the installer has laid out, and one server for all drills."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.server import QUICK, Server, served
from tests.sync.conftest import few, postgres  # noqa: F401 - fixtures


def installed(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Laid out below `root`, without bytecode: that takes most of the time."""
    return subprocess.run(
        ["deploy/install.sh", "--root", str(root), *words],
        env=os.environ | QUICK,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    (root / "etc").mkdir()
    made = installed(root, "--host", "homes.example")
    assert made.returncode == 0, made.stdout + made.stderr
    return root


@pytest.fixture(scope="session")
def server(laid_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each drill leaves it as it found it. It has no way out: what it installs is cached by now."""
    assert laid_out.exists()
    with served(tmp_path_factory.mktemp("machine")) as made:
        yield made
