"""What `python -m sync COMMAND` does; each returns its exit code."""

import asyncio
import contextlib
import signal
from collections.abc import Iterable

import msgspec

from snapshot import (
    Manifest,
    Reader,
    SnapshotError,
    decode_entry,
    decode_index,
    decode_rows,
)
from sync.cycle import CONFIRMED, GENERATION, Report
from sync.cycle import HELD as HELD_NOTE
from sync.daemon import Daemon
from sync.errors import UpstreamError
from sync.publish import CARDS, INDEX
from sync.settings import Settings
from sync.wiring import opened_cycle, opened_press, opened_state, opened_store

OK, FAILED, USAGE, HELD, UPSTREAM_FAILED = 0, 1, 2, 3, 4
_EXIT = {"published": OK, "unchanged": OK, "held": HELD, "failed": UPSTREAM_FAILED}
BATCH = 500  # objects verified at a time
RUNS_SHOWN = 5


async def once(settings: Settings, *, as_json: bool) -> int:
    """One whole pass: the list, then every picture that is wanted."""
    async with opened_cycle(settings) as cycle:
        report = await cycle.refresh()
        if report.outcome in ("published", "unchanged"):
            try:
                await cycle.pictures()
            except UpstreamError as error:
                reason = f"the list is in; pictures: {error}"
                report = msgspec.structs.replace(report, outcome="failed", reason=reason)
            report = msgspec.structs.replace(report, generation=cycle.press.floor)
        await cycle.press.release()
    print(msgspec.json.encode(report).decode() if as_json else _sentence(report))
    return _EXIT[report.outcome]


async def run(settings: Settings) -> int:
    """The daemon, until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened_cycle(settings) as cycle:
        daemon = asyncio.create_task(Daemon(cycle, settings.interval_s).run())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({daemon, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if daemon.done():
            daemon.result()  # it only ends by raising
        daemon.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await daemon
        with contextlib.suppress(SnapshotError):
            await cycle.press.release()
    return OK


async def status(settings: Settings, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        runs = state.runs(RUNS_SHOWN)
        generation = int(state.note(GENERATION) or 0)
    async with opened_store(settings) as store:
        reader = Reader(store)
        pointer = await reader.pointer()
    document = {
        "published": pointer.generation if pointer else 0,
        "last_made": generation,
        "runs": [
            {"started_at": r.started_at, "outcome": r.outcome, "reason": r.reason} for r in runs
        ],
    }
    if as_json:
        print(msgspec.json.encode(document).decode())
        return OK
    print(f"published generation {document['published']}, last made {generation}")
    for item in runs:
        print(f"{item.started_at} {item.outcome} in {item.seconds} s {item.reason}".rstrip())
    return OK


async def verify(settings: Settings) -> int:
    """Read back everything that is published; the first damage is an error."""
    async with opened_store(settings) as store:
        reader = Reader(store)
        pointer = await reader.pointer()
        if pointer is None:
            print("nothing is published")
            return FAILED
        manifest = await reader.manifest(pointer.manifest)
        names = sorted(manifest.digests())
        for start in range(0, len(names), BATCH):
            objects = await reader.objects(names[start : start + BATCH])
            _check(objects, manifest)
    pages, number = len(manifest.pages), manifest.generation
    print(f"generation {number}: {pages} pages, {len(names)} objects, all as they were written")
    return OK


async def rollback(settings: Settings, generation: int) -> int:
    with opened_state(settings) as state:
        async with opened_press(settings, state) as press:
            try:
                made = await press.revert(generation)
            except LookupError as error:
                print(str(error.args[0]))
                return FAILED
            state.set_note(GENERATION, str(made.generation))
    print(
        f"generation {made.generation} shows what {generation} showed; `unpin` resumes publishing"
    )
    return OK


async def confirm(settings: Settings) -> int:
    """Let the list that is held now in, should the next pass find the same one."""
    with opened_state(settings) as state:
        held = state.note(HELD_NOTE)
        state.set_note(CONFIRMED, held)
    print("the held list is let in with the next pass" if held else "no list is held")
    return OK


async def unpin(settings: Settings) -> int:
    with opened_state(settings) as state:
        async with opened_press(settings, state) as press:
            was = await press.publisher.unpin()
    print("publishing resumes with the next pass" if was else "nothing was pinned")
    return OK


def _check(objects: dict[str, bytes], manifest: Manifest) -> None:
    artefacts = manifest.artefacts
    for name in objects.keys() - set(artefacts.values()):
        decode_entry(objects[name], name)
    rows = decode_rows(objects[artefacts[CARDS]], artefacts[CARDS]) if CARDS in artefacts else ()
    if INDEX in artefacts:
        decode_index(objects[artefacts[INDEX]], artefacts[INDEX], len(rows))


def _sentence(report: Report) -> str:
    parts: Iterable[str] = (
        report.outcome,
        report.reason,
        f"generation {report.generation}" if report.generation else "",
        f"{report.listings} listings",
        f"{len(report.quarantine)} rows in quarantine" if report.quarantine else "",
        f"{report.calls} calls",
        f"{report.seconds} s",
    )
    return ", ".join(part for part in parts if part)
