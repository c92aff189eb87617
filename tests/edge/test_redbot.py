"""An outside judge: REDbot asks each kind of resource and calls nothing bad."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import redis.asyncio

from tests.conftest import eventually
from tests.edge.conftest import running_edge
from tests.snapshot.made import entry, publish, row

BODY = json.dumps({"id": "42", "text": "a home " * 300}).encode()
PAGE = entry(BODY, gzip=gzip.compress(BODY), cache_control="public, max-age=30")
PATHS = ["/api/a", "/api/properties", "/api/properties?beds_min=1", "/readyz", "/livez", "/no"]
PICTURE = f"/api/framer/images/{'0' * 32}/400.jpg"


def verdicts(url: str) -> dict[str, str]:
    """Note to level."""
    command = [str(Path(sys.executable).with_name("redbot")), "-o", "har", url]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    found: dict[str, str] = {}
    for item in json.loads(done.stdout)["log"]["entries"]:
        for note in item.get("_red_messages", []):
            found[f"{note['note_id']}: {note['summary']}"] = note["level"]
    return found


@pytest.mark.parametrize("path", [*PATHS, PICTURE])
async def test_redbot_calls_nothing_bad(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path, path: str
) -> None:
    await publish(store, 1, {"/api/a": PAGE}, [row()])
    picture = tmp_path / ("0" * 32) / "400.jpg"
    picture.parent.mkdir()
    picture.write_bytes(b"\xff\xd8\xff" + bytes(5000))
    with running_edge(tmp_path, valkey_url) as edge:
        eventually(edge.generation)
        found = verdicts(edge.url + path)

    assert found
    assert {note for note, level in found.items() if level == "BAD"} == set()


async def test_redbot_sees_compression_and_both_kinds_of_validation(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    await publish(store, 1, {"/api/a": PAGE}, [row()])
    with running_edge(tmp_path, valkey_url) as edge:
        eventually(edge.generation)
        notes = {note.partition(":")[0] for note in verdicts(edge.url + "/api/a")}

    assert {"CONNEG_GZIP_GOOD", "INM_304", "IMS_304"} <= notes
