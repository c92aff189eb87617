"""A manifest in the making: pages are tagged first, and packed only where the store lacks them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from snapshot import Manifest, Page, Rows, digest, encode
from sync.render import entries
from sync.render.site import Body, Site

CARDS, INDEX = "cards", "index"  # artefacts: the cards, and what queries select them by
BATCH = 4 * 1024 * 1024  # bytes packed before they are sent


@dataclass(slots=True)
class Draft:
    """Pages seen before keep their entry and their date."""

    bodies: dict[str, Body]  # by ETag
    pages: dict[str, Page]
    artefacts: dict[str, str]  # digests
    counts: dict[str, int]
    _made: dict[str, Callable[[], bytes]]  # the artefacts, when they are to be sent
    _absent: set[str] = field(default_factory=set)  # of the artefacts' digests

    @staticmethod
    def of(site: Site, before: Manifest | None, now: int) -> "Draft":
        old = before.pages if before is not None else {}
        stored = {page.etag: page.digest for page in old.values()}
        made: dict[str, Callable[[], bytes]] = {
            CARDS: lambda: encode(Rows(rows=site.rows)),
            INDEX: lambda: encode(site.index),
        }
        artefacts = {name: digest(make()) for name, make in made.items()}
        bodies: dict[str, Body] = {}
        tags: dict[int, str] = {}
        pages: dict[str, Page] = {}
        for path, body in site.pages.items():
            tag = tags.get(id(body)) or tags.setdefault(id(body), entries.etag(body))
            bodies[tag] = body
            same = path in old and old[path].etag == tag
            pages[path] = old[path] if same else Page(stored.get(tag, ""), tag, now)
        return Draft(bodies, pages, artefacts, site.counts, made)

    def names(self) -> set[str]:
        """What this draft hopes to find in the store."""
        return {page.digest for page in self.pages.values() if page.digest} | self._artefacts()

    def missing(self, names: set[str]) -> None:
        """Of `names`, those that the store lacks are to be packed anew."""
        for path, page in self.pages.items():
            if page.digest in names:
                self.pages[path] = msgspec.structs.replace(page, digest="")
        self._absent = self._artefacts() & names

    def same(self, before: Manifest) -> bool:
        """Whether nothing would change, and nothing is to be sent."""
        unchanged = self.pages == before.pages and self.artefacts == before.artefacts
        return unchanged and not self._absent

    def fill(self) -> Iterator[dict[str, bytes]]:
        """Pack what is to be sent, batch by batch, and note each digest in the pages."""
        batch = {
            name: self._made[which]()
            for which, name in self.artefacts.items()
            if name in self._absent
        }
        size = sum(map(len, batch.values()))
        made: dict[str, str] = {}
        for path, page in self.pages.items():
            if page.digest:
                continue
            if page.etag not in made:
                data = encode(entries.entry(self.bodies[page.etag], page.etag))
                made[page.etag] = digest(data)
                batch[made[page.etag]], size = data, size + len(data)
            self.pages[path] = msgspec.structs.replace(page, digest=made[page.etag])
            if size >= BATCH:
                yield batch
                batch, size = {}, 0
        if batch:
            yield batch

    def manifest(self, generation: int, reason: str, source_digest: str, now: int) -> Manifest:
        """Complete once everything is packed."""
        return Manifest(
            generation=generation,
            published_at=now,
            reason=reason,
            source_digest=source_digest,
            counts=self.counts,
            pages=self.pages,
            artefacts=self.artefacts,
        )

    def _artefacts(self) -> set[str]:
        return set(self.artefacts.values())
