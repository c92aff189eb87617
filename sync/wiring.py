"""Builds the parts of the daemon from settings, and takes them down again."""

import contextlib
import fcntl
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from snapshot import Publisher, Store, connect
from sync.cycle import GENERATION, Cycle
from sync.errors import StateError, UnusableSettingError
from sync.gallery import Gallery
from sync.media.studio import Studio
from sync.publish import Press
from sync.render.images import Links
from sync.rentman.client import Rentman
from sync.resilience import Guard
from sync.settings import Settings
from sync.state.database import State


@contextlib.contextmanager
def opened_state(settings: Settings) -> Iterator[State]:
    state = State(settings.database_url)
    try:
        state.migrate()
        yield state
    finally:
        state.close()


@contextlib.asynccontextmanager
async def opened_press(settings: Settings, state: State) -> AsyncIterator[Press]:
    """The writer of this installation: its name is the machine's and the state database's."""
    owner = f"{socket.gethostname()}:{state.identity()}"
    async with opened_store(settings) as client:
        yield Press(Publisher(client), owner, time.time, floor=int(state.note(GENERATION) or 0))


@contextlib.asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    try:
        client = connect(settings.redis_url)
    except ValueError:  # whose text may quote a part of the password
        raise UnusableSettingError("SYNC_REDIS_URL: not a Redis address") from None
    try:
        yield client
    finally:
        await client.aclose()


@contextlib.contextmanager
def alone(media_dir: Path) -> Iterator[None]:
    """One daemon per media directory on this machine; `StateError` for the second."""
    try:
        media_dir.mkdir(parents=True, exist_ok=True)
        lock = (media_dir / ".sync.lock").open("w")
    except OSError as error:
        raise UnusableSettingError(f"SYNC_MEDIA_DIR: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StateError(f"another sync is at work on {media_dir}") from error
        yield


@contextlib.asynccontextmanager
async def opened_cycle(settings: Settings) -> AsyncIterator[Cycle]:
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(alone(settings.media_dir))
        state = stack.enter_context(opened_state(settings))
        press = await stack.enter_async_context(opened_press(settings, state))
        studio = await stack.enter_async_context(
            Studio(
                settings.media_dir,
                profile=settings.picture_profile,
                workers=settings.picture_workers,
            )
        )
        source = Rentman(
            settings.rentman_url,
            settings.rentman_token,
            Guard(pace_s=settings.pace_s, rest_s=settings.breaker_rest_s),
            timeout_s=settings.timeout_s,
            contact=settings.contact,
        )
        stack.push_async_callback(source.aclose)
        yield Cycle(
            source=source,
            state=state,
            press=press,
            gallery=Gallery(
                source,
                studio,
                state,
                time.time,
                settings.media_dir,
                2 * settings.picture_workers,
            ),
            links=Links(settings.public_url.rstrip("/"), settings.site_url.rstrip("/")),
            page_size=settings.page_size,
            clock=time.time,
        )
