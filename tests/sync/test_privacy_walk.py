"""Nothing that the contract keeps private is in any byte of a published snapshot."""

import gzip
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import brotli
import httpx
import msgspec
import pytest
import redis
import zstandard

from snapshot import Reader, connect, decode_entry, decode_rows, keys
from tests.conftest import TOKEN, Upstream
from tests.sync.conftest import Installation

STAFF = ("negotiatorname", "negotiatoremail", "negotiatormobile", "thoughts")


@pytest.fixture
def rows(few: Upstream) -> list[dict[str, Any]]:
    """What the source sends, with everything in it."""
    few.heal()
    answer = httpx.get(
        f"{few.url}/propertyadvertising.php",
        params={"limit": 200, "page": 1},
        headers={"token": TOKEN},
        timeout=30,
    )
    return list(answer.json())


async def published(url: str) -> dict[str, bytes]:
    """Every body in every encoding, every index row, and all else in the store, by where it is."""
    client = connect(url)
    reader = Reader(client)
    pointer = await reader.pointer()
    assert pointer is not None
    manifest = await reader.manifest(pointer.manifest)
    found: dict[str, bytes] = {}
    for name, data in (await reader.objects(manifest.digests())).items():
        if name == manifest.artefacts["index"]:
            found["index"] = repr(msgspec.msgpack.decode(data)).encode()
            continue
        if name in manifest.artefacts.values():
            found |= {
                f"row {row.id}": repr(row).encode() + row.card for row in decode_rows(data, name)
            }
            continue
        entry = decode_entry(data, name)
        found[name] = entry.body + repr(entry.surrogate_keys).encode()
        for code, unpack in UNPACK.items():
            if packed := getattr(entry, code):
                found[f"{name} {code}"] = unpack(packed)
    found["paths"] = "\n".join(manifest.pages).encode()
    found["source"] = await reader.source()
    await client.aclose()
    return found


UNPACK = {
    "br": brotli.decompress,
    "zstd": zstandard.ZstdDecompressor().decompress,
    "gzip": gzip.decompress,
}


def secrets(row: dict[str, Any]) -> Iterator[re.Pattern[str]]:
    """What of this row must not be found anywhere."""
    for name in STAFF:
        if text := str(row.get(name) or "").strip():
            yield re.compile(re.escape(text), re.IGNORECASE)
    outward, inward = str(row["postcode"]).strip()[:-3].strip(), str(row["postcode"]).strip()[-3:]
    yield re.compile(rf"\b{outward}[\s-]*{inward}\b", re.IGNORECASE)
    number, street = str(row["number"]).strip(), re.escape(str(row["street"]).strip())
    for part in {number, *number.split(",")}:
        yield re.compile(rf"\b{re.escape(part.strip())}[\s,]+{street}", re.IGNORECASE)
    yield re.compile(re.escape(str(row["photo1binary"])[100:160]))


async def test_no_canary_is_in_any_published_byte(
    rows: list[dict[str, Any]], few: Upstream, installation: Installation, valkey_url: str
) -> None:
    few.heal()
    few.fault("F13", after=3)  # three pictures are enough
    for row in rows:  # every free text repeats what must not be shown
        place = f"{row['number']} {row['street']}, {row['postcode']}"
        text = f"{place} <b>{row['negotiatoremail']}</b>"
        few.fault("F22", variant="script", value=text, propref=str(row["propref"]))
    code, report = installation.once()
    assert (code, report["outcome"]) == (0, "published")
    bodies = await published(valkey_url)

    assert len(rows) > 5
    assert all(row["photo1binary"] and row["thoughts"] for row in rows)
    patterns = [re.compile(re.escape(text)) for text in (TOKEN, unquote(TOKEN), "CANARY")]
    patterns += [pattern for row in rows for pattern in secrets(row)]
    leaks = {
        (where, found[0])
        for where, body in bodies.items()
        for pattern in patterns
        if (found := pattern.search(body.decode()))
    }
    assert leaks == set()
    names = {name.decode() for name in redis.Redis.from_url(valkey_url).keys("*")}  # type: ignore[union-attr]
    assert names <= {value for key, value in vars(keys).items() if key.isupper()}


async def test_the_walk_would_find_a_leak(rows: list[dict[str, Any]]) -> None:
    row = rows[0]
    text = f"{row['number']} {row['street']} {row['postcode']} {row['thoughts']}"

    assert sum(bool(pattern.search(text)) for pattern in secrets(row)) >= 3
