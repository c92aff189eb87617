"""`once` and `run`: the passes themselves."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Iterable

import msgspec
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from snapshot import SnapshotError
from sync.commands.result import FAILED, HELD, OK, UPSTREAM_FAILED, show_json
from sync.cycle import Cycle
from sync.errors import StorageError, UpstreamError
from sync.memory import sparing
from sync.metrics import Metrics
from sync.notify import Notifier
from sync.progress import Progress as Steps
from sync.report import FETCH, PICTURES, Report
from sync.settings import Settings
from sync.tenure import as_writer
from sync.wiring import opened_cycle, opened_daemon

log = structlog.stdlib.get_logger("sync.daemon")
_EXIT = {"published": OK, "unchanged": OK, "held": HELD, "failed": UPSTREAM_FAILED}
TICK_S = 0.1


async def once(settings: Settings, *, as_json: bool) -> int:
    """One whole pass: the list, then every picture that is wanted."""
    steps = Steps()
    async with (
        opened_cycle(settings, Metrics(), steps) as cycle,
        _bar(steps, shown=sys.stderr.isatty() and not as_json),
    ):  # the lease first: what another writer is at is not fetched twice
        report = await as_writer(cycle.press, lambda: _whole(cycle))
    if as_json:
        show_json(report)
    else:
        print(_sentence(report))
    return _code(report)


def _code(report: Report) -> int:
    """Of failures, those of the source are told apart: they are waited for, ours are mended."""
    ours = report.stage not in ("", FETCH, PICTURES) or report.error == StorageError.__name__
    return FAILED if ours else _EXIT[report.outcome]


async def run(settings: Settings, notifier: Notifier) -> int:
    """The daemon, until SIGTERM or SIGINT."""
    sparing()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened_daemon(settings, notifier) as daemon:
        log.info("started", owner=daemon.cycle.press.owner)
        working = asyncio.create_task(daemon.run())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()  # it only ends by raising
        notifier.stopping()
        log.info("stopping")
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        with contextlib.suppress(SnapshotError):
            await daemon.cycle.press.release()
    return OK


async def _whole(cycle: Cycle) -> Report:
    report = await cycle.refresh()
    if report.outcome not in ("published", "unchanged"):
        return report
    try:
        await cycle.pictures()
    except (StorageError, UpstreamError) as error:
        report = msgspec.structs.replace(
            report,
            outcome="failed",
            reason=f"the list is in; pictures: {error}",
            stage=PICTURES,
            error=type(error).__name__,
        )
    return msgspec.structs.replace(report, generation=cycle.press.floor)


@contextlib.asynccontextmanager
async def _bar(steps: Steps, *, shown: bool) -> AsyncIterator[None]:
    """On standard error, which is the terminal's: rows while the list comes in, then files."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), disable=not shown)
    rows, files = bar.add_task("list", total=None), bar.add_task("pictures", total=None)

    def draw(*, ended: bool = False) -> None:
        whole = ended or steps.files_wanted
        bar.update(rows, completed=steps.rows, total=steps.rows if whole else None)
        bar.update(files, completed=steps.files_done, total=steps.files_wanted or None)

    async def follow() -> None:
        while True:
            draw()
            await asyncio.sleep(TICK_S)

    with bar:
        task = asyncio.create_task(follow())
        try:
            yield
        finally:
            task.cancel()
            draw(ended=True)


def _sentence(report: Report) -> str:
    parts: Iterable[str] = (
        report.outcome,
        report.reason,
        f"generation {report.generation}" if report.generation else "",
        f"{report.listings} listings",
        f"{len(report.quarantine)} rows in quarantine" if report.quarantine else "",
        f"{len(report.refused)} not to let" if report.refused else "",
        f"{report.calls} calls",
        f"{report.seconds} s",
    )
    return ", ".join(part for part in parts if part)
