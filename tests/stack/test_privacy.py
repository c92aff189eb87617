"""No field that the contract marks X leaves: every published byte is read, pictures' too."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.stack.conftest import Demo

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
TOKEN = "demo%2Btoken%2F1%3D"


def private(demo: Demo) -> dict[str, list[str]]:
    """What must not be found, by field, from Rentman's own rows."""
    rows = httpx.get(
        f"{demo.upstream.url}/propertyadvertising.php",
        headers={"token": TOKEN, "limit": "500", "page": "1", "noimage": "1"},
    ).json()
    assert rows
    found: dict[str, list[str]] = {"postcode": [], "staff": [], "owner": [], "number": []}
    for row in rows:
        fields = {key.lower(): str(value or "").strip() for key, value in row.items()}
        found["postcode"].append(fields["postcode"])
        found["staff"] += [fields[f"negotiator{part}"] for part in ("name", "email", "mobile")]
        found["owner"].append(fields["thoughts"])
        found["number"].append(f"{fields['number']} {fields['street']}")
    return {name: [value for value in values if len(value) > 4] for name, values in found.items()}


def published(demo: Demo) -> str:
    """Every page that a visitor can reach, as one text."""
    cards = demo.client.get("/api/properties?per_page=100").json()["items"]
    paths = ["/api/framer/featured", "/api/framer/properties?per_page=100", "/api/framer/health"]
    paths += [f"/api/properties/{card['id']}" for card in cards]
    paths += [f"/api/properties/{card['id']}/media" for card in cards]
    return json.dumps([demo.client.get(path).json() for path in paths], ensure_ascii=False)


def test_no_private_value_is_in_any_answer(healthy: Demo) -> None:
    text = published(healthy)
    leaked = {
        name: [value for value in values if value.casefold() in text.casefold()]
        for name, values in private(healthy).items()
    }

    assert leaked == {"postcode": [], "staff": [], "owner": [], "number": []}
    assert "CANARY" not in text
    assert TOKEN not in text


def test_no_picture_carries_what_the_camera_wrote(healthy: Demo) -> None:
    files = [path for path in (healthy.state / "media").rglob("*") if path.is_file()]
    assert len(files) > 100
    marks = re.compile(rb"CANARY|Exif\x00|GPSL|http://ns\.adobe\.com|ICC_PROFILE")

    assert [path.name for path in files if marks.search(path.read_bytes())] == []


def test_no_log_shows_the_token(healthy: Demo) -> None:
    logs = list((healthy.state / "logs").glob("*.log"))
    assert len(logs) >= 6

    assert [log.name for log in logs if spoken(log)] == []


def spoken(log: Path) -> bool:
    text = log.read_text(errors="replace")
    return TOKEN in text or "demo+token/1=" in text
