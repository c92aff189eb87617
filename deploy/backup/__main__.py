"""`rentman-edge backup make | list | check | restore`: docs/operations.md."""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

import msgspec

from deploy.backup import media, published, state
from deploy.backup.vault import RECORD, BackupError, Record, Vault, put, sha256
from snapshot import SnapshotError
from snapshot.environment import SettingsError, read
from sync.cycle import GENERATION
from sync.errors import SyncError
from sync.settings import Settings
from sync.wiring import alone, opened_state, opened_store

VAULT = Path("/var/backups/rentman-edge")
KEEP = 48  # two days of hourly ones


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    vault = Vault(given.vault)
    try:
        if given.command == "list":
            return _list(vault)
        if given.command == "check":
            return _check(vault, given.name or vault.newest())
        settings = read(Settings, "SYNC_", os.environ)
        if given.command == "make":
            return asyncio.run(_make(settings, vault, given.keep))
        return asyncio.run(_restore(settings, vault, given))
    except (BackupError, SettingsError, SnapshotError, SyncError, OSError) as error:
        print(f"backup: {error}", file=sys.stderr)
        return 1


async def _make(settings: Settings, vault: Vault, keep: int) -> int:
    began, now = time.monotonic(), time.time()
    vault.keep(keep)  # first: on a full disk the next one needs the room
    with vault.draft(now) as (place, name):
        file = state.copy_out(settings.database_url, place)
        async with opened_store(settings) as store:
            generations, objects, pin = await published.copy_out(store, vault, place)
        kept = () if settings.media_url else media.copy_out(settings.media_dir, vault)
        record = Record(
            made_at=int(now),
            seconds=round(time.monotonic() - began, 3),
            release=Path.cwd().name,
            files={file: sha256(place / file)},
            media=kept,
            objects=objects,
            generations=generations,
            pin=pin,
        )
        put(place / RECORD, msgspec.json.encode(record))
    vault.keep(keep)
    print(f"{name}: {_sentence(record)}")
    return 0


def _list(vault: Vault) -> int:
    for name in vault.names():
        print(f"{name}: {_sentence(vault.record(name))}")
    return 0


def _check(vault: Vault, name: str) -> int:
    """Reads back every byte."""
    record = vault.record(name)
    faults = _faults(vault, name, record)
    for fault in faults:
        print(fault)
    print(f"{name}: {f'{len(faults)} faults' if faults else 'all as it was written'}")
    return 1 if faults else 0


async def _restore(settings: Settings, vault: Vault, given: argparse.Namespace) -> int:
    """Database, pictures, snapshot; each part checked before it is used."""
    began = time.monotonic()
    name = given.name or vault.newest()
    record = vault.record(name)
    if faults := _faults(vault, name, record):
        raise BackupError(f"{name} is not restored: {faults[0]} and {len(faults) - 1} more")
    with alone(settings.media_dir):  # no daemon is at work
        state.copy_in(settings.database_url, vault.root / name, replace=given.replace)
        back = 0 if settings.media_url else media.copy_in(vault, record.media, settings.media_dir)
        if given.above:
            _number_above(settings, given.above)
    async with opened_store(settings) as store:
        count = await published.copy_in(store, vault, name, record)
    told = f"{count} generations" if count else "the store had a snapshot and keeps it"
    took = time.monotonic() - began
    print(f"{name} is back after {took:.1f} s: the database, {back} pictures, {told}")
    return 0


def _number_above(settings: Settings, number: int) -> None:
    """Edges never go back: what is published next must be above what they have served."""
    with opened_state(settings) as found:
        found.set_note(GENERATION, str(max(number, int(found.note(GENERATION) or 0))))


def _faults(vault: Vault, name: str, record: Record) -> list[str]:
    altered = [
        f"{name}/{file} is gone or altered"
        for file, wanted in record.files.items()
        if not (path := vault.root / name / file).is_file() or sha256(path) != wanted
    ]
    rest = published.damaged(vault, name, record)
    return [*altered, *rest, *media.damaged(vault, record.media)]


def _sentence(record: Record) -> str:
    last = record.generations[-1].number if record.generations else 0
    return (
        f"generation {last} and {max(0, len(record.generations) - 1)} before it, "
        f"{len(record.objects)} objects, {len(record.media)} pictures, {record.seconds} s, "
        f"release {record.release}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rentman-edge backup", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="one backup, now")
    make.add_argument("--keep", type=int, default=KEEP, help="so many; older ones go")
    commands.add_parser("list", help="those that there are")
    check = commands.add_parser("check", help="read back every byte of one")
    restore = commands.add_parser("restore", help="put one back, with sync stopped")
    restore.add_argument("--replace", action="store_true", help="a database that is there, too")
    restore.add_argument("--above", type=int, default=0, help="what edges have served already")
    for command in (check, restore):
        command.add_argument("name", nargs="?", default="", help="the newest, unless named")
    for command in commands.choices.values():
        command.add_argument("--vault", "--to", type=Path, default=VAULT, help=str(VAULT))
    return parser


if __name__ == "__main__":
    sys.exit(main())
