"""No field that the contract marks X leaves: every published byte is read, pictures' too."""

import contextlib
import gzip
import json
import re
import zlib
from pathlib import Path

import brotli
import httpx
import msgspec
import pytest
import zstandard

from snapshot import Reader, connect, decode_entry, decode_rows
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


UNPACK = {
    "br": brotli.decompress,
    "zstd": zstandard.ZstdDecompressor().decompress,
    "gzip": gzip.decompress,
}


async def stored(url: str) -> dict[str, str]:
    """All that the store keeps of every retained generation, in every encoding."""
    client = connect(url)
    reader = Reader(client)
    found = {"source": (await reader.source()).decode()}
    for pointer in await reader.history():
        manifest = await reader.manifest(pointer.manifest)
        found[pointer.manifest] = repr(manifest)
        for name, data in (await reader.objects(manifest.digests())).items():
            if name == manifest.artefacts["index"]:
                found[name] = repr(msgspec.msgpack.decode(data))
                continue
            if name in manifest.artefacts.values():
                found[name] = "".join(
                    f"{row!r}{row.card.decode()}" for row in decode_rows(data, name)
                )
                continue
            entry = decode_entry(data, name)
            found[name] = entry.body.decode() + repr(entry.surrogate_keys)
            for code, unpack in UNPACK.items():
                if packed := getattr(entry, code):
                    assert unpack(packed) == entry.body
    await client.aclose()
    return found


def spellings(values: dict[str, list[str]]) -> list[str]:
    """Lower case; numbers also as they stand in addresses of pages and after their street."""
    found = [value.casefold() for group in values.values() for value in group]
    return [*found, *(value.replace(" ", "-") for value in found), "canary"]


def leaks(bodies: dict[str, str], words: list[str]) -> set[tuple[str, str]]:
    texts = {name: text.casefold() for name, text in bodies.items()}
    return {
        (name, word)
        for name, text in texts.items()
        for word in words
        if word in text and re.search(rf"(?<![0-9a-z]){re.escape(word)}(?![0-9a-z])", text)
    }


async def test_nothing_private_is_in_the_store(healthy: Demo) -> None:
    bodies = await stored(healthy.parts()["sync"].environ["SYNC_REDIS_URL"])
    words = spellings(private(healthy))

    assert len(bodies) > 20
    assert leaks(bodies, words) == set()
    planted = dict.fromkeys(bodies, f"x {words[0]} y")
    assert len(leaks(planted, words)) >= len(bodies)


def test_no_header_tells(healthy: Demo) -> None:
    paths = ("/api/properties", "/api/framer/featured", "/api/framer/health")
    heads = {path: str(healthy.client.get(path).headers.raw) for path in paths}

    assert leaks(heads, spellings(private(healthy))) == set()


def unpacked(data: bytes) -> bytes:
    """A file with the streams of a PDF in the clear."""
    clear = [data]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        with contextlib.suppress(zlib.error):
            clear.append(zlib.decompress(found[1]))
    return b"\n".join(clear)


def test_the_walk_reads_a_pdf() -> None:
    packed = zlib.compress(b"CANARY")
    assert b"CANARY" in unpacked(b"%PDF-1.4\nstream\n" + packed + b"\nendstream")


def test_no_picture_carries_what_the_camera_wrote(healthy: Demo) -> None:
    files = [path for path in (healthy.state / "media").rglob("*") if path.is_file()]
    assert len(files) > 100
    marks = re.compile(rb"CANARY|Exif\x00|GPSL|http://ns\.adobe\.com|ICC_PROFILE")

    assert [path.name for path in files if marks.search(unpacked(path.read_bytes()))] == []


def test_no_log_shows_the_token(healthy: Demo) -> None:
    logs = list((healthy.state / "logs").glob("*.log"))
    assert len(logs) >= 6

    assert [log.name for log in logs if spoken(log)] == []


def spoken(log: Path) -> bool:
    text = log.read_text(errors="replace")
    return TOKEN in text or "demo+token/1=" in text
