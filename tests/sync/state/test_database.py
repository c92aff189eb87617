"""What the source does not remember: first seen, changes, prices, absences, runs."""

import threading

import pytest
import sqlalchemy as sa

from sync.errors import StateError, UnusableSettingError
from sync.model import Medium, Offer
from sync.state import schema
from sync.state.database import KEEPING, State
from sync.state.records import Run
from tests.sync.samples import known, picture
from tests.sync.state.homes import home, shown


def test_first_seen_stays_and_a_change_is_dated(state: State) -> None:
    state.remember([home()], now=100)
    state.remember([home()], now=200)
    (same,) = state.visible()
    state.remember([home(strapline="Now with a garden")], now=300)
    (changed,) = state.visible()

    assert (same.first_seen, same.changed_at) == (100, 100)
    assert (changed.first_seen, changed.changed_at) == (100, 300)


def test_price_history_has_a_point_for_each_change(state: State) -> None:
    for now, pence in ((1, 100), (2, 100), (3, 90), (4, 100), (5, 0)):
        state.remember([home(pence=pence)], now)

    (item,) = state.visible()
    assert [(point.since, point.pence) for point in item.prices] == [(1, 100), (3, 90), (4, 100)]


def test_each_channel_has_its_own_prices(state: State) -> None:
    both = (Offer(channel="rent", pence=1), Offer(channel="sale", pence=2))
    state.remember([home(offers=both)], 1)

    (item,) = state.visible()
    assert {(point.channel, point.pence) for point in item.prices} == {("rent", 1), ("sale", 2)}


def test_a_listing_is_hidden_after_two_absences_and_comes_back_with_its_history(
    state: State,
) -> None:
    state.remember([home("1"), home("2")], 100)
    state.remember([home("2")], 200)
    assert set(shown(state)) == {"1", "2"}
    state.remember([home("2")], 300)
    assert shown(state) == ["2"]
    state.remember([home("1"), home("2")], 400)

    back = next(item for item in state.visible() if item.listing.id == "1")
    assert (back.first_seen, back.changed_at) == (100, 100)


def test_one_absence_between_two_presences_counts_from_the_start_again(state: State) -> None:
    for listings in ([home("1"), home("2")], [home("2")], [home("1"), home("2")], [home("2")]):
        state.remember(listings, 1)

    assert set(shown(state)) == {"1", "2"}


def test_off_market_is_hidden_at_once_and_present_all_the_same(state: State) -> None:
    state.remember([home(), home("2")], 1)
    state.remember([home(status="off_market"), home("2")], 2)

    assert shown(state) == ["2"]
    assert state.present() == {"1", "2"}


def test_references_are_the_same_in_any_case(state: State) -> None:
    state.remember([home("AB1")], 1)
    state.remember([home("ab1")], 2)

    assert shown(state) == ["ab1"]
    assert state.present() == {"ab1"}


def test_visible_is_newest_first(state: State) -> None:
    state.remember([home("b"), home("a")], 1)
    state.remember([home("b"), home("a"), home("c")], 2)

    assert shown(state) == ["c", "a", "b"]


def test_many_absences_are_counted_in_one_go(state: State) -> None:
    state.remember([home(str(n)) for n in range(1200)], 1)
    state.remember([home("0")], 2)

    assert state.present() == {"0"}


def test_the_ledger_keeps_the_last_word_on_each_file(state: State) -> None:
    state.keep_medium(Medium(filename="a.jpg", reason="absent", checked_at=1))
    state.keep_medium(Medium(filename="a.jpg", picture=picture(), checked_at=2))

    assert state.media() == {"a.jpg": Medium(filename="a.jpg", picture=picture(), checked_at=2)}


def test_notes_are_kept_and_replaced(state: State) -> None:
    assert state.note("held", "nothing") == "nothing"
    state.set_note("held", "a")
    state.set_note("held", "b")

    assert state.note("held") == "b"


def test_an_installation_has_one_identity(state: State) -> None:
    assert state.identity() == state.identity()
    assert len(state.identity()) == 12


def test_runs_come_newest_first_and_old_ones_are_forgotten(state: State) -> None:
    with state._engine.writing() as connection:
        same = {"seconds": 1, "outcome": "published", "reason": "", "report": b"{}"}
        rows = [same | {"started_at": n} for n in range(KEEPING.runs + 5)]
        connection.execute(sa.insert(schema.run), rows)
    state.record(Run(started_at=9999, seconds=1, outcome="held", reason="empty"))

    assert [run.started_at for run in state.runs(2)] == [9999, KEEPING.runs + 4]
    assert len(state.runs(KEEPING.runs + 100)) == KEEPING.runs


def test_a_failed_step_changes_nothing(state: State) -> None:
    state.remember([home()], 1)
    broken = known("2", offers=(Offer(channel="rent", pence=2**70),)).listing
    with pytest.raises((StateError, OverflowError)):
        state.remember([home(strapline="new"), broken], 2)

    assert [item.changed_at for item in state.visible()] == [1]


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://u:hush@host:port/db", "postgresql+nothing://u:hush@host/db"]
)
def test_an_address_that_makes_no_sense_names_its_setting_and_hides_the_password(url: str) -> None:
    with pytest.raises(UnusableSettingError, match="SYNC_DATABASE_URL") as caught:
        State(url)

    assert "hush" not in str(caught.value)


def test_errors_do_not_quote_what_was_to_be_stored(state: State) -> None:
    with pytest.raises(StateError) as caught, state._engine.writing() as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:x)"), {"x": "secret words"})

    assert "nowhere" in str(caught.value)
    assert "secret words" not in str(caught.value)


def test_an_operator_s_word_while_a_list_is_taken_waits_its_turn(url: str, state: State) -> None:
    other = State(url)
    with state._engine.writing() as connection:
        connection.execute(sa.select(schema.listing))
        word = threading.Thread(target=other.set_note, args=("a", "b"))
        word.start()
        connection.execute(sa.insert(schema.note).values(name="c", value="d"))
    word.join()
    other.close()

    assert (state.note("a"), state.note("c")) == ("b", "d")
