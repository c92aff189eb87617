"""The steps of installing, going back and uninstalling: pure, so that a dry run can show them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.install.release import HOME, Prune, Release, Switch, linked
from deploy.install.steps import Absent, Command, File, InstallError, Link, Step

CONFIG, LIB = "/etc/rentman-edge", "/usr/local/lib"
UNITS = f"{LIB}/systemd/system"
SERVED = {  # where each file of deploy/systemd goes that is no unit
    "sysusers.conf": f"{LIB}/sysusers.d/rentman-edge.conf",
    "tmpfiles.conf": f"{LIB}/tmpfiles.d/rentman-edge.conf",  # noqa: S108 - not a file in /tmp
    "sysctl.conf": f"{LIB}/sysctl.d/60-rentman-edge.conf",
    "journald.conf": f"{LIB}/systemd/journald.conf.d/rentman-edge.conf",
}
FIRST_PORT = 8000
STORES = ("valkey-server", "redis-server")
TIMER = "rentman-backup.timer"
PARTS = ("rentman-store.service", "rentman-sync.service", "rentman-caddy.service")


@dataclass(frozen=True, slots=True)
class Options:
    """`live`: the running system, whose service manager is told; otherwise only `root` is laid out."""

    source: Path
    root: Path = Path("/")
    host: str = "localhost"
    edges: int = 2
    caddy: Path | None = None
    token: bytes = b""

    @property
    def live(self) -> bool:
        return self.root == Path("/")


def install(options: Options) -> Iterator[Step]:
    release = Release(options.source, options.caddy)
    enabled = _wanted(options)  # before any unit is written
    yield from _store(options)
    yield release
    yield from _configuration(options)
    yield from _system_files(options.source)
    yield from _accounts(options)
    yield Switch(release.name)
    yield Prune()
    yield from _enabled(options, enabled)


def back(options: Options) -> Iterator[Step]:
    """To the release before; `InstallError` when there is none."""
    name = linked(options.root, "previous")
    if not name:
        raise InstallError("there is no release before this one")
    yield Switch(name)


def uninstall(options: Options, *, purge: bool) -> Iterator[Step]:
    """`purge`: settings, data and backups too. Accounts stay, for files may still be theirs."""
    units = _units(options.source)
    stopped = ("rentman.target", TIMER, *ports(options.edges), *PARTS)
    now = ("--now",) if options.live else ()
    yield Command((*_systemctl(options), "disable", *now, *stopped), may_fail=True)
    yield from (Absent(f"{UNITS}/{unit.name}") for unit in units)
    yield from (Absent(path) for path in SERVED.values())
    yield Absent("/usr/local/bin/rentman-edge")
    yield Absent(HOME)
    if purge:
        yield from (Absent(path) for path in (CONFIG, "/var/lib/rentman-edge"))
        yield Absent("/var/backups/rentman-edge")
    if options.live:
        yield Command(("systemctl", "daemon-reload"))


def ports(edges: int) -> list[str]:
    """The units of so many edges."""
    return [f"rentman-edge@{FIRST_PORT + number}.service" for number in range(edges)]


def _store(options: Options) -> Iterator[Step]:
    """The system's own server, so that it is kept up to date with the system."""
    if options.live:
        yield Command(
            ("sh", str(options.source / "deploy" / "store.sh")),
            unless=lambda: _found_store() is not None,
        )
    yield Link(f"{HOME}/bin/store", _found_store() or f"/usr/bin/{STORES[-1]}")


def _found_store() -> str | None:
    return next((path for name in STORES if (path := shutil.which(name))), None)


def _configuration(options: Options) -> Iterator[Step]:
    given = options.source / "deploy" / "etc"
    edges = " ".join(f"127.0.0.1:{FIRST_PORT + number}" for number in range(options.edges))
    for path in sorted(given.rglob("*")):
        name = path.relative_to(given)
        if not path.is_file() or name.name in SERVED:
            continue
        body = path.read_bytes().replace(b"@HOST@", options.host.encode())
        body = body.replace(b"@EDGES@", edges.encode())
        public = name.suffix == ".conf" or name.parts[0] == "caddy.d"
        yield File(f"{CONFIG}/{name}", body, 0o644 if public else 0o640, keep=True)
    replaced = bool(options.token)
    yield File(f"{CONFIG}/rentman-token", options.token, 0o600, keep=not replaced)


def _system_files(source: Path) -> Iterator[Step]:
    for unit in _units(source):
        yield File(f"{UNITS}/{unit.name}", unit.read_bytes())
    for name, path in SERVED.items():
        folder = "etc" if name == "journald.conf" else "systemd"
        yield File(path, (source / "deploy" / folder / name).read_bytes())
    yield File(
        "/usr/local/bin/rentman-edge", (source / "deploy" / "rentman-edge").read_bytes(), 0o755
    )


def _units(source: Path) -> list[Path]:
    kinds = {".service", ".target", ".timer"}
    return sorted(p for p in (source / "deploy" / "systemd").iterdir() if p.suffix in kinds)


def _accounts(options: Options) -> Iterator[Step]:
    root = () if options.live else (f"--root={options.root}",)
    yield Command(("systemd-sysusers", *root, "rentman-edge.conf"))
    yield Command(("systemd-tmpfiles", *root, "--create", "rentman-edge.conf"))
    if options.live:
        yield Command(("sysctl", "--quiet", "--load", SERVED["sysctl.conf"]), may_fail=True)


def _enabled(options: Options, units: tuple[str, ...]) -> Iterator[Step]:
    if options.live:
        yield Command(("systemctl", "daemon-reload"))
    yield Command((*_systemctl(options), "enable", "--quiet", *units))


def _wanted(options: Options) -> tuple[str, ...]:
    """All, at first; then what is new, for the operator may have disabled the rest."""
    first = not linked(options.root, "current")
    units = Path(options.root, UNITS.lstrip("/"))
    parts = [unit for unit in (*PARTS, TIMER) if first or not (units / unit).exists()]
    return ("rentman.target", *parts, *ports(options.edges))


def _systemctl(options: Options) -> tuple[str, ...]:
    return ("systemctl",) if options.live else ("systemctl", f"--root={options.root}")
