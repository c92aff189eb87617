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
)
COMMAND = [
    *(sys.executable, "-m", "schemathesis.cli", "run"),
    *("--checks", ",".join(CHECKS), "--phases", "examples,fuzzing"),
    *("--max-examples", "20", "--seed", "1", "--no-color", "--workers", "1"),
]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/docs", "text/html; charset=utf-8"),
        ("/openapi.json", "application/json"),
        ("/sitemap.xml", "application/xml"),
        ("/feed.xml", "application/atom+xml"),
        ("/feed.json", "application/feed+json"),
        ("/api/areas", "application/json"),
        ("/api/redirects", "application/json"),
        ("/api/revision", "application/json"),
        ("/api/properties/search?q=flat", "application/json"),
        ("/api/properties/suggest?q=a", "application/json"),
    ],
)
def test_every_kind_of_address_is_let_through(healthy: Demo, path: str, kind: str) -> None:
    answer = healthy.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_body_that_is_announced_and_broken_hurts_nothing(healthy: Demo) -> None:
    answer = healthy.client.get(
        "/api/properties?page=1", headers={"content-type": "multipart/form-data"}
    )

    assert answer.status_code == 200


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
