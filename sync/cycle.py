"""One pass: fetch, normalise, guard, remember, render, publish; and a report of it.

The steps are here in order; each is elsewhere. A pass that fails leaves everything published as it
was.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from snapshot import LeaseLostError, Manifest, PinnedError, SnapshotError
from sync import guards
from sync.advert.site import Refused, advertised
from sync.errors import StorageError, UpstreamError
from sync.gallery import Gallery
from sync.media.retention import removable
from sync.model import Known, MediaName
from sync.publish import Press
from sync.render.card import Moment, iso, page_slug
from sync.render.images import Links
from sync.render.site import Site, render
from sync.source import Intake, Quarantined, Source
from sync.state.database import CHECKED, State
from sync.state.records import Delivery, Hold, Run
from sync.stopwatch import Stopwatch

log = logging.getLogger("sync.cycle")
Outcome = Literal["published", "unchanged", "held", "failed"]
REPUBLISH_S = 2.0  # pictures that arrive within this time are published together
REPUBLISH_REST = 9  # times as long as the last publish took, at least: pictures need the processor
GENERATION, PROMISED = "generation", "promised"  # notes: the last one made, and about to be made
STORAGE = "storage"  # note: why finished pictures cannot be kept, if so


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `sync once --json` prints."""

    outcome: Outcome
    reason: str = ""
    generation: int = 0
    listings: int = 0
    quarantine: tuple[Quarantined, ...] = ()
    refused: tuple[Refused, ...] = ()  # homes that are known and not advertised
    warnings: dict[str, int] = {}
    calls: int = 0
    seconds: float = 0.0
    stages: dict[str, float] = {}  # seconds: fetch (and normalise), guard, commit, render, publish
    retry_after_s: float = 0.0  # what the source asked for


