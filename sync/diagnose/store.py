"""Looks at Redis, and at what is published there."""

import time

import msgspec

from snapshot import Manifest, Publisher, SnapshotError, Store, StoreUnavailableError
from snapshot.checkup import Vitals
from snapshot.checkup import look as examine
from sync.diagnose.finding import Finding, clock, fail, ok, warn

OLDEST = {"redis": (7, 0), "valkey": (7, 2)}
FULL_SHARE = 0.85


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How old the data may be, and where to look when it is older."""

    stale_after_s: float
    what: str  # a list, an upload
    advice: str


async def look(store: Store, fresh: Freshness) -> list[Finding]:
    try:
        vitals = await examine(store)
    except StoreUnavailableError as error:
        advice = "Start Redis or Valkey, or mend SYNC_REDIS_URL. Visitors are served meanwhile."
        return [fail("redis", str(error), advice)]
    found = [
        _version(vitals),
        _writable(vitals),
        _memory(vitals),
        _eviction(vitals),
        _persistence(vitals),
        clock("clock: redis", vitals.clock_s - time.time(), "the store"),
    ]
    try:
        return [*found, *await _snapshot(Publisher(store), vitals, fresh)]
    except SnapshotError as error:
        advice = "Run `once` or leave it to the daemon: it publishes everything anew."
        return [*found, fail("snapshot", f"{type(error).__name__}: {error}", advice)]


def _version(vitals: Vitals) -> Finding:
    detail = f"{vitals.server} {vitals.version}, {vitals.role}"
    number = tuple(int(part) for part in vitals.version.split(".")[:2] if part.isdecimal())
    if number < OLDEST[vitals.server]:
        return warn("redis", detail, "Upgrade to Redis 7 or Valkey 7.2 at least.")
    return ok("redis", detail)


def _writable(vitals: Vitals) -> Finding:
    if not vitals.unwritable:
        return ok("redis: writes", "taken")
    advice = {
        "ReadOnlyError": "It is a replica: point SYNC_REDIS_URL at the primary.",
        "OutOfMemoryError": "It is full: raise maxmemory.",
    }.get(vitals.unwritable.partition(":")[0], "See its log: a disk that is full, or its rights.")
    return fail("redis: writes", vitals.unwritable, advice)


def _memory(vitals: Vitals) -> Finding:
    used = f"{vitals.used_bytes / 1e6:.0f} MB used"
    if not vitals.limit_bytes:
        return ok("redis: memory", f"{used}, no limit")
    detail = f"{used} of {vitals.limit_bytes / 1e6:.0f} MB"
    if vitals.used_bytes > FULL_SHARE * vitals.limit_bytes:
        return warn("redis: memory", detail, "Raise maxmemory before it is full.")
    return ok("redis: memory", detail)


def _eviction(vitals: Vitals) -> Finding:
    if vitals.eviction == "noeviction":
        return ok("redis: eviction", vitals.eviction)
    advice = "Set maxmemory-policy noeviction: else a full store forgets parts of the site."
    make = warn if vitals.eviction.startswith("volatile") else fail
    return make("redis: eviction", vitals.eviction, advice)


def _persistence(vitals: Vitals) -> Finding:
    kinds = " and ".join(vitals.persistence)
    if vitals.save_failed:
        return fail(
            "redis: persistence", f"{kinds}: the last write failed", "See its log and disk."
        )
    if not vitals.persistence:
        advice = "Set appendonly yes: after a restart it is empty until the daemon publishes anew."
        return warn("redis: persistence", "none", advice)
    return ok("redis: persistence", kinds)


async def _snapshot(publisher: Publisher, vitals: Vitals, fresh: Freshness) -> list[Finding]:
    pointer = await publisher.pointer()
    if pointer is None:
        advice = "Run `python -m sync once`, or start the daemon."
        return [fail("snapshot", "nothing is published", advice)]
    manifest = await publisher.manifest(pointer.manifest)
    missing = await publisher.missing(manifest.digests())
    return [
        _complete(manifest, missing),
        await _pin(publisher),
        await _age(publisher, fresh),
        _writer(vitals),
    ]


def _complete(manifest: Manifest, missing: set[str]) -> Finding:
    detail = f"generation {manifest.generation}, {len(manifest.pages)} pages"
    if missing:
        advice = "Run `once` or leave it to the daemon: it sends what is missing."
        return fail("snapshot", f"{detail}, {len(missing)} objects are missing", advice)
    return ok("snapshot", f"{detail}, complete")


async def _pin(publisher: Publisher) -> Finding:
    reason = await publisher.pinned()
    if reason:
        return warn("snapshot: pin", reason, "Nothing new is shown until `python -m sync unpin`.")
    return ok("snapshot: pin", "not pinned")


async def _age(publisher: Publisher, fresh: Freshness) -> Finding:
    word = await publisher.source()
    checked = _checked_at(word)
    if not checked:
        advice = "Start the daemon; `once` counts too."
        return warn("snapshot: age", f"no good {fresh.what} was ever taken in", advice)
    age = max(time.time() - checked, 0.0)
    detail = f"the last good {fresh.what} is {age:.0f} s old"
    if age > fresh.stale_after_s:
        return warn("snapshot: age", detail, fresh.advice)
    return ok("snapshot: age", detail)


def _checked_at(word: bytes) -> float:
    try:
        return float(
            msgspec.json.decode(word or b"{}", type=dict[str, int | str]).get("checked_at_s", 0)
        )
    except (msgspec.DecodeError, ValueError):
        return 0.0


def _writer(vitals: Vitals) -> Finding:
    if vitals.writer:
        return ok("snapshot: writer", vitals.writer)
    return warn("snapshot: writer", "nobody holds the lease", "Start the daemon: `sync run`.")
