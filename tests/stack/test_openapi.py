"""The whole stack, asked by schemathesis what its own document says it answers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.conftest import Demo, certificate

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)
COMMAND = [
    *(sys.executable, "-m", "schemathesis.cli", "run"),
    *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
    *("--max-examples", "8", "--seed", "1", "--no-color", "--workers", "1"),
]


def test_the_site_does_what_its_document_says(healthy: Demo, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--tls-verify", str(certificate(healthy.state)), f"{healthy.url}/openapi.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout
