"""The address of the database holds a password: no text that we write ever does."""

import pytest

from sync.diagnose.machine import database
from sync.errors import StateError, UnusableSettingError
from sync.state import checkup
from sync.state.database import State
from sync.state.engine import address, without_secrets
from tests.sync.postgres import Postgres

SECRET = "hunter2"
NOWHERE = "127.0.0.1:1/sync"
ADDRESSES = (
    f"postgresql://sync:{SECRET}@{NOWHERE}",
    f"postgres://{NOWHERE}?user=sync&password={SECRET}",
    f"postgresql://sync:{SECRET}:x@127.0.0.1:{SECRET}/sync",
    f"postgresql://sync:x@{SECRET}@{NOWHERE}",
    f"postgresql://sync:x/{SECRET}@{NOWHERE}",
    f"postgresql://sync:{SECRET}@{NOWHERE}?bogus={SECRET}",
    f"oracle://sync:{SECRET}@{NOWHERE}",
    f"{SECRET}",
)


@pytest.mark.parametrize("url", ADDRESSES)
def test_no_error_quotes_it(url: str) -> None:
    for use in (_migrated, checkup.look):
        with pytest.raises((StateError, UnusableSettingError)) as caught:
            use(url)
        assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"


def _migrated(url: str) -> None:
    State(url).migrate()


def test_what_a_server_says_is_told_without_it() -> None:
    url = address("postgresql://sync:a%2Fb%20c@h/d")

    assert without_secrets("a/b c, a%2Fb%20c, a%2Fb+c", url) == "***, ***, ***"


def test_an_unquoted_at_sign_is_named_as_the_fault() -> None:
    with pytest.raises(UnusableSettingError, match="@ is written %40"):
        address("postgresql://sync:my@word@h/d")


def test_a_diagnosis_uses_the_driver_that_the_daemon_uses(postgres: Postgres) -> None:
    url = postgres.url(name := postgres.create()).replace("postgresql://", "postgres://")
    state = State(url)
    state.migrate()
    state.close()

    (finding,) = database(url)
    assert finding.status == "ok"
    assert finding.detail.startswith("writable, revision ")
    postgres.drop(name)
