"""What is to be looked at, as the services' own settings have it."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

CONFIG = Path("/etc/rentman-edge")
FILES = ("sync.env", "edge.env", "caddy.env")
VAULT = "/var/backups/rentman-edge"


class TargetError(Exception):
    """The settings do not tell what to look at."""


@dataclass(frozen=True, slots=True)
class Target:
    """`address`: the IP that DNS should give, when it is known. `ca`: a root of one's own."""

    url: str
    edges: tuple[str, ...]
    places: dict[str, Path] = field(default_factory=dict)
    vault: Path = Path(VAULT)
    clock: str = ""  # a server elsewhere, whose clock is compared
    address: str = ""
    ca: str = ""

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        return self.parts.hostname or ""

    @property
    def secure(self) -> bool:
        return self.parts.scheme == "https"

    @property
    def port(self) -> int:
        return self.parts.port or (443 if self.secure else 80)


def read(config: Path, **given: str) -> Target:
    """From the files of settings; what is `given` and not empty wins."""
    values: dict[str, str] = {}
    for name in FILES:
        values |= settings(config / name)
    site = values.get("SITE_ADDRESS", "")
    if not site:
        raise TargetError(f"{config}/caddy.env has no SITE_ADDRESS: name the site by --url")
    database = values.get("SYNC_DATABASE_URL", "").partition("sqlite:///")[2]
    places = {
        "media": values.get("SYNC_MEDIA_DIR", ""),
        "tree": values.get("EDGE_TREE_DIR", ""),
        "database": str(Path(database).parent) if database else "",
    }
    return Target(
        url=given.get("url") or (site if "://" in site else f"https://{site}"),
        edges=tuple(values.get("CADDY_EDGES", "").split()),
        places={name: Path(path) for name, path in places.items() if path},
        vault=Path(given.get("vault") or VAULT),
        clock=given.get("clock") or values.get("SYNC_RENTMAN_URL", "https://www.rentman.online"),
        address=given.get("address", ""),
        ca=given.get("ca", ""),
    )


def settings(path: Path) -> dict[str, str]:
    """As systemd reads them, as far as these files go; nothing when there is no such file."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and line[0] not in "#;")
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}
