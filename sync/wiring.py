"""Builds the parts of the daemon from settings, and takes them down again."""

import contextlib
import fcntl
import functools
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from snapshot import Publisher, Store, connect
from sync.cycle import GENERATION, PROMISED, Cycle
from sync.daemon import LOOPS, Daemon
from sync.errors import StateError, UnusableSettingError
from sync.gallery import Gallery
from sync.media.errors import MediaFailedError
from sync.media.retention import DAY_S
from sync.media.studio import Studio
from sync.metrics import Metrics, looked_up
from sync.notify import Notifier
from sync.progress import Progress
from sync.publish import Press
from sync.render.images import Links
from sync.rentman.client import Rentman
from sync.rentman.web import Web
from sync.rentmanxml.folder import Folder
from sync.rentmanxml.source import RentmanXml
from sync.resilience import Guard
from sync.settings import Settings
from sync.source import Source
from sync.state.checkup import database_file
from sync.state.database import State

MIB = 1024 * 1024


@contextlib.contextmanager
def opened_state(settings: Settings) -> Iterator[State]:
    state = State(settings.database_url, settings.archive_after_days * DAY_S)
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
        yield Press(
            Publisher(client),
            owner,
            time.time,
            floor=int(state.note(GENERATION) or 0),
            promised=int(state.note(PROMISED) or 0),
            promise=lambda number: state.set_note(PROMISED, str(number)),
            lease_s=settings.lease_s,
        )


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
async def opened_studio(settings: Settings) -> AsyncIterator[Studio]:
    try:
        studio = Studio(
            settings.media_dir,
            profile=settings.picture_profile,
            workers=settings.picture_workers,
            bucket=settings.media_url,
        )
    except MediaFailedError as error:
        raise UnusableSettingError(f"SYNC_MEDIA_URL: {error.__cause__}") from error
    async with studio:
        yield studio


@contextlib.asynccontextmanager
async def opened_client(
    settings: Settings, metrics: Metrics, progress: Progress, *, attempts: int = 3
) -> AsyncIterator[Rentman]:
    guard = Guard(
        attempts=attempts,
        pace_s=settings.pace_s,
        per_hour=settings.calls_per_hour,
        rest_s=settings.breaker_rest_s,
        metrics=metrics,
        progress=progress,
    )
    client = Rentman(
        settings.rentman_url,
        settings.rentman_token,
        guard,
        timeout_s=settings.timeout_s,
        contact=settings.contact,
    )
    try:
        yield client
    finally:
        await client.aclose()


@contextlib.asynccontextmanager
async def opened_source(
    settings: Settings, metrics: Metrics, progress: Progress
) -> AsyncIterator[Source]:
    if settings.source == "xml":
        folder = Folder(settings.xml_dir, settings.xml_settle_s)
        pushed = RentmanXml(folder, settings.xml_max_mb * MIB, progress=progress)
        await pushed.open()
        async with contextlib.aclosing(pushed):
            yield pushed
        return
    async with opened_client(settings, metrics, progress) as client:
        yield Web(client, settings.page_size)


@contextlib.asynccontextmanager
async def opened_cycle(
    settings: Settings, metrics: Metrics, progress: Progress
) -> AsyncIterator[Cycle]:
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(alone(settings.media_dir))
        state = stack.enter_context(opened_state(settings))
        press = await stack.enter_async_context(opened_press(settings, state))
        studio = await stack.enter_async_context(opened_studio(settings))
        source = await stack.enter_async_context(opened_source(settings, metrics, progress))
        yield Cycle(
            source=source,
            state=state,
            press=press,
            gallery=Gallery(
                source,
                studio,
                state,
                time.time,
                in_flight=2 * settings.picture_workers,
                grace_s=settings.media_keep_days * DAY_S,
                metrics=metrics,
                progress=progress,
            ),
            links=Links(settings.public_url.rstrip("/"), settings.site_url.rstrip("/")),
            clock=time.time,
        )


@contextlib.asynccontextmanager
async def opened_daemon(settings: Settings, notifier: Notifier) -> AsyncIterator[Daemon]:
    metrics, progress = Metrics(), Progress()
    async with opened_cycle(settings, metrics, progress) as cycle:
        cycle.apart_s = settings.interval_s / 2
        daemon = Daemon(
            cycle,
            settings.interval_s,
            metrics,
            progress,
            notifier,
            stall_s=settings.stall_s,
        )
        _look_when_scraped(daemon, settings)
        with metrics.served(settings.metrics_host, settings.metrics_port):
            yield daemon


def _look_when_scraped(daemon: Daemon, settings: Settings) -> None:
    metrics, progress = daemon.metrics, daemon.progress
    looked_up(metrics.data_age, daemon.data_age)
    looked_up(metrics.queue, lambda: progress.files_wanted - progress.files_done)
    for loop in LOOPS:
        looked_up(metrics.step_age.labels(loop), functools.partial(progress.age, loop))
    places = {"media": settings.media_dir}
    if database := database_file(settings.database_url):
        places["database"] = database.parent
        looked_up(metrics.database, functools.partial(_size, database))
    for name, place in places.items():
        looked_up(metrics.disk_free.labels(name), functools.partial(free_bytes, place))


def free_bytes(place: Path) -> float:
    return shutil.disk_usage(place).free


def _size(database: Path) -> float:
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
