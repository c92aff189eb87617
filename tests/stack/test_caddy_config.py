"""The Caddyfile as text: it loads on both builds, is what the golden file says, and agrees with the code.

`GOLDEN=1 pytest tests/stack/test_caddy_config.py` writes the golden file anew.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.layout import POLICY as TREE_POLICY
from edge.query import usual
from edge.query.reading import TRACKING
from edge.query.routes import LIST_POLICY
from sync.render.site import PAGE_POLICY
from tests.conftest import ROOT
from tests.stack.front import CACHE, STOCK, built_with_cache

CADDYFILE = ROOT / "Caddyfile"
DOCUMENT = (ROOT / "docs" / "caddy.md").read_text().replace("\\|", "|")
GOLDEN = ROOT / "tests" / "golden" / "caddyfile.json"
DEMO = {"DEMO_SITE": "/site", "DEMO_STATE": "/state"}


def asked(caddy: Path, command: str, extra: Path | str, **environ: str) -> str:
    """What `caddy adapt` or `caddy validate` says of the Caddyfile with these snippets."""
    done = subprocess.run(
        [caddy, command, "--config", CADDYFILE, "--adapter", "caddyfile"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/tmp", "CADDY_EXTRA": str(extra), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr if command == "validate" else done.stdout


@pytest.fixture
def with_cache(tmp_path: Path) -> Path:
    for snippet in CACHE.glob("*.caddy"):
        shutil.copy(snippet, tmp_path)
    return tmp_path


def test_it_is_valid_on_a_stock_caddy_with_what_production_has() -> None:
    assert "Valid configuration" in asked(
        STOCK, "validate", "deploy/caddy.d", CADDY_ADMIN="off", CADDY_METRICS_PORT="0"
    )


def test_it_is_valid_with_the_demos_snippets(tmp_path: Path) -> None:
    environ = {"DEMO_SITE": str(tmp_path), "DEMO_STATE": str(tmp_path), "CADDY_ADMIN": "off"}

    assert "Valid configuration" in asked(STOCK, "validate", "deploy/demo/caddy", **environ)


@pytest.mark.timeout(600)
def test_it_is_valid_on_a_caddy_with_the_cache_used_and_unused(with_cache: Path) -> None:
    caddy = built_with_cache()

    for extra in (with_cache, ROOT / "deploy" / "caddy.d"):
        assert "Valid configuration" in asked(
            caddy, "validate", extra, CADDY_ADMIN="off", CADDY_METRICS_PORT="0"
        )


def test_its_form_is_the_formatters() -> None:
    files = [CADDYFILE, *(ROOT / "deploy").rglob("*.caddy")]
    for file in files:
        done = subprocess.run([STOCK, "fmt", file], capture_output=True, text=True, check=False)
        assert done.stdout == file.read_text(), file


def adapted(extra: str = "deploy/caddy.d", **environ: str) -> Any:
    return json.loads(asked(STOCK, "adapt", extra, **environ))


def test_what_it_means_to_caddy_is_what_the_golden_file_says() -> None:
    found = json.dumps(adapted(), indent=1, ensure_ascii=False) + "\n"
    found = found.replace(f"{ROOT}/", "")  # Caddy hides its own file, by its whole name
    if os.environ.get("GOLDEN"):
        GOLDEN.write_text(found)

    assert found == GOLDEN.read_text()


def values(node: Any, key: str) -> Iterator[Any]:
    """Everything below `node` that stands under `key`."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from values(value, key)
    elif isinstance(node, list):
        for one in node:
            yield from values(one, key)


def test_the_admin_interface_and_the_metrics_are_for_this_machine_alone() -> None:
    config = adapted()

    assert config["admin"]["listen"] == "unix//run/caddy/admin.sock"
    servers = config["apps"]["http"]["servers"].values()
    listening = {
        tuple(server["listen"]): json.dumps(server).count('"handler": "metrics"')
        for server in servers
    }
    assert listening == {(":443",): 0, ("127.0.0.1:2020",): 1}


def test_the_demo_has_its_own_authority_and_production_asks_for_real_certificates() -> None:
    demo = adapted("deploy/demo/caddy", **DEMO)

    assert list(values(demo, "issuers")) == [[{"module": "internal"}]]
    assert list(values(adapted(SITE_ADDRESS="homes.example"), "issuers")) == []


def test_every_route_is_named_in_the_document() -> None:
    config = adapted()
    paths = {path for found in values(config, "path") if isinstance(found, list) for path in found}
    patterns = {found["pattern"] for found in values(config, "path_regexp")}

    assert len(paths) > 12
    assert len(patterns) == 2
    for route in paths | patterns:
        assert f"`{route}`" in DOCUMENT, route


def test_one_cache_policy_is_meant_wherever_it_is_written() -> None:
    assert {LIST_POLICY, PAGE_POLICY, TREE_POLICY} == {LIST_POLICY}
    policies = re.findall(r'Cache-Control "(public, max-age=30,[^"]*)"', CADDYFILE.read_text())
    assert policies == [LIST_POLICY]


def test_whatever_is_laid_out_for_a_query_is_looked_for() -> None:
    (pattern,) = [
        found["pattern"]
        for variables in values(adapted(), "vars_regexp")
        for found in variables.values()
        if found.get("name") == "usual"
    ]

    for address, _ in usual.questions():
        assert re.fullmatch(pattern, address)


def test_whatever_the_edge_passes_over_caddy_strips_and_more() -> None:
    """By whole patterns where nothing else is asked, by name elsewhere."""
    stripped = {name for found in values(adapted(), "delete") for name in found if "." not in name}
    names = {name for name in stripped if name.islower()}
    assert all(map(TRACKING.match, names))  # what an edge is asked when a file cannot be read
    patterns = [
        found["pattern"]
        for variables in values(adapted(), "vars_regexp")
        for found in variables.values()
        if "utm_[a-z_]+" in found["pattern"]
    ]

    assert {"utm_source", "gclid", "fbclid", "msclkid", "mc_cid", "_ga", "gbraid"} <= names
    (pattern,) = patterns
    for name in names:
        assert re.fullmatch(pattern, f"{name}=1"), name
    examples = ["utm_source", "gclid", "fbclid", "msclkid", "dclid", "gad_source", "mc_eid", "_gl"]
    for name in examples:
        assert TRACKING.match(name)
        assert name in names
