"""One generation as the edge serves it: immutable, built aside, swapped whole.

Answers are shared by every path that names the same entry, and by consecutive tables, so a flip
costs what changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from types import MappingProxyType

from edge.negotiate import tagged
from edge.query.finder import Finder
from edge.query.routes import Generation
from snapshot import DamagedError, Entry, Manifest, decode_entry, decode_index, decode_rows

EXPOSED = "ETag, Link, Server-Timing, Cache-Status"  # to scripts of other origins
HIT = "edge; hit"  # RFC 9211: nothing is worked out for a visitor
CARDS, INDEX = "cards", "index"  # the artefacts that queries select from
DETAIL = "/api/properties/"  # and a slug: where a home's text is published


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
    finder: Finder
    modified: Mapping[int, str] = field(default_factory=dict)  # unix seconds -> HTTP date

    @property
    def generation(self) -> int:
        return self.manifest.generation

    def asked(self) -> Generation:
        """This generation as queries see it."""
        return Generation(
            self.manifest.generation, self.manifest.published_at, self.finder, self.text
        )

    def text(self, slug: str) -> bytes:
        """The published detail of a slug; empty when there is none."""
        page = self.manifest.pages.get(DETAIL + slug)
        return self.answers[page.digest].stored["identity"].body if page else b""


def answer(entry: Entry, more: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """`more`: headers beside those of every answer."""
    bodies = {"br": entry.br, "zstd": entry.zstd, "gzip": entry.gzip}
    stored = {name: body for name, body in bodies.items() if body} | {"identity": entry.body}
    return Answer(
        entry.status,
        {coding: _stored(entry, coding, body, more) for coding, body in stored.items()},
    )


def _stored(entry: Entry, coding: str, body: bytes, more: Mapping[str, str]) -> Stored:
    etag = tagged(entry.etag, coding)
    headers = {
        "content-type": entry.content_type,
        "cache-control": entry.cache_control,
        "etag": etag,
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": EXPOSED,
        "cache-status": HIT,
        **more,
    }
    if coding != "identity":
        headers["content-encoding"] = coding
    return Stored(etag, headers, body)


def needed(manifest: Manifest, previous: Table | None) -> set[str]:
    """The digests that the next table cannot take over from `previous`."""
    held: set[str] = set()
    if previous is not None:
        held = set(previous.answers)
        if _artefacts(previous.manifest) == _artefacts(manifest):
            held |= _artefacts(manifest)
    wanted = {page.digest for page in manifest.pages.values()} | _artefacts(manifest)
    return wanted - held


def _artefacts(manifest: Manifest) -> set[str]:
    """Those this release knows; a later one may publish more."""
    return {manifest.artefacts[name] for name in (CARDS, INDEX) if name in manifest.artefacts}


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
        _finder(manifest, objects, previous),
        {date: formatdate(date, usegmt=True) for date in dates},
    )


def _finder(manifest: Manifest, objects: Mapping[str, bytes], previous: Table | None) -> Finder:
    """Made anew only when homes have changed; of a snapshot without an index, from its cards."""
    if previous is not None and _artefacts(previous.manifest) == _artefacts(manifest):
        return previous.finder
    cards, index = manifest.artefacts.get(CARDS), manifest.artefacts.get(INDEX)
    if cards is None:
        return Finder.of(())
    rows = decode_rows(_of(objects, cards), cards)
    if index is None:
        return Finder.of(rows)
    decoded = decode_index(_of(objects, index), index, len(rows))
    return Finder.of(rows, decoded, previous.finder if previous else None)


def _of(objects: Mapping[str, bytes], name: str) -> bytes:
    try:
        return objects[name]
    except KeyError:
        raise DamagedError(f"object {name} was not delivered") from None
