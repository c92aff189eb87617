"""Prometheus's own tool: rules and configuration are valid, and alerts go off when they should."""

import shutil
import subprocess

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.machine
PLACE = ROOT / "deploy" / "monitoring"


@pytest.mark.parametrize(
    "words",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
)
def test_promtool_agrees(words: tuple[str, ...]) -> None:
    tool = shutil.which("promtool")
    assert tool, "deploy/debian.sh drill installs it"
    ran = subprocess.run([tool, *words], cwd=PLACE, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "SUCCESS" in ran.stdout
