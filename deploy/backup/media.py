"""Finished pictures and documents. A key's files never change, so each key is copied once."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from deploy.backup.vault import BackupError, Vault, flush, put, sha256
from snapshot import UNREADABLE
from sync.media.store import KEY

Sums = dict[str, str]  # file name to SHA-256
_decode = msgspec.json.Decoder(Sums).decode


def copy_out(folder: Path, vault: Vault) -> tuple[str, ...]:
    """Bring what the pool lacks; the keys that there are now.

    The daemon may remove a key meanwhile, which nothing has shown for weeks: it is left out.
    """
    there = sorted(folder.iterdir()) if folder.is_dir() else ()
    pool = vault.root / "media"
    return tuple(p.name for p in there if KEY.fullmatch(p.name) and _pooled(p, pool))


def copy_in(vault: Vault, keys: Iterable[str], folder: Path) -> int:
    """Put back what the folder lacks, each file checked; the number of keys that were."""
    count = 0
    folder.mkdir(parents=True, exist_ok=True)
    for key in keys:
        if (folder / key).exists():
            continue
        if trouble := list(damaged(vault, [key])):
            raise BackupError(f"{trouble[0]}: restore another backup, or sync fetches it again")
        draft = folder / f".making-{key}-restored"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(vault.root / "media" / key, draft, copy_function=shutil.copyfile)
        for file in draft.iterdir():
            file.chmod(0o640)
        draft.chmod(0o750)  # copytree gave it the vault's mode: nobody but sync could look into it
        draft.rename(folder / key)
        count += 1
    return count


def damaged(vault: Vault, keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        place = vault.root / "media" / key
        try:
            sums = _decode(_sums(place).read_bytes())
        except (OSError, *UNREADABLE):
            yield f"media/{key} has no list of its files"
            continue
        for name, wanted in sums.items():
            file = place / name
            if not file.is_file() or sha256(file) != wanted:
                yield f"media/{key}/{name} is gone or altered"


def _pooled(place: Path, pool: Path) -> bool:
    """Whether the pool has this key, now at the latest. Its list is written last."""
    target = pool / place.name
    if _sums(target).exists():
        return True
    try:
        files = {path.name: path.read_bytes() for path in sorted(place.iterdir())}
    except FileNotFoundError:
        return False
    for name, data in files.items():
        put(target / name, data)
    flush(target)
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    put(_sums(target), msgspec.json.encode(sums))
    return True


def _sums(place: Path) -> Path:
    return place.with_name(f"{place.name}.sums")
