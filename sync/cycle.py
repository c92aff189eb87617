"""One pass: fetch, normalise, guard, remember, render, publish; and a report of it.

The steps are here in order; each is elsewhere. A pass that fails leaves everything published as it
was.
"""

import asyncio
import contextlib
import hashlib
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import structlog

from snapshot import LeaseLostError, Manifest, PinnedError, SnapshotError
from sync import guards
from sync.advert.site import Refused, advertised
from sync.errors import StateError, StorageError, UpstreamError
from sync.gallery import Census, Gallery
from sync.media.retention import removable
from sync.model import Known, MediaName
from sync.publish import Press
from sync.render.card import Moment, iso, page_slug
from sync.render.images import Links
from sync.render.site import Site, render
from sync.report import Outcome, Pass, Report
from sync.source import Intake, Source
from sync.state.database import CHECKED, State
from sync.state.records import Delivery, Hold, Run
from sync.stopwatch import Stopwatch

log = structlog.stdlib.get_logger("sync.cycle")
UNRECORDED_MAX = 100  # runs that a database which is away will be told of
REPUBLISH_S = 2.0  # pictures that arrive within this time are published together
REPUBLISH_REST = 9  # times as long as the last publish took, at least: pictures need the processor
GENERATION, PROMISED = "generation", "promised"  # notes: the last one made, and about to be made
STORAGE = "storage"  # note: why finished pictures cannot be kept, if so


