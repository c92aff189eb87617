"""The way in: bytes go in, finished pictures, documents and videos come out, the loop never waits."""

import asyncio
import math
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from sync.media import wire
from sync.media.bucket import Bucket
from sync.media.crew import COMMAND, Hand
from sync.media.errors import MediaFailedError, MediaRejectedError
from sync.media.model import Document, FileKind, Picture, Profile, Purpose, Video
from sync.media.recipe import key_for, recipe_for
from sync.media.sniff import PICTURES, sniff
from sync.media.store import Directory, Store

MAX_BYTES = 40_000_000
"""Of one source, decoded."""
_DOCUMENT_RECIPE = "document-2"
_VIDEO_RECIPE = "video-1"
_WORTH_A_RETRY = {"timeout", "crash"}
_GRACE_S = 5

T = TypeVar("T")


class Studio:
    """Makes each picture once, in a process that may be killed without harm.

    Use it as an async context manager. Leaving it kills the workers and cancels what they did.
    """

    def __init__(
        self,
        root: Path,
        *,
        profile: Profile = "standard",
        workers: int = 2,
        deadline_s: float = 30.0,
        command: tuple[str, ...] = COMMAND,
        bucket: str = "",
    ) -> None:
        """`bucket`: keep what is made at `s3://…` rather than in `root`.

        `deadline_s`: seconds for one picture, twice. `profile`: choose per run, not per photo, as
        it is part of every address. `command`: what speaks `wire` on its pipes.
        """
        place = Directory(root)
        self.store: Store = Bucket(bucket, place) if bucket else place
        self._profile = profile
        self._deadline_s = deadline_s
        self._hands = [Hand(command) for _ in range(workers)]
        # Last in, first out: a warm worker is asked before another one is started.
        self._idle: asyncio.LifoQueue[Hand] = asyncio.LifoQueue()
        self._underway: dict[str, asyncio.Task[Any]] = {}

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.store.open)
        for hand in self._hands:
            self._idle.put_nowait(hand)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = list(self._underway.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for hand in self._hands:
            await hand.dismiss()
        await asyncio.to_thread(self.store.close)

    def recipes(self) -> dict[FileKind, str]:
        """How each kind of file is made now."""
        return {
            "photo": recipe_for("photo", self._profile).id,
            "floorplan": recipe_for("floorplan", self._profile).id,
            "epc": recipe_for("epc", self._profile).id,
            "share": recipe_for("share", self._profile).id,
            "brochure": _DOCUMENT_RECIPE,
            "video": _VIDEO_RECIPE,
        }

    async def picture(self, source: bytes, purpose: Purpose) -> Picture:
        """Return the picture of these bytes, making it unless all its files already exist.

        Raises `MediaRejectedError` with any reason listed in `errors`, or `MediaFailedError`:
        `timeout` and `crash` after a second try, `memory`, `disk-full`, `disk`.
        """
        kind = _kind_of(source)
        if kind not in PICTURES:
            raise MediaRejectedError(f"type:{kind}")
        key = await asyncio.to_thread(key_for, source, self.recipes()[purpose])
        return await self._once(key, self._picture(self._task(key, kind, purpose, source), source))

    async def document(self, source: bytes) -> Document:
        """Return the cleaned PDF of these bytes, making it unless it exists (see `pdf`).

        Raises `MediaRejectedError`: `empty`, `too-large`, `type:…`, `encrypted`,
        `truncated`, `corrupt`; `MediaFailedError` as `picture` does.
        """
        kind = _kind_of(source)
        if kind != "pdf":
            raise MediaRejectedError(f"type:{kind}")
        key = await asyncio.to_thread(key_for, source, _DOCUMENT_RECIPE)
        task = self._task(key, kind, "brochure", source)
        return await self._once(key, self._document(task, source))

    async def video(self, source: bytes) -> Video:
        """Return the cleaned MP4 of these bytes, making it unless it exists (see `mp4`).

        Raises `MediaRejectedError`: `empty`, `too-large`, `type:…` and what `mp4.clean` does;
        `MediaFailedError` as `picture` does.
        """
        kind = _kind_of(source)
        if kind != "mp4":
            raise MediaRejectedError(f"type:{kind}")
        key = await asyncio.to_thread(key_for, source, _VIDEO_RECIPE)
        return await self._once(key, self._video(self._task(key, kind, "video", source), source))

    async def _once(self, key: str, work: Coroutine[Any, Any, T]) -> T:
        """Let callers who ask for the same thing at once wait for the same work."""
        task: asyncio.Task[T] | None = self._underway.get(key)
        if task is None:
            task = self._underway[key] = asyncio.create_task(work)
            task.add_done_callback(lambda done: self._forget(key, done))
        else:
            work.close()
        # Shielded: one caller who gives up must not take the picture from the others.
        return await asyncio.shield(task)

    def _forget(self, key: str, done: asyncio.Task[Any]) -> None:
        del self._underway[key]
        if not done.cancelled():
            done.exception()  # seen, even if every caller has gone

    def _task(self, key: str, kind: str, purpose: FileKind, source: bytes) -> wire.Task:
        return wire.Task(
            key=key,
            kind=kind,
            purpose=purpose,
            profile=self._profile,
            size=len(source),
            patience_s=math.ceil(self._deadline_s) + _GRACE_S,
        )

    async def _picture(self, task: wire.Task, source: bytes) -> Picture:
        found = await asyncio.to_thread(self.store.find_picture, task.key)
        return await self._made(task, source, Picture) if found is None else found

    async def _document(self, task: wire.Task, source: bytes) -> Document:
        found = await asyncio.to_thread(self.store.find_document, task.key)
        return await self._made(task, source, Document) if found is None else found

    async def _video(self, task: wire.Task, source: bytes) -> Video:
        found = await asyncio.to_thread(self.store.find_video, task.key)
        return await self._made(task, source, Video) if found is None else found

    async def _made(self, task: wire.Task, source: bytes, result: type[T]) -> T:
        hand = await self._idle.get()
        try:
            return await self._attempt(hand, task, source, result)
        except MediaFailedError as error:
            if error.reason not in _WORTH_A_RETRY:
                raise
            return await self._attempt(hand, task, source, result)
        finally:
            self._idle.put_nowait(hand)

    async def _attempt(self, hand: Hand, task: wire.Task, source: bytes, result: type[T]) -> T:
        folder = await asyncio.to_thread(self.store.begin, task.key)
        try:
            task = msgspec.structs.replace(task, folder=str(folder))
            made = _result(await hand.ask(task, source, self._deadline_s))
            if not isinstance(made, result):
                raise MediaFailedError("crash")
            await asyncio.to_thread(self.store.publish, folder, task.key)
            return made
        finally:
            await asyncio.to_thread(self.store.discard, folder)


def _result(answer: wire.Answer) -> Picture | Document | Video:
    match answer:
        case wire.Made(made) | wire.Cleaned(made) | wire.Filmed(made):
            return made
        case wire.Rejected(reason):
            raise MediaRejectedError(reason)
        case wire.Failed(reason):
            raise MediaFailedError(reason)


def _kind_of(source: bytes) -> str:
    if len(source) > MAX_BYTES:
        raise MediaRejectedError("too-large")
    return sniff(source)
