"""What is published: `status`, `verify`, `rollback`, `unpin`."""

import time
from typing import Any

from snapshot import (
    Manifest,
    Publisher,
    StoreUnavailableError,
    decode_entry,
    decode_index,
    decode_rows,
)
from sync.commands.result import FAILED, OK, OPERATOR, moment, on_terminal, show_json, show_table
from sync.cycle import GENERATION, STORAGE
from sync.draft import CARDS, INDEX
from sync.settings import Settings
from sync.state.database import CHECKED, State
from sync.state.records import Run
from sync.wiring import opened_press, opened_state, opened_store

BATCH = 500  # objects verified at a time
RUNS_SHOWN = 5
UNCERTAIN = "it is done wholly or not at all: `status` says which once the store is back"


async def status(settings: Settings, *, as_json: bool) -> int:
    with opened_state(settings) as state:
        runs = state.runs(RUNS_SHOWN)
        last_made = int(state.note(GENERATION) or 0)
        checked_at = int(state.note(CHECKED) or 0)
        storage = state.note(STORAGE)
    async with opened_store(settings) as store:
        publisher = Publisher(store)
        pointer = await publisher.pointer()
        pinned = await publisher.pinned()
    document = {
        "published": pointer.generation if pointer else 0,
        "last_made": last_made,
        "pinned": pinned,
        "storage": storage or "ok",
        "checked_at": checked_at,
        "runs": [
            {"started_at": r.started_at, "outcome": r.outcome, "reason": r.reason} for r in runs
        ],
    }
    if as_json:
        show_json(document)
    else:
        _show_status(document, runs)
    return OK


def _show_status(document: dict[str, Any], runs: list[Run]) -> None:
    title = f"published generation {document['published']}, last made {document['last_made']}"
    if document["pinned"]:
        title += f", pinned: {document['pinned']}"
    if document["storage"] != "ok":
        title += f"\n{document['storage']}"
    if on_terminal():
        rows = [(moment(r.started_at), r.outcome, f"{r.seconds} s", r.reason) for r in runs]
        show_table(title, ("started (UTC)", "outcome", "took", "reason"), rows)
        print(f"last good list: {moment(document['checked_at'])}")
        return
    print(title)
    for item in runs:
        print(f"{item.started_at} {item.outcome} in {item.seconds} s {item.reason}".rstrip())


async def verify(settings: Settings) -> int:
    """Read back everything that is published; the first damage is an error."""
    async with opened_store(settings) as store:
        reader = Publisher(store)
        pointer = await reader.pointer()
        if pointer is None:
            print("nothing is published")
            return FAILED
        manifest = await reader.manifest(pointer.manifest)
        names = sorted(manifest.digests())
        for start in range(0, len(names), BATCH):
            _check(await reader.objects(names[start : start + BATCH]), manifest)
        _check_artefacts(await reader.objects(manifest.artefacts.values()), manifest.artefacts)
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
            except StoreUnavailableError as error:
                _log(state, "rollback", f"to generation {generation}: the store went away")
                raise StoreUnavailableError(f"{error}; {UNCERTAIN}") from error
            state.set_note(GENERATION, str(made.generation))
            _log(state, "rollback", f"to generation {generation}")
    print(
        f"generation {made.generation} shows what {generation} showed; `unpin` resumes publishing"
    )
    return OK


async def unpin(settings: Settings) -> int:
    with opened_state(settings) as state:
        async with opened_press(settings, state) as press:
            try:
                was = await press.publisher.unpin()
            except StoreUnavailableError as error:
                raise StoreUnavailableError(f"{error}; {UNCERTAIN}") from error
            if was:
                _log(state, "unpin", "")
    print("publishing resumes with the next pass" if was else "nothing was pinned")
    return OK


def _log(state: State, action: str, subject: str) -> None:
    state.log_action(action, subject, by=OPERATOR, now=int(time.time()))


def _check(objects: dict[str, bytes], manifest: Manifest) -> None:
    for name in objects.keys() - set(manifest.artefacts.values()):
        decode_entry(objects[name], name)


def _check_artefacts(objects: dict[str, bytes], artefacts: dict[str, str]) -> None:
    cards, index = artefacts.get(CARDS), artefacts.get(INDEX)
    rows = decode_rows(objects[cards], cards) if cards is not None else ()
    if index is not None:
        decode_index(objects[index], index, len(rows))
