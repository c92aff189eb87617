"""The edge's own answers as files, so that every peer serves the same bytes."""

import gzip
from pathlib import Path

import msgspec

from bench.edgebench.load import fetch
from bench.edgebench.processes import BenchError

FEATURED = "/api/framer/featured"
LIST = "/api/framer/properties"
DETAIL = "/api/framer/property/"
PER_PAGE = 100
SHOWN = 20  # details that every peer serves


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One captured answer; its bodies are `tree/PATH` and `tree/PATH.gz`."""

    path: str
    headers: dict[str, str]
    etag: str
    etag_gzip: str


def cards(port: int, most: int = 10**9) -> list[str]:
    """The references of all homes, as the list tells them, up to `most`."""
    found: dict[str, None] = {}
    page = 1
    while len(found) < most:
        told = fetch(port, f"{LIST}?per_page={PER_PAGE}&page={page}")
        document = msgspec.json.decode(told.body)
        found |= dict.fromkeys(card["id"] for card in document["items"])
        if not document["has_more"]:
            break
        page += 1
    return list(found)[:most]


def capture(port: int, folder: Path) -> list[Page]:
    """Write what the edge answers for the fixed paths, and `index.json` beside it."""
    paths = [FEATURED, *(DETAIL + card for card in cards(port, SHOWN))]
    pages = [_captured(port, path, folder / "tree") for path in paths]
    (folder / "index.json").write_bytes(msgspec.json.encode(pages))
    return pages


def _captured(port: int, path: str, tree: Path) -> Page:
    plain = fetch(port, path)
    packed = fetch(port, path, {"accept-encoding": "gzip"})
    if (
        packed.headers.get("content-encoding") != "gzip"
        or gzip.decompress(packed.body) != plain.body
    ):
        raise BenchError(f"{path}: the gzip answer is not the same document")
    file = tree / path[1:]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(plain.body)
    file.with_name(f"{file.name}.gz").write_bytes(packed.body)
    kept = (
        "content-type",
        "cache-control",
        "vary",
        "access-control-allow-origin",
        "last-modified",
    )
    headers = {name: plain.headers[name] for name in kept}
    return Page(
        path=path,
        headers=headers,
        etag=plain.headers["etag"],
        etag_gzip=packed.headers["etag"],
    )
