"""What `python -m sync COMMAND` tells of the past: held lists, rows left out, prices."""

from collections.abc import Iterator

import msgspec
import pytest

from sync.commands import remembered
from sync.commands.quarantine import quarantine
from sync.model import Medium
from sync.state.database import State
from sync.state.records import Held
from tests.sync.conftest import Installation
from tests.sync.samples import NOON, listed, picture


@pytest.fixture
def memory(installation: Installation) -> Iterator[State]:
    """The installation's own database."""
    state = State(installation.settings.database_url)
    state.migrate()
    yield state
    state.close()


EMPTY = Held(signature="signature", code="empty", reason="empty, after 9", before=9, after=0)


async def test_a_held_list_is_shown_until_it_is_let_in(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    await remembered.holds(installation.settings, as_json=False)
    for at in (NOON, NOON + 60):
        memory.hold(EMPTY, at)
    await remembered.holds(installation.settings, as_json=True)
    nothing, shown = capsys.readouterr().out.splitlines()

    assert nothing == "no list is held"
    (told,) = msgspec.json.decode(shown)
    assert (told["signature"], told["reason"]) == ("signature", "empty, after 9")
    assert (told["first_seen"], told["runs"], told["decision"]) == (NOON, 2, "pending")
    assert "is let in" in installation.sync("holds", "confirm").stdout
    assert [hold.decision for hold in memory.open_holds()] == ["confirmed"]
    await remembered.holds(installation.settings, as_json=False)
    assert capsys.readouterr().out.endswith(" 2 confirmed\n")


async def test_a_refused_list_stays_out_and_the_audit_says_who_said_so(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await remembered.refuse(installation.settings) == 0
    memory.hold(EMPTY, NOON)
    assert await remembered.refuse(installation.settings) == 0

    assert [hold.decision for hold in memory.open_holds()] == ["refused"]
    assert [(done.action, done.by) for done in memory.audit(5)] == [("refuse", "command line")]
    assert capsys.readouterr().out.splitlines() == [
        "no list is held",
        "the held list stays out until another is taken",
    ]


async def test_what_is_left_out_is_listed_with_its_reason_until_it_is_mended(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    memory.remember([listed()], NOON, faults=[("7", "rentorbuy", "unknown code '9'")])
    memory.keep_medium(Medium(filename="A.jpg", reason="truncated", checked_at=NOON))
    memory.keep_medium(Medium(filename="B.jpg", picture=picture(), checked_at=NOON))

    assert await quarantine(installation.settings, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "7 rentorbuy unknown code '9' 2025-10-09 08:53:20",
        "A.jpg file truncated 2025-10-09 08:53:20",
    ]
    memory.remember([listed()], NOON + 60)
    await quarantine(installation.settings, as_json=True)
    told = msgspec.json.decode(capsys.readouterr().out)
    assert (told["rows"], [file["filename"] for file in told["files"]]) == ([], ["A.jpg"])


async def test_the_history_of_a_home_has_its_prices_in_order(
    installation: Installation, memory: State, capsys: pytest.CaptureFixture[str]
) -> None:
    memory.remember([listed(propref="AB-1")], NOON)
    memory.remember([listed(propref="AB-1", rentmonth="1400")], NOON + 86_400)

    assert await remembered.history(installation.settings, "ab-1 ", as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2025-10-09 08:53:20 first seen available",
        "2025-10-10 08:53:20 price £1,500.00 a month to £1,400.00 a month",
    ]
    assert await remembered.history(installation.settings, "AB-1", as_json=True) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert [event["kind"] for event in told["events"]] == ["first_seen", "price"]
    assert [point["pence"] for point in told["prices"]] == [150_000, 140_000]
    assert await remembered.history(installation.settings, "nowhere", as_json=False) == 1
    assert capsys.readouterr().out == "nothing is known of nowhere\n"
