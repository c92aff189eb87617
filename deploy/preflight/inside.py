"""On this machine: edges, age of the data, disk, clock, backups."""

import shutil
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx
import msgspec

from deploy.backup.vault import BackupError, Vault
from deploy.preflight.outside import HEALTH, TIMEOUT_S
from deploy.preflight.target import Target
from sync.diagnose.finding import Finding, clock, fail, ok, warn

EDGES_MIN = 2
FREE_WARN, FREE_FAIL = 2e9, 2e8  # bytes
BACKUP_WARN_S, BACKUP_FAIL_S = 2 * 3600, 26 * 3600


def look(target: Target, now: float) -> Iterator[Finding]:
    yield from _edges(target)
    yield from _disk(target)
    yield _clock(target)
    yield _backups(target, now)


def _edges(target: Target) -> Iterator[Finding]:
    found = [(edge, _health(edge)) for edge in target.edges]
    alive = [(edge, health) for edge, health in found if health]
    dead = [edge for edge, health in found if not health]
    detail = f"{len(alive)} of {len(found)} ready"
    if len(alive) < EDGES_MIN or dead:
        make = warn if alive else fail
        advice = (
            "`systemctl status rentman-edge@8000`; two, so that one serves while one restarts."
        )
        yield make("edges", f"{detail}: {', '.join(dead) or 'one alone'}", advice)
    else:
        yield ok("edges", detail)
    if alive:
        yield _same([int(str(health["generation"])) for _, health in alive])
        yield _age([health for _, health in alive])


def _health(edge: str) -> dict[str, object]:
    """Nothing when it does not answer, or has nothing to show."""
    try:
        answer = httpx.get(f"http://{edge}{HEALTH}", timeout=TIMEOUT_S, trust_env=False)
        found = msgspec.json.decode(answer.content, type=dict[str, object])
    except (httpx.HTTPError, msgspec.DecodeError):
        return {}
    return found if answer.is_success and "generation" in found else {}


def _same(numbers: list[int]) -> Finding:
    if len(set(numbers)) > 1:
        told = ", ".join(map(str, numbers))
        return warn(
            "generation", f"edges differ: {told}", "Look again; if it lasts, one is stuck."
        )
    return ok("generation", str(numbers[0]))


def _age(healths: list[dict[str, object]]) -> Finding:
    oldest = max(healths, key=lambda health: int(str(health["age_s"])))
    source = oldest["source"]
    outcome = source.get("outcome") if isinstance(source, dict) else "unknown"
    detail = f"{oldest['age_s']} s old, last pass: {outcome}"
    if oldest["status"] != "ok":
        return fail("data age", detail, "`rentman-edge sync diagnose` says why.")
    if outcome in ("held", "failed"):
        return warn("data age", detail, "`rentman-edge sync status` says why.")
    return ok("data age", detail)


def _disk(target: Target) -> Iterator[Finding]:
    for name, place in {**target.places, "backups": target.vault}.items():
        try:
            free = shutil.disk_usage(place).free
        except OSError as error:
            yield fail(
                f"disk: {name}", f"{place}: {error.strerror}", "Run deploy/install.sh again."
            )
            continue
        detail = f"{place}: {free / 1e9:.1f} GB free"
        if free >= FREE_WARN:
            yield ok(f"disk: {name}", detail)
        else:
            make = fail if free < FREE_FAIL else warn
            yield make(f"disk: {name}", detail, "Make room: nothing new is kept on a full disk.")


def _clock(target: Target) -> Finding:
    """Against a server elsewhere; without an answer it cannot be told."""
    try:
        answer = httpx.head(target.clock, timeout=TIMEOUT_S, trust_env=False)
        there = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return warn(
            "clock", f"{target.clock}: {error}", "Name a server by --clock; `timedatectl`."
        )
    return clock("clock", there - time.time(), target.clock)


def _backups(target: Target, now: float) -> Finding:
    advice = "`systemctl status rentman-backup`; `rentman-edge backup make` makes one now."
    vault = Vault(target.vault)
    try:
        name = vault.newest()
        record = vault.record(name)
    except (BackupError, OSError) as error:
        return fail("backups", str(error), advice)
    age = now - record.made_at
    lacking = [file for file in record.files if not (vault.root / name / file).is_file()]
    if lacking:
        return fail("backups", f"{name} lacks {', '.join(lacking)}", advice)
    detail = f"{len(vault.names())}, the newest {age / 3600:.1f} hours old"
    if age > BACKUP_WARN_S:
        return (fail if age > BACKUP_FAIL_S else warn)("backups", detail, advice)
    return ok("backups", detail)