@dataclass(slots=True)
class Cycle:
    source: Source
    state: State
    press: Press
    gallery: Gallery
    links: Links
    clock: Callable[[], float]
    apart_s: float = 0.0  # between two lists that may agree on what a guard held
    unpublished: bool = False  # something is known that could not be published yet
    _published_at: float = field(default=0.0)
    _rest_s: float = REPUBLISH_S
    _came: bool = False  # something of this round of pictures
    _noted: int = 0
    _unrecorded: deque[Run] = field(default_factory=lambda: deque(maxlen=UNRECORDED_MAX))
    _publishing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self) -> Report:
        """Take the source's list in and publish it, or say why not."""
        began, calls, watch = time.monotonic(), self.source.calls, Stopwatch()
        done = Pass()
        try:
            await self._refresh(done, watch)
        except (SnapshotError, StateError, UpstreamError) as error:
            done.fails(error, watch.latest)
        done.know(
            calls=self.source.calls - calls,
            seconds=round(time.monotonic() - began, 3),
            stages=watch.seconds,
        )
        await self._told(done.report)
        return done.report

    async def _refresh(self, done: Pass, watch: Stopwatch) -> None:
        """Each thing is noted as soon as it is known: what comes next may fail."""
        with watch.stage("fetch"):
            intake = await self.source.listings()
        done.know(quarantine=intake.quarantine)
        with watch.stage("guard"):
            verdict = await self._judge(intake)
        with watch.stage("commit"):
            await asyncio.to_thread(self._keep, verdict, intake)
        listings, warnings = len(intake.listings), intake.warnings
        del intake  # it is kept in the database; a list of thousands is heavy
        if verdict.action == "hold":
            done.know(outcome="held", reason=verdict.reason)
            return
        done.know(taken=True, listings=listings, warnings=warnings)
        done.know(refused=await asyncio.to_thread(self._recalled))
        try:
            made = await self.publish("list", watch)
        except PinnedError:
            done.know(outcome="held", reason=f"pinned: {await self.press.publisher.pinned()}")
            return
        outcome: Outcome = "unchanged" if made is None else "published"
        done.know(outcome=outcome, generation=made.generation if made else self.press.floor)

    async def _told(self, report: Report) -> None:
        """In the history of runs, with those that it could not take before; and to the edge."""
        self._unrecorded.append(self._run(report))
        try:
            while self._unrecorded:
                await asyncio.to_thread(self.state.record, self._unrecorded[0])
                self._unrecorded.popleft()
            with contextlib.suppress(SnapshotError):  # said again with the next pass
                await self.tell()
        except StateError as error:
            log.warning("run_not_recorded", reason=str(error))

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
            await self._note_generation()
        return made

    async def _note_generation(self) -> None:
        """The site is published all the same: what was promised of the number is noted already."""
        made = self.press.floor
        try:
            await asyncio.to_thread(self.state.set_note, GENERATION, str(made))
        except StateError as error:
            log.warning("generation_not_noted", generation=made, reason=str(error))
        else:
            self._noted = made

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
            self._came = False
            try:
                asked = await self.gallery.collect(names, self._arrived)
            except (UpstreamError, StorageError):
                await self._show_what_came()
                raise
            await self._show_what_came()
        await self.tidy()
        await asyncio.to_thread(self.gallery.tell)
        return asked

    async def tidy(self) -> int:
        """Remove the pictures and documents that nothing has shown for long; how many."""
        async with self._publishing:  # else a page could be made that names what goes
            census = await asyncio.to_thread(self.gallery.census)
            old = await asyncio.to_thread(self._set_aside, census)
            since = await self.press.shown_since() if old else 0
            gone = removable(old, int(self.clock()), self.gallery.grace_s, since)
            await asyncio.to_thread(self.gallery.forget, gone, census)
        if gone:
            await self.gallery.remove(gone)
            log.info("pictures_removed", files=len(gone))
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

    async def _show_what_came(self) -> None:
        if self._came:  # a source that refuses every file costs no look at the whole site
            await self.publish("pictures")

    async def _arrived(self) -> None:
        self._came = True
        if self._publishing.locked() or time.monotonic() - self._published_at < self._rest_s:
            return  # a later one publishes this one too
        try:
            await self.publish("pictures")
        except SnapshotError as error:  # pictures go on; the last word is that of `pictures`
            log.warning("pictures_unpublished", error=type(error).__name__, reason=str(error))
            self._published_at = time.monotonic()

    async def _judge(self, intake: Intake) -> guards.Verdict:
        before = await asyncio.to_thread(self.state.present)
        if not before and (before := await self.press.published()):
            # Believe the site rather than nothing: its history and pictures are made anew.
            log.warning("state_is_new", published=len(before))
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
        """Those that count: a delivery that is read twice does not agree with itself, nor do two lists of
        one minute, whatever made the source be asked again so soon."""
        holds = self.state.open_holds()
        if self.state.was_held(intake.delivery):
            return [hold for hold in holds if hold.decision != "pending"]
        latest = math.inf if intake.delivery else self.clock() - self.apart_s
        return [hold for hold in holds if hold.decision != "pending" or hold.first_seen <= latest]

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

    def _recalled(self) -> tuple[Refused, ...]:
        """What is not advertised; the pictures that are there already are known again."""
        known = self.state.visible()
        if files := self.gallery.recall(known):
            log.info("pictures_recalled", files=files)
        return advertised(known, Moment(int(self.clock()), 0).today)[1]

    def _set_aside(self, census: Census) -> dict[str, int]:
        return self.gallery.set_aside(self.state.visible(), census)

    def _site(self) -> tuple[Site, str]:
        known = self.state.visible()
        now = int(self.clock())
        moment = Moment(now, birth=self.state.birth() or now)
        shown, _ = advertised(known, moment.today)
        slugs = {page_slug(item): item.listing.id.lower() for item in shown}
        former = self.state.slugs(slugs, now)
        return render(shown, self.gallery.ledger(), self.links, moment, former), _digest(shown)

    def _run(self, report: Report) -> Run:
        return Run(
            started_at=int(self.clock() - report.seconds),
            seconds=int(report.seconds),
            outcome=report.outcome,
            reason=report.reason,
            report=msgspec.json.encode(report),
            stages=report.stages,
        )


def _digest(known: list[Known]) -> str:
    lines = sorted(f"{item.listing.id} {item.changed_at}" for item in known)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