@dataclass(slots=True)
class Cycle:
    source: Source
    state: State
    press: Press
    gallery: Gallery
    links: Links
    clock: Callable[[], float]
    unpublished: bool = False  # something is known that could not be published yet
    _published_at: float = field(default=0.0)
    _rest_s: float = REPUBLISH_S
    _noted: int = 0
    _publishing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self) -> Report:
        """Take the source's list in and publish it, or say why not."""
        began, calls, watch = time.monotonic(), self.source.calls, Stopwatch()
        report = await self._refresh(watch)
        report = msgspec.structs.replace(
            report,
            calls=self.source.calls - calls,
            seconds=round(time.monotonic() - began, 3),
            stages=watch.seconds,
        )
        await asyncio.to_thread(self._record, report)
        with contextlib.suppress(SnapshotError):  # said again with the next pass
            await self.tell()
        return report

    async def _refresh(self, watch: Stopwatch) -> Report:
        try:
            with watch.stage("fetch"):
                intake = await self.source.listings()
        except UpstreamError as error:
            wait = getattr(error, "retry_after", None) or 0.0
            return Report(outcome="failed", reason=str(error), retry_after_s=wait)
        with watch.stage("guard"):
            verdict = await self._judge(intake)
        with watch.stage("commit"):
            await asyncio.to_thread(self._keep, verdict, intake)
        intake = msgspec.structs.replace(intake, rows={})  # kept; a list of thousands is heavy
        if verdict.action == "hold":
            return Report(outcome="held", reason=verdict.reason, quarantine=intake.quarantine)
        report = Report(
            outcome="unchanged",
            listings=len(intake.listings),
            quarantine=intake.quarantine,
            refused=await asyncio.to_thread(self._refused),
            warnings=intake.warnings,
        )
        try:
            made = await self.publish("list", watch)
        except PinnedError:
            reason = f"pinned: {await self.press.publisher.pinned()}"
            return msgspec.structs.replace(report, outcome="held", reason=reason)
        if made is None:
            return msgspec.structs.replace(report, generation=self.press.floor)
        return msgspec.structs.replace(report, outcome="published", generation=made.generation)

    async def publish(self, reason: str, watch: Stopwatch | None = None) -> Manifest | None:
        """Publish what is known now; None when that changes nothing."""
        watch, done, began = watch or Stopwatch(), False, time.monotonic()
        try:
            async with self._publishing:  # rendered inside, so that no older site comes second
                with watch.stage("render"):
                    site, source_digest = await asyncio.to_thread(self._site)
                with watch.stage("publish"):
                    made = await self.press.publish(site, reason, source_digest)
            done = True
        finally:  # not before: a look at it meanwhile would publish the same a second time
            self.unpublished = not done
        self._published_at = time.monotonic()
        self._rest_s = max(REPUBLISH_S, REPUBLISH_REST * (self._published_at - began))
        if self._noted != self.press.floor:  # also what an earlier process had no time to note
            self._noted = self.press.floor
            await asyncio.to_thread(self.state.set_note, GENERATION, str(self._noted))
        return made

    async def pictures(self) -> int:
        """Fetch and prepare what is missing, publishing as it arrives; how many were asked for."""
        try:
            asked = await self._pictures()
        except StorageError as error:
            await asyncio.to_thread(self.state.set_note, STORAGE, str(error))
            raise
        await asyncio.to_thread(self.state.set_note, STORAGE, "")
        return asked

    async def _pictures(self) -> int:
        asked = 0
        if names := await asyncio.to_thread(self._wanted):
            self.gallery.progress.files(len(names))
            try:
                asked = await self.gallery.collect(names, self._arrived)
            except (UpstreamError, StorageError):
                await self.publish("pictures")  # those that came before it
                raise
            await self.publish("pictures")
        await self.tidy()
        return asked

    async def tidy(self) -> int:
        """Remove the pictures and documents that nothing has shown for long; how many."""
        async with self._publishing:  # a generation made later is of what is named from now on
            old = await asyncio.to_thread(self._set_aside)
        if not old:
            return 0
        now, since = int(self.clock()), await self.press.shown_since()
        gone = removable(old, now, self.gallery.grace_s, since)
        if gone:
            await asyncio.to_thread(self.gallery.remove, gone)
            log.info("removed %d pictures that nothing shows", len(gone))
        return len(gone)

    async def tell(self) -> None:
        """Leave a word on the source for the edge's health endpoints."""
        last = await asyncio.to_thread(self.state.runs, 1)
        checked = int(await asyncio.to_thread(self.state.note, CHECKED) or 0)
        word = {
            "checked_at": iso(checked) if checked else "",
            "checked_at_s": checked,
            "outcome": last[0].outcome if last else "unknown",
        }
        with contextlib.suppress(LeaseLostError):  # another writer tells of its own source
            await self.press.tell(msgspec.json.encode(word))

    async def _arrived(self) -> None:
        if self._publishing.locked() or time.monotonic() - self._published_at < self._rest_s:
            return  # a later one publishes this one too
        try:
            await self.publish("pictures")
        except SnapshotError as error:  # pictures go on; the last word is that of `pictures`
            log.warning("pictures not published yet: %s: %s", type(error).__name__, error)
            self._published_at = time.monotonic()

    async def _judge(self, intake: Intake) -> guards.Verdict:
        before = await asyncio.to_thread(self.state.present)
        if not before and (before := await self.press.published()):
            # Believe the site rather than nothing: its history and pictures are made anew.
            log.warning("the state database is new, the published site is not")
        holds = await asyncio.to_thread(self._open_holds, intake)
        was, shown = await asyncio.to_thread(self._shown, intake)
        now = [listing.id.lower() for listing in intake.listings]
        return guards.decide(before, now, holds, shown_before=was, shown=shown)

    def _shown(self, intake: Intake) -> tuple[int, list[str]]:
        """How many homes a visitor sees now, and the references of those in this list."""
        now = int(self.clock())
        today = Moment(now, now).today
        was, _ = advertised(self.state.visible(), today)
        coming = [
            Known(listing=listing, first_seen=now, changed_at=now)
            for listing in intake.listings
            if listing.status != "off_market"
        ]
        return len(was), [known.listing.id.lower() for known in advertised(coming, today)[0]]

    def _open_holds(self, intake: Intake) -> list[Hold]:
        """Those that count: a delivery that is read twice does not agree with itself."""
        holds = self.state.open_holds()
        if self.state.was_held(intake.delivery):
            return [hold for hold in holds if hold.decision != "pending"]
        return holds

    def _keep(self, verdict: guards.Verdict, intake: Intake) -> None:
        """One transaction, whatever the verdict: a word on a hold is used up with its list."""
        now = int(self.clock())
        faults = [(row.id, row.field, row.reason) for row in intake.quarantine]
        delivery = Delivery(name=intake.delivery, as_of=intake.as_of)
        if verdict.action == "hold":
            self.state.hold(verdict, now, faults, delivery)
            return
        self.state.remember(
            intake.listings,
            now,
            signature=verdict.signature,
            faults=faults,
            rows=intake.rows,
            delivery=delivery,
        )

    def _wanted(self) -> list[MediaName]:
        return self.gallery.wanted(self.state.visible())

    def _set_aside(self) -> dict[str, int]:
        return self.gallery.set_aside(self.state.visible())

    def _site(self) -> tuple[Site, str]:
        known = self.state.visible()
        now = int(self.clock())
        moment = Moment(now, birth=self.state.birth() or now)
        shown, _ = advertised(known, moment.today)
        slugs = {page_slug(item): item.listing.id.lower() for item in shown}
        former = self.state.slugs(slugs, now)
        return render(shown, self.gallery.ledger(), self.links, moment, former), _digest(shown)

    def _refused(self) -> tuple[Refused, ...]:
        return advertised(self.state.visible(), Moment(int(self.clock()), 0).today)[1]

    def _record(self, report: Report) -> None:
        self.state.record(
            Run(
                started_at=int(self.clock() - report.seconds),
                seconds=int(report.seconds),
                outcome=report.outcome,
                reason=report.reason,
                report=msgspec.json.encode(report),
                stages=report.stages,
            )
        )


def _digest(known: list[Known]) -> str:
    lines = sorted(f"{item.listing.id} {item.changed_at}" for item in known)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
