"""One pass: fetch, normalise, guard, remember, render, publish; and a report of it.

The steps are here in order; each is elsewhere. A pass that fails leaves everything published as it
was.
"""

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from snapshot import Manifest, PinnedError, SnapshotError
from sync import guards
from sync.errors import RowError, UpstreamError
from sync.gallery import Gallery, wanted
from sync.model import Known, Listing, MediaName
from sync.publish import Press
from sync.render.card import Moment, iso, page_slug
from sync.render.images import Links
from sync.render.site import Site, render
from sync.rentman import normalise
from sync.rentman.client import Rentman
from sync.rentman.fields import Row
from sync.state.database import Run, State

log = logging.getLogger("sync.cycle")
Outcome = Literal["published", "unchanged", "held", "failed"]
REPUBLISH_S = 2.0  # pictures that arrive within this time are published together
HELD, CONFIRMED = "held", "confirmed"  # notes: signatures of lists
CHECKED, GENERATION = "checked_at", "generation"  # notes


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A row that became no listing."""

    id: str
    field: str
    reason: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `sync once --json` prints."""

    outcome: Outcome
    reason: str = ""
    generation: int = 0
    listings: int = 0
    quarantine: tuple[Quarantined, ...] = ()
    warnings: dict[str, int] = {}
    calls: int = 0
    seconds: float = 0.0
    retry_after_s: float = 0.0  # what the source asked for


@dataclass(slots=True)
class Cycle:
    source: Rentman
    state: State
    press: Press
    gallery: Gallery
    links: Links
    page_size: int
    clock: Callable[[], float]
    unpublished: bool = False  # something is known that could not be published yet
    _published_at: float = field(default=0.0)
    _publishing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self) -> Report:
        """Take the source's list in and publish it, or say why not."""
        began, calls = time.monotonic(), self.source.calls
        report = await self._refresh()
        report = msgspec.structs.replace(
            report,
            calls=self.source.calls - calls,
            seconds=round(time.monotonic() - began, 3),
        )
        await asyncio.to_thread(self._record, report)
        await self.tell()
        log.info("%s %s", report.outcome, report.reason)
        return report

    async def _refresh(self) -> Report:
        try:
            rows = await self.source.listings(self.page_size)
        except UpstreamError as error:
            wait = getattr(error, "retry_after", None) or 0.0
            return Report(outcome="failed", reason=str(error), retry_after_s=wait)
        listings, quarantine, warnings = await asyncio.to_thread(take, rows)
        before = await asyncio.to_thread(self.state.present)
        if not before and (before := await self.press.published()):
            # Believe the site rather than nothing: its history and pictures are made anew.
            log.warning("the state database is new, the published site is not")
        verdict = await asyncio.to_thread(self._judge, before, listings)
        if verdict.action == "hold":
            return Report(outcome="held", reason=verdict.reason, quarantine=quarantine)
        await asyncio.to_thread(self._commit, listings)
        report = Report(
            outcome="unchanged",
            listings=len(listings),
            quarantine=quarantine,
            warnings=dict(warnings),
        )
        try:
            made = await self.publish("list")
        except PinnedError:
            reason = f"pinned: {await self.press.publisher.pinned()}"
            return msgspec.structs.replace(report, outcome="held", reason=reason)
        if made is None:
            return msgspec.structs.replace(report, generation=self.press.floor)
        return msgspec.structs.replace(report, outcome="published", generation=made.generation)

    async def publish(self, reason: str) -> Manifest | None:
        """Publish what is known now; None when that changes nothing."""
        self.unpublished = True
        async with self._publishing:  # rendered inside, so that no older site comes second
            site, source_digest = await asyncio.to_thread(self._site)
            made = await self.press.publish(site, reason, source_digest)
        self.unpublished = False
        self._published_at = time.monotonic()
        if made is not None:
            number = str(made.generation)
            await asyncio.to_thread(self.state.set_note, GENERATION, number)
        return made

    async def pictures(self) -> int:
        """Fetch and prepare what is missing, publishing as it arrives; how many were asked for."""
        names = await asyncio.to_thread(self._wanted)
        if not names:
            return 0
        try:
            asked = await self.gallery.collect(names, self._arrived)
        except UpstreamError:
            await self.publish("pictures")  # those that came before it
            raise
        await self.publish("pictures")
        return asked

    async def tell(self) -> None:
        """Leave a word on the source for the edge's health endpoints."""
        last = await asyncio.to_thread(self.state.runs, 1)
        checked = int(await asyncio.to_thread(self.state.note, CHECKED) or 0)
        word = {
            "checked_at": iso(checked) if checked else "",
            "checked_at_s": checked,
            "outcome": last[0].outcome if last else "unknown",
        }
        await self.press.publisher.report(msgspec.json.encode(word))

    async def _arrived(self) -> None:
        if self._publishing.locked() or time.monotonic() - self._published_at < REPUBLISH_S:
            return  # a later one publishes this one too
        try:
            await self.publish("pictures")
        except SnapshotError as error:  # pictures go on; the last word is that of `pictures`
            log.warning("pictures not published yet: %s: %s", type(error).__name__, error)
            self._published_at = time.monotonic()

    def _judge(self, before: set[str], listings: list[Listing]) -> guards.Verdict:
        now = [listing.id.lower() for listing in listings]
        confirmed = self.state.note(CONFIRMED)
        verdict = guards.decide(before, now, self.state.note(HELD), confirmed)
        self.state.set_note(HELD, verdict.signature)
        self.state.set_note(CONFIRMED, confirmed if verdict.action == "hold" else "")
        return verdict

    def _commit(self, listings: list[Listing]) -> None:
        now = int(self.clock())
        self.state.remember(listings, now)
        self.state.set_note(CHECKED, str(now))

    def _wanted(self) -> list[MediaName]:
        return wanted(self.state.visible(), self.gallery.ledger(), self.clock())

    def _site(self) -> tuple[Site, str]:
        known = self.state.visible()
        now = int(self.clock())
        birth = min((item.first_seen for item in known), default=now)
        slugs = {page_slug(item): item.listing.id.lower() for item in known}
        former = self.state.slugs(slugs, now)
        site = render(known, self.gallery.ledger(), self.links, Moment(now, birth), former)
        return site, _digest(known)

    def _record(self, report: Report) -> None:
        self.state.record(
            Run(
                started_at=int(self.clock() - report.seconds),
                seconds=int(report.seconds),
                outcome=report.outcome,
                reason=report.reason,
                report=msgspec.json.encode(report),
            )
        )


def take(
    rows: list[dict[str, object]],
) -> tuple[list[Listing], tuple[Quarantined, ...], Counter[str]]:
    """Every row normalised; a bad one goes to quarantine and the others go on."""
    listings: list[Listing] = []
    quarantine: list[Quarantined] = []
    warnings: Counter[str] = Counter()
    for row in rows:
        try:
            made, counted = normalise.listing(row)
        except RowError as error:
            name = Row(row).reference()[:40]
            quarantine.append(Quarantined(id=name, field=error.field, reason=error.reason))
            continue
        listings.append(made)
        warnings.update(counted)
    return listings, tuple(quarantine), warnings


def _digest(known: list[Known]) -> str:
    lines = sorted(f"{item.listing.id} {item.changed_at}" for item in known)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
