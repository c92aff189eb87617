"""What operators do on the command line is in the state database, where the daemon finds it."""

import time

import msgspec

from snapshot.environment import read
from sync.settings import Settings
from sync.wiring import opened_state
from tests.conftest import Upstream
from tests.sync.conftest import Installation


def test_confirming_rolling_back_and_unpinning_are_in_the_audit(
    installation: Installation, pictureless: Upstream
) -> None:
    installation.once()
    pictureless.fault("F3")
    installation.once()
    assert "the held list is let in" in installation.sync("confirm").stdout
    installation.sync("rollback", "1")
    installation.sync("unpin")

    with opened_state(installation.settings) as state:
        done = [(one.action, one.by) for one in reversed(state.audit())]
        (hold,) = state.open_holds()
    assert done == [(a, "command line") for a in ("confirm", "rollback", "unpin")]
    assert (hold.decision, hold.by, hold.code) == ("confirmed", "command line", "empty")


def test_the_audit_is_shown_newest_first_and_can_be_narrowed(installation: Installation) -> None:
    with opened_state(installation.settings) as state:
        for at, action, by in ((1, "confirm", "ann"), (2, "unpin", "ann"), (3, "unpin", "ben")):
            state.log_action(action, "hold 7", by=by, now=at)
        state.log_action("rollback", "to generation 3", by="ben", now=int(time.time()))

    shown = installation.sync("audit").stdout.splitlines()
    assert shown[0].endswith(" rollback to generation 3 ben")
    assert shown[1:] == [
        "1970-01-01 00:00:03 unpin hold 7 ben",
        "1970-01-01 00:00:02 unpin hold 7 ann",
        "1970-01-01 00:00:01 confirm hold 7 ann",
    ]
    for words, found in (
        (["--action", "unpin"], [3, 2]),
        (["--by", "ann"], [2, 1]),
        (["--action", "unpin", "--by", "ben"], [3]),
        (["--limit", "0"], []),
    ):
        told = msgspec.json.decode(installation.sync("audit", "--json", *words).stdout)
        assert [done["at"] for done in told] == found
    (latest,) = msgspec.json.decode(installation.sync("audit", "--json", "--days", "1").stdout)
    assert (latest["action"], latest["subject"]) == ("rollback", "to generation 3")
    assert installation.sync("audit", "--by", "nobody").stdout == "nothing of this kind was done\n"
    assert installation.sync("audit", "--action", "delete").returncode == 2


def test_how_long_a_home_is_kept_whole_is_in_days(installation: Installation) -> None:
    settings = read(Settings, "SYNC_", installation.environ | {"SYNC_ARCHIVE_AFTER_DAYS": "3"})
    with opened_state(settings) as state:
        assert state._archive_after_s == 3 * 86_400
