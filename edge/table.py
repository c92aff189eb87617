"""One generation as the edge serves it: immutable, built aside, swapped whole.

Answers are shared by every path that names the same entry, and by consecutive tables, so a flip
costs what changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from types import MappingProxyType
from typing import NoReturn

from edge.query.finder import Finder
from edge.query.highlight import prose
from edge.query.routes import Generation
from edge.tags import moment, tag
from snapshot import DamagedError, Entry, Manifest, decode_entry, decode_index, decode_rows

EXPOSED = "ETag, Link, Server-Timing, Cache-Status"  # to scripts of other origins
HIT = "edge; hit"  # RFC 9211: nothing is worked out for a visitor
CARDS, INDEX = "cards", "index"  # the artefacts that queries select from
HOMES = "/api/properties"  # and a slug below: where a home's text is published


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
    texts: dict[str, str] = field(
        default_factory=dict, compare=False
    )  # by digest, once looked for

    @property
    def generation(self) -> int:
        return self.manifest.generation

    def asked(self) -> Generation:
        """This generation as queries see it."""
        return Generation(
            self.manifest.generation, self.manifest.published_at, self.finder, self.text
        )

    def text(self, slug: str) -> str:
        """The words of the published detail of a slug, read once; "" when there is none."""
        page = self.manifest.pages.get(f"{HOMES}/{slug}")
        if page is None:
            return ""
        known = self.texts.get(page.digest)
        if known is not None:
            return known
        read = self.texts[page.digest] = prose(self.answers[page.digest].stored["identity"].body)
        return read

    def read_on(self) -> Iterator[str]:
        """The words of each detail that nobody has looked for yet, one at a time."""
        for path, page in self.manifest.pages.items():
            head, _, slug = path.rpartition("/")
            if head == HOMES and page.digest not in self.texts:
                yield self.text(slug)


def answer(entry: Entry, more: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """`more`: headers beside those of every answer."""
    bodies = {"br": entry.br, "zstd": entry.zstd, "gzip": entry.gzip}
    stored = {name: body for name, body in bodies.items() if body} | {"identity": entry.body}
    return Answer(
        entry.status,
        {coding: _stored(entry, coding, body, more) for coding, body in stored.items()},
    )


def _stored(entry: Entry, coding: str, body: bytes, more: Mapping[str, str]) -> Stored:
    etag = tag(moment(entry.etag, coding), len(body))
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


@dataclass(slots=True)
class Draft:
    """The table of `manifest` in the making, from objects in any order and in any parts.

    Each object is checked against its digest and let go of once it is read. Raises `SnapshotError`.
    """

    manifest: Manifest
    previous: Table | None
    _answers: dict[str, Answer] = field(default_factory=dict)
    _raw: dict[str, bytes] = field(default_factory=dict)  # of the artefacts

    def add(self, objects: Mapping[str, bytes]) -> None:
        for name, data in objects.items():
            if name in _artefacts(self.manifest):
                self._raw[name] = data
            else:
                self._answers[name] = answer(decode_entry(data, name))

    def finish(self) -> Table:
        held = self.previous.answers if self.previous is not None else {}
        answers: dict[str, Answer] = {}
        for page in self.manifest.pages.values():
            if page.digest not in answers:
                made = self._answers.get(page.digest) or held.get(page.digest)
                answers[page.digest] = made or _missing(page.digest)
        texts = dict(self.previous.texts) if self.previous is not None else {}  # others add to it
        dates = {page.modified for page in self.manifest.pages.values()}
        return Table(
            self.manifest,
            answers,
            _finder(self.manifest, self._raw, self.previous),
            {date: formatdate(date, usegmt=True) for date in (*dates, self.manifest.published_at)},
            {digest: text for digest, text in texts.items() if digest in answers},
        )


def build(manifest: Manifest, objects: Mapping[str, bytes], previous: Table | None) -> Table:
    """The table of `manifest`, from a mapping that is asked for one object after the other."""
    draft = Draft(manifest, previous)
    for name in needed(manifest, previous):
        draft.add({name: _of(objects, name)})
    return draft.finish()


def _missing(name: str) -> NoReturn:
    raise DamagedError(f"object {name} was not delivered")


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
    found = objects.get(name)
    return _missing(name) if found is None else found
