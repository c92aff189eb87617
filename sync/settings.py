"""What an operator can set, by environment, for `python -m sync`."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from snapshot.environment import Secret

Positive = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Address = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+")]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`SYNC_*`; the token may also come from the file that `SYNC_RENTMAN_TOKEN_FILE` names."""

    rentman_url: Address = "https://www.rentman.online"
    rentman_token: Secret
    redis_url: Annotated[str, msgspec.Meta(pattern=r"^(rediss?|unix)://")] = (
        "redis://127.0.0.1:6379/0"
    )
    database_url: str = "sqlite:///sync.db"
    media_dir: Path = Path("media")
    public_url: Address = "https://localhost:8443"  # base of every absolute link
    # base of the website's own pages, for sitemap, feeds and markup; the public URL when empty
    site_url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^/\s]+.*)?$")] = ""
    contact: str = ""  # an address for the User-Agent, so that Rentman can reach the operator
    interval_s: Positive = 900.0
    pace_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.25  # least time between two calls
    timeout_s: Positive = 60.0
    breaker_rest_s: Positive = 900.0  # after five failed calls in a row
    page_size: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 50
    picture_profile: Literal["fast", "standard", "small"] = "standard"
    picture_workers: Annotated[int, msgspec.Meta(ge=1, le=32)] = 2
