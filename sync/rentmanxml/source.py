"""The watched folder as a `sync.source.Source`: one delivery at a time, whole or not at all."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import structlog

from sync.errors import UpstreamRejectedError, UpstreamUnavailableError
from sync.model import Listing
from sync.progress import Progress
from sync.rentman import privacy
from sync.rentmanxml import codes
from sync.rentmanxml.document import Property, properties
from sync.rentmanxml.folder import NANO, Folder, MovedError, Stamp, taken_at
from sync.rentmanxml.shelf import Shelf
from sync.source import File, Intake, taken

log = structlog.stdlib.get_logger("sync.rentmanxml")
STEP_S = 5.0  # between two signs that a wait is not a stall


class _Delivery(NamedTuple):
    """What was read of it, before its files are looked for; captions by file name."""

    name: str
    intake: Intake
    captions: dict[str, str]


@dataclass(slots=True)
class RentmanXml:
    """`settle_s`: how long a file must stand still. `max_bytes`: of one document."""

    folder: Folder
    max_bytes: int
    clock: Callable[[], float] = time.time
    progress: Progress = field(default_factory=Progress)
    calls: int = 0
    _shelf: Shelf = field(init=False)
    _last: _Delivery | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.folder)

    async def open(self) -> None:
        """`UnusableSettingError` when the folder is not there, or not ours to take from."""
        await asyncio.to_thread(self.folder.open)
        await asyncio.to_thread(self._shelf.open)

    async def aclose(self) -> None:
        """Nothing is held."""

    async def listings(self) -> Intake:
        async with self._one:
            return await self._listings()

    async def media(self, filename: str) -> File | None:
        async with self._one:
            if self._last is None:  # names are those of a delivery
                await self._listings()
            self.calls += 1
            try:
                found = await asyncio.to_thread(self._shelf.file, filename)
            except OSError as error:
                raise _unavailable(error) from error
        if found is None:
            return None
        file, caption = found
        return msgspec.structs.replace(file, caption=privacy.caption(caption))

    async def _listings(self) -> Intake:
        try:
            still, moving = await asyncio.to_thread(self.folder.look)
            if moving:
                await self._settle()
                still, _ = await asyncio.to_thread(self.folder.look)
            intake = await asyncio.to_thread(self._taken, still)
        except OSError as error:
            raise _unavailable(error) from error
        self.progress.rows = len(intake.listings)
        self.progress.step()
        return intake

    async def _settle(self) -> None:
        """Waiting for an upload to stand still is getting on."""
        left = self.folder.settle_s
        while left > 0:
            self.progress.step()
            await asyncio.sleep(min(left, STEP_S))
            left -= STEP_S

    def _taken(self, still: dict[str, Stamp]) -> Intake:
        self.calls += 1
        self._take_out(still)
        delivery = self.folder.newest()
        if not delivery:
            raise UpstreamUnavailableError("nothing has been uploaded yet")
        last = self._last
        if last is None or last.name != delivery:
            last = self._last = self._opened(delivery)
        return msgspec.structs.replace(
            last.intake, listings=self._with_media(last, still), as_of=taken_at(delivery)
        )

    def _opened(self, delivery: str) -> _Delivery:
        data = self.folder.delivery(delivery, self.max_bytes)
        found = {_identity(n, each): each for n, each in enumerate(self._read(delivery, data))}
        intake = taken(found.values(), codes.listing, codes.reference)
        captions = {
            name.strip(): " ".join(said.split())
            for each in found.values()
            for name, said in each.photos
        }
        rows = {codes.reference(each).lower(): dict(each.values) for each in found.values()}
        intake = msgspec.structs.replace(intake, delivery=delivery, rows=rows)
        return _Delivery(delivery, intake, captions)

    def _take_out(self, still: dict[str, Stamp]) -> None:
        """The youngest upload becomes the delivery that counts; what it overtook is put aside."""
        uploads = [name for name in still if name.lower().endswith(".xml")]
        uploads.sort(key=lambda name: (still[name].mtime_ns, name))
        now = self.clock()
        if uploads:
            *older, name = uploads
            data = self.folder.read(name, still[name], self.max_bytes)
            self._read(f"the upload of {_moment(still[name])}", data)
            kept = self.folder.keep(name, data, still[name], now)
            log.info("upload_taken", delivery=kept, bytes=len(data))
            for each in older:
                self.folder.put_aside(each, now)
        self.folder.forget(now)

    def _read(self, what: str, data: bytes) -> list[Property]:
        if len(data) > self.max_bytes:
            raise UpstreamRejectedError("too_large", f"{what}: more than {self.max_bytes} bytes")
        try:
            return properties(data)
        except UpstreamRejectedError as error:
            raise UpstreamRejectedError(error.code, f"{what}: {error}") from error

    def _with_media(self, last: _Delivery, still: dict[str, Stamp]) -> tuple[Listing, ...]:
        listings = last.intake.listings
        wanted = {
            media.filename: last.captions.get(media.filename, "")
            for listing in listings
            for media in listing.media
        }
        names = self._shelf.arrange(still, wanted)
        return tuple(
            msgspec.structs.replace(
                listing,
                media=tuple(
                    msgspec.structs.replace(media, filename=names[media.filename])
                    for media in listing.media
                ),
            )
            for listing in listings
        )


def _identity(place: int, found: Property) -> str:
    """Of two properties with one reference the last counts; those without are each their own."""
    return codes.reference(found).lower() or f" {place}"


def _moment(stamp: Stamp) -> str:
    """What a log may call an upload: its name is the uploader's, and may say anything."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(stamp.mtime_ns / NANO))


def _unavailable(error: OSError) -> UpstreamUnavailableError:
    reason = str(error) if isinstance(error, MovedError) else error.strerror
    return UpstreamUnavailableError(f"the folder of uploads: {reason}")
