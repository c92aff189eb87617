"""A client of the store, from its address: one server, or whichever Sentinel says is the primary."""

import re
from typing import cast
from urllib.parse import SplitResult, unquote, urlsplit

import redis.asyncio
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

SENTINEL_PORT = 26379
ADDRESS = r"^(rediss?|unix|sentinel)://"  # what settings accept
_PATH = re.compile(r"/(?P<service>[^/]+)(/(?P<db>[0-9]+))?")

Store = redis.asyncio.Redis


class _Primary(redis.asyncio.Redis):
    """Closes the connections to the Sentinels too, which redis-py leaves open."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        pool = cast("SentinelConnectionPool", self.connection_pool)
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def connect(url: str, timeout_s: float = 5.0) -> Store:
    """A client that fails within `timeout_s` rather than hang; it connects on first use.

    `redis://`, `rediss://` and `unix://` as in redis-py; or
    `sentinel://[user:password@]host[:port][,host[:port] …]/service[/db]`, whose credentials are those
    of the primary. After a failover the next command goes to the new one. `ValueError` for others.
    """
    parts = urlsplit(url)
    if parts.scheme == "sentinel":
        return _sentinel(parts, timeout_s)
    return redis.asyncio.Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, health_check_interval=15
    )


def _sentinel(parts: SplitResult, timeout_s: float) -> Store:
    path = _PATH.fullmatch(parts.path)
    credentials, _, hosts = parts.netloc.rpartition("@")
    if path is None or not hosts:
        raise ValueError("expected sentinel://host:port,…/service/db")
    user, _, password = credentials.partition(":")
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        [_host(host) for host in hosts.split(",")],
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
    )
    primary: Store = sentinels.master_for(
        path["service"],
        redis_class=_Primary,
        db=int(path["db"] or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        health_check_interval=15,
    )
    return primary


def _host(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")  # also [::1]:26379; a bad port is a ValueError
    if not parts.hostname:
        raise ValueError("a Sentinel without a host")
    return parts.hostname, parts.port or SENTINEL_PORT
