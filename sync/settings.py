"""What an operator can set, by environment, for `python -m sync`."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from snapshot import ADDRESS
from snapshot.environment import Secret

LEASE_S = 20.0
Positive = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+")]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`SYNC_*`; the token may also come from the file that `SYNC_RENTMAN_TOKEN_FILE` names."""

    source: Literal["web", "xml"] = "web"
    rentman_url: Address = "https://www.rentman.online"
    rentman_token: Secret = Secret("")
    xml_dir: Path = Path("xml")
    xml_settle_s: Positive = 10.0  # how long an upload must stand still
    xml_max_mb: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 32  # of one document, in MiB
    redis_url: Annotated[str, msgspec.Meta(pattern=ADDRESS)] = "redis://127.0.0.1:6379/0"
    database_url: str = "sqlite:///sync.db"
    archive_after_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90  # of a home's absence
    media_dir: Path = Path("media")
    public_url: Address = "https://localhost:8443"  # base of every absolute link
    # base of the website's own pages, for sitemap, feeds and markup; the public URL when empty
    site_url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^/\s]+.*)?$")] = ""
    # An address for the User-Agent, so that Rentman can reach the operator; it goes in a header.
    contact: Annotated[str, msgspec.Meta(pattern=r"^[ -~]*$")] = ""
    interval_s: Positive = 900.0
    pace_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.25  # least time between two calls
    calls_per_hour: Annotated[int, msgspec.Meta(ge=60, le=1_000_000)] = 1000
    timeout_s: Positive = 60.0
    breaker_rest_s: Positive = 900.0  # after five failed calls in a row
    page_size: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 50
    picture_profile: Literal["fast", "standard", "small"] = "standard"
    picture_workers: Annotated[int, msgspec.Meta(ge=1, le=32)] = 2
    media_url: Annotated[str, msgspec.Meta(pattern=r"^(s3://[^/?#\s]+[^?#\s]*)?$")] = ""
    media_keep_days: Annotated[int, msgspec.Meta(ge=2, le=3650)] = 30  # pages live a day elsewhere
    lease_s: Annotated[float, msgspec.Meta(ge=3, le=3600)] = (
        LEASE_S  # until a dead writer is replaced
    )
    stall_s: Positive = 300.0  # a loop without a step for so long is stuck: no more pings
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0  # 0: not served

    def __post_init__(self) -> None:
        if self.source == "web" and not self.rentman_token.reveal().strip():
            raise ValueError("SYNC_RENTMAN_TOKEN is required for SYNC_SOURCE=web")
