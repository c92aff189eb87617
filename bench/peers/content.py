"""The captured answers in memory, for the peers that are Python programs."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Form:
    """One encoding of one answer, ready to send."""

    etag: str
    headers: list[tuple[str, str]]
    body: bytes


def load(folder: Path) -> dict[str, tuple[Form, Form]]:
    """Path to (identity, gzip)."""
    found = {}
    for page in json.loads((folder / "index.json").read_bytes()):
        file = folder / "tree" / page["path"][1:]
        shared = list(page["headers"].items())
        plain = [*shared, ("etag", page["etag"])]
        packed = [*shared, ("etag", page["etag_gzip"]), ("content-encoding", "gzip")]
        found[page["path"]] = (
            Form(page["etag"], plain, file.read_bytes()),
            Form(page["etag_gzip"], packed, file.with_name(f"{file.name}.gz").read_bytes()),
        )
    return found
