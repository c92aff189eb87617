"""Looks at this machine: settings that fit together, the state database, the media directory."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from sync.diagnose.finding import Finding, fail, ok, warn
from sync.errors import StateError
from sync.settings import Settings
from sync.state.checkup import database_file
from sync.state.checkup import look as examine
from sync.wiring import free_bytes

FREE_WARN, FREE_FAIL = 2e9, 2e8  # bytes; a picture's files take about 1 MB


def settings(given: Settings) -> list[Finding]:
    """They were read, so each by itself is well formed."""
    public = urlsplit(given.public_url)
    doubts = [
        (
            public.scheme != "https" or public.hostname == "localhost",
            f"SYNC_PUBLIC_URL is {given.public_url}",
            "Set it to the address visitors use: every link of the site begins with it.",
        ),
        (
            given.source == "web" and not given.contact,
            "SYNC_CONTACT is empty",
            "Set an address, so that Rentman can reach you before it blocks you.",
        ),
        (
            given.source == "web" and given.timeout_s >= given.stall_s,
            "SYNC_TIMEOUT_S is not below SYNC_STALL_S",
            "A call that hangs would look like a stuck daemon: raise SYNC_STALL_S.",
        ),
    ]
    found = [warn("settings", detail, advice) for doubt, detail, advice in doubts if doubt]
    return found or [ok("settings", "well formed, and they fit together")]


def database(url: str) -> list[Finding]:
    try:
        vitals = examine(url)
    except StateError as error:
        return [fail("database", str(error), "Check SYNC_DATABASE_URL and its server or file.")]
    if vitals is None:
        return [warn("database", "not made yet", "`once` and `run` make it.")]
    if vitals.unwritable:
        advice = "Check owner, rights and free space of the file and its directory."
        return [fail("database", f"takes no writes: {vitals.unwritable}", advice)]
    if vitals.revision != vitals.head:
        detail = f"at revision {vitals.revision or 'none'}, this release has {vitals.head}"
        advice = "`run` migrates an older one; for a newer one install the newer release."
        return [warn("database", detail, advice)]
    if vitals.journal not in ("", "wal"):
        advice = "Start the daemon once: it sets WAL. On a network disk WAL cannot work."
        return [warn("database", f"journal mode {vitals.journal}", advice)]
    return [ok("database", f"writable, revision {vitals.revision} {vitals.journal}".rstrip())]


def media(folder: Path) -> list[Finding]:
    name = "media directory"
    place = _nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            free = _free(name, place)
    except OSError as error:
        advice = "Check owner and rights: the daemon writes there, Caddy and the edge read."
        return [fail(name, f"{folder}: {error.strerror}", advice)]
    if free.status == "ok" and place != folder.absolute():
        return [warn(name, f"{folder} is not made yet", "`once` and `run` make it.")]
    return [free]


def database_disk(url: str) -> list[Finding]:
    """Nothing for a database on a server."""
    file = database_file(url)
    return [_free("database disk", _nearest(file.parent))] if file else []


def _free(name: str, place: Path) -> Finding:
    free = free_bytes(place)
    detail = f"{place}: {free / 1e9:.1f} GB free"
    if free >= FREE_WARN:
        return ok(name, detail)
    make = fail if free < FREE_FAIL else warn
    return make(name, detail, "Make room: nothing new is kept when the disk is full.")


def _nearest(folder: Path) -> Path:
    """The directory, or the nearest above it that there is."""
    return next(up for up in (folder.absolute(), *folder.absolute().parents) if up.is_dir())
