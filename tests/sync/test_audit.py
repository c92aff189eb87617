"""What operators do on the command line is in the state database, where the daemon finds it."""

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


def test_how_long_a_home_is_kept_whole_is_in_days(installation: Installation) -> None:
    settings = read(Settings, "SYNC_", installation.environ | {"SYNC_ARCHIVE_AFTER_DAYS": "3"})
    with opened_state(settings) as state:
        assert state._archive_after_s == 3 * 86_400
