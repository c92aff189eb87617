"""`python -m sync`: keep the snapshot of the agency's listings published."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NoReturn

from cyclopts import App, Parameter
from cyclopts.validators import Number

from snapshot import SnapshotError
from snapshot.environment import SettingsError, read
from sync import logs
from sync.commands import passes, published, remembered
from sync.commands.audit import Action, audit
from sync.commands.diagnose import diagnose
from sync.commands.quarantine import quarantine
from sync.commands.result import FAILED, INTERRUPTED, OK, USAGE
from sync.errors import SyncError, UnusableSettingError
from sync.lint import lint
from sync.notify import Notifier
from sync.settings import Settings

PROG = "python -m sync"
Work = Callable[[Settings], Coroutine[Any, Any, int]]
Json = Annotated[
    bool, Parameter(name="--json", negative="", help="The result as one line of JSON.")
]
NATURAL = Number(gte=0)
app = App(
    name=PROG,
    help="Keep the snapshot of the agency's listings published.",
    help_epilogue="Settings are SYNC_* variables; see README.md. Exit codes: 0 done, "
    "1 failed, 2 usage or settings, 3 held, 4 upstream failed.",
    version_flags=[],
)
holds = App(name="holds", help="Lists that the guards hold; let one in, or refuse it.")
app.command(holds)


def main(arguments: list[str] | None = None) -> int:
    return int(app(arguments, result_action="return_value") or OK)


@app.default
def _nothing() -> int:
    app.help_print([])
    return USAGE


@app.command
def run() -> int:
    """The daemon: refresh on the interval until SIGTERM."""
    notifier = Notifier.of(os.environ, os.getpid())
    return _do(lambda settings: passes.run(settings, notifier), serving=True)


@app.command
def once(*, json: Json = False) -> int:
    """One whole pass: the list, then every picture that is wanted. Exits 0, 3 or 4."""
    return _do(lambda settings: passes.once(settings, as_json=json))


@app.command
def verify() -> int:
    """Read back everything that is published."""
    return _do(published.verify)


@app.command
def status(*, json: Json = False) -> int:
    """What is published, and how the last passes went."""
    return _do(lambda settings: published.status(settings, as_json=json))


@app.command(name="lint")
def _lint(*, json: Json = False) -> int:
    """What each advert lacks, or says that it should not; exits 0."""
    return _do(lambda settings: lint(settings, as_json=json))


@app.command(name="quarantine")
def _quarantine(*, json: Json = False) -> int:
    """Rows and files that were left out, each with its reason."""
    return _do(lambda settings: quarantine(settings, as_json=json))


@app.command(name="diagnose")
def _diagnose(*, json: Json = False) -> int:
    """Look at every part and say what to do; exits 1 when something is broken."""
    return _do(lambda settings: diagnose(settings, as_json=json))


@holds.default
def _holds(*, json: Json = False) -> int:
    """Lists that the guards hold, and why."""
    return _do(lambda settings: remembered.holds(settings, as_json=json))


@holds.command(name="confirm")
@app.command
def confirm() -> int:
    """Let the list that is held now in, with the next pass."""
    return _do(remembered.confirm)


@holds.command
def refuse() -> int:
    """Keep the list that is held now out until another is taken."""
    return _do(remembered.refuse)


@app.command
def history(reference: str, /, *, json: Json = False) -> int:
    """What is known of one home, by its Rentman reference: first seen, prices, changes."""
    return _do(lambda settings: remembered.history(settings, reference, as_json=json))


@app.command(name="audit")
def _audit(
    *,
    action: Annotated[Action | None, Parameter(help="Only these.")] = None,
    by: Annotated[str, Parameter(help="Only what they did.")] = "",
    days: Annotated[int, Parameter(help="Only the latest days; 0: all.", validator=NATURAL)] = 0,
    limit: Annotated[int, Parameter(help="At most so many.", validator=NATURAL)] = 100,
    json: Json = False,
) -> int:
    """What operators did: confirm, refuse, rollback, unpin; newest first."""
    return _do(
        lambda settings: audit(
            settings, action=action, by=by, days=days, limit=limit, as_json=json
        )
    )


@app.command
def rollback(generation: int, /) -> int:
    """Publish what an older generation showed, and hold it."""
    return _do(lambda settings: published.rollback(settings, generation))


@app.command
def unpin() -> int:
    """End the hold of a rollback."""
    return _do(published.unpin)


def _do(work: Work, *, serving: bool = False) -> int:
    """Run one command. Its result owns standard output, the daemon's are its log lines."""
    try:
        settings = read(Settings, "SYNC_", os.environ)
        quiet = not serving and settings.log_level == "info"
        logs.configure(
            sys.stdout if serving else sys.stderr, "warning" if quiet else settings.log_level
        )
        if serving:
            _end(asyncio.Runner().run(work(settings)))
        return asyncio.run(work(settings))
    except (SettingsError, UnusableSettingError) as error:
        print(f"{PROG}: settings\n{error}", file=sys.stderr)
        return USAGE
    except (SyncError, SnapshotError) as error:
        print(f"{PROG}: {type(error).__name__}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _end(code: int) -> NoReturn:
    """At once: everything is closed, and a thread that is still amid a large site, which Python
    would wait for, has nothing to lose (docs/decisions/0011)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
