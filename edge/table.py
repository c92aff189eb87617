"""One generation as the edge serves it: immutable, built aside, swapped whole.

Answers are shared by every path that names the same entry, and by consecutive tables, so a flip
costs what changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate

from edge.negotiate import tagged
from snapshot import DamagedError, Entry, Manifest, Row, decode_entry, decode_rows

HIT = "edge; hit"  # RFC 9211: nothing is worked out for a visitor
INDEX = "cards"  # the artefact that list queries select from


@dataclass(frozen=True, slots=True)
class Stored:
    """One encoding of an answer, with the headers that never change for it."""

    etag: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    stored: Mapping[str, Stored]  # by content coding


@dataclass(frozen=True, slots=True)
class Table:
    manifest: Manifest
    answers: Mapping[str, Answer]  # by digest
    rows: tuple[Row, ...]
    modified: Mapping[int, str] = field(default_factory=dict)  # unix seconds -> HTTP date

    @property
    def generation(self) -> int:
        return self.manifest.generation


def answer(entry: Entry) -> Answer:
    bodies = {"br": entry.br, "zstd": entry.zstd, "gzip": entry.gzip}
    stored = {name: body for name, body in bodies.items() if body} | {"identity": entry.body}
    return Answer(
        entry.status, {coding: _stored(entry, coding, body) for coding, body in stored.items()}
    )


def _stored(entry: Entry, coding: str, body: bytes) -> Stored:
    etag = tagged(entry.etag, coding)
    headers = {
        "content-type": entry.content_type,
        "cache-control": entry.cache_control,
        "etag": etag,
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "cache-status": HIT,
    }
    if coding != "identity":
        headers["content-encoding"] = coding
    return Stored(etag, headers, body)


def needed(manifest: Manifest, previous: Table | None) -> set[str]:
    """The digests that the next table cannot take over from `previous`."""
    held: set[str] = set()
    if previous is not None:
        held = set(previous.answers)
        if previous.manifest.artefacts.get(INDEX) == manifest.artefacts.get(INDEX):
            held.add(manifest.artefacts.get(INDEX, ""))
    wanted = {page.digest for page in manifest.pages.values()}
    if INDEX in manifest.artefacts:
        wanted.add(manifest.artefacts[INDEX])
    return wanted - held


def build(manifest: Manifest, objects: Mapping[str, bytes], previous: Table | None) -> Table:
    """The table of `manifest`; each object is checked against its digest. Raises `SnapshotError`."""
    held = previous.answers if previous is not None else {}
    answers: dict[str, Answer] = {}
    for page in manifest.pages.values():
        name = page.digest
        if name not in answers:
            answers[name] = held.get(name) or answer(decode_entry(_of(objects, name), name))
    dates = {page.modified for page in manifest.pages.values()} | {manifest.published_at}
    return Table(
        manifest,
        answers,
        _rows(manifest, objects, previous),
        {date: formatdate(date, usegmt=True) for date in dates},
    )


def _rows(
    manifest: Manifest, objects: Mapping[str, bytes], previous: Table | None
) -> tuple[Row, ...]:
    name = manifest.artefacts.get(INDEX)
    if name is None:
        return ()
    if previous is not None and previous.manifest.artefacts.get(INDEX) == name:
        return previous.rows
    return decode_rows(_of(objects, name), name)


def _of(objects: Mapping[str, bytes], name: str) -> bytes:
    try:
        return objects[name]
    except KeyError:
        raise DamagedError(f"object {name} was not delivered") from None
