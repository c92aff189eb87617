"""What an operator can set, by environment, for `python -m edge`."""

from pathlib import Path
from typing import Annotated

import msgspec

from snapshot import ADDRESS

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`EDGE_*`. Loopback only by default: Robyn belongs behind Caddy (docs/decisions)."""

    redis_url: Annotated[str, msgspec.Meta(pattern=ADDRESS)] = "redis://127.0.0.1:6379/0"
    host: str = "127.0.0.1"
    port: Port = 8000
    media_dir: Path = Path("media")
    tree_dir: Path = Path("tree")
    processes: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2  # that share the port
    threads: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1  # Robyn worker threads of each process
    poll_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 1.0  # pub/sub may lose a message
    linger_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 2.0  # drain on SIGTERM
    visitor_queries_per_s: Annotated[float, msgspec.Meta(ge=0)] = 10.0  # new ones; 0: no limit
    stale_after_s: Annotated[int, msgspec.Meta(ge=1)] = 3600  # source age that readyz calls stale
