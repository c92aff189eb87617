"""How the store itself is: what an operator wants to know of it, and no reader or writer does."""

from typing import Any

import msgspec

from snapshot import keys
from snapshot.client import Store
from snapshot.errors import StoreUnavailableError
from snapshot.store import of, translated

PROBE_MS = 1000  # a probe key that cannot be removed goes by itself


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """`unwritable`: why it takes no writes, in its own words; empty when it does."""

    server: str  # redis or valkey
    version: str
    role: str
    unwritable: str
    used_bytes: int
    limit_bytes: int  # 0: none
    eviction: str
    persistence: tuple[str, ...]  # of aof, rdb
    save_failed: bool
    clock_s: float  # unix seconds
    writer: str  # who holds the lease; empty for nobody


async def look(client: Store) -> Vitals:
    """`StoreUnavailableError` when it does not answer."""
    with translated():
        info = await of(client.info())
        seconds, micros = await of(client.time())
        lease = await of(client.get(keys.LEASE))
    valkey = "valkey_version" in info
    return Vitals(
        server="valkey" if valkey else "redis",
        version=str(info["valkey_version" if valkey else "redis_version"]),
        role=str(info.get("role", "")),
        unwritable=await _refusal(client),
        used_bytes=int(info.get("used_memory", 0)),
        limit_bytes=int(info.get("maxmemory", 0)),
        eviction=str(info.get("maxmemory_policy", "")),
        persistence=await _persistence(client, info),
        save_failed="err"
        in (info.get("rdb_last_bgsave_status"), info.get("aof_last_write_status")),
        clock_s=seconds + micros / 1e6,
        writer=(lease or b"").decode().rpartition("/")[0],
    )


async def _refusal(client: Store) -> str:
    try:
        with translated():
            await client.set(keys.PROBE, b"", px=PROBE_MS)
            await client.delete(keys.PROBE)
    except StoreUnavailableError as error:
        return str(error)
    return ""


async def _persistence(client: Store, info: dict[str, Any]) -> tuple[str, ...]:
    found = ["aof"] if info.get("aof_enabled") else []
    try:
        with translated():
            saves = (await of(client.config_get("save"))).get("save")
    except StoreUnavailableError:  # hosted stores refuse CONFIG; a save that was made tells too
        saves = info.get("rdb_saves", 0)
    return tuple([*found, "rdb"] if saves else found)
