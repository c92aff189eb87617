"""The snapshot: every retained generation, out of the store and into an empty one."""

from collections.abc import Iterator
from pathlib import Path

from deploy.backup.vault import BackupError, Generation, Record, Vault, put
from snapshot import DamagedError, Manifest, Publisher, Store, decode_manifest, digest, encode

BATCH = 500  # objects read at a time
TRIES = 3  # the writer may collect a generation while it is read
OWNER, LEASE_S = "restore", 60.0


async def copy_out(
    store: Store, vault: Vault, place: Path
) -> tuple[tuple[Generation, ...], tuple[str, ...], str]:
    """Generations ascending, the objects that they name, and the pin."""
    reader = Publisher(store)
    pinned = await reader.pinned()
    for left in reversed(range(TRIES)):
        try:
            generations, names = await _copy(reader, vault, place)
        except DamagedError as error:
            if not left:
                raise BackupError(f"the snapshot: {error}; `rentman-edge sync verify`") from error
            continue
        return generations, names, pinned
    raise AssertionError  # the last try returns or raises


async def _copy(
    reader: Publisher, vault: Vault, place: Path
) -> tuple[tuple[Generation, ...], tuple[str, ...]]:
    generations, names = [], set()
    for pointer in reversed(await reader.history()):
        manifest = await reader.manifest(pointer.manifest)
        put(place / "manifests" / pointer.manifest, encode(manifest))
        generations.append(Generation(pointer.generation, pointer.manifest))
        names |= manifest.digests()
    lacking = sorted(name for name in names if not vault.object_file(name).exists())
    for start in range(0, len(lacking), BATCH):
        found = await reader.objects(lacking[start : start + BATCH])
        for name, data in found.items():
            if digest(data) != name:
                raise DamagedError(f"object {name} does not match its digest")
            put(vault.object_file(name), data)
    return tuple(generations), tuple(sorted(names))


async def copy_in(store: Store, vault: Vault, name: str, record: Record) -> int:
    """Publish the generations again, in order; how many. Only into a store that has none."""
    publisher = Publisher(store)
    if await publisher.pointer() is not None:
        return 0
    lease = await publisher.acquire(OWNER, LEASE_S)
    after = 0
    for generation in record.generations:
        manifest = _manifest(vault.root / name, generation)
        lacking = sorted(await publisher.missing(manifest.digests()))
        for start in range(0, len(lacking), BATCH):
            batch = lacking[start : start + BATCH]
            await publisher.send({name: _object(vault, name) for name in batch})
            await publisher.renew(lease, LEASE_S)
        await publisher.flip(manifest, lease, after=after)
        after = generation.number
    if record.pin:
        await publisher.pin(record.pin)
    await publisher.release(lease)
    return len(record.generations)


def damaged(vault: Vault, name: str, record: Record) -> Iterator[str]:
    for wanted in record.objects:
        try:
            _object(vault, wanted)
        except BackupError as error:
            yield str(error)
    for generation in record.generations:
        try:
            _manifest(vault.root / name, generation)
        except BackupError as error:
            yield str(error)


def _object(vault: Vault, name: str) -> bytes:
    try:
        data = vault.object_file(name).read_bytes()
    except OSError as error:
        raise BackupError(f"objects/{name} is gone") from error
    if digest(data) != name:
        raise BackupError(f"objects/{name} was altered")
    return data


def _manifest(place: Path, generation: Generation) -> Manifest:
    try:
        data = (place / "manifests" / generation.manifest).read_bytes()
        return decode_manifest(data, generation.manifest)
    except (OSError, DamagedError) as error:
        raise BackupError(f"manifest of generation {generation.number}: {error}") from error
