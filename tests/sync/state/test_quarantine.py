"""Rows that became no listing, over time."""

from sync.state.database import State
from sync.state.records import Delivery, Held
from tests.sync.state.homes import DAY, home

FAULT = ("AB1", "rentorbuy", "unknown code '7'")


def test_a_fault_is_counted_over_its_lists(state: State) -> None:
    for now in (100, 200, 300):
        state.remember([home()], now, faults=[FAULT])

    (row,) = state.quarantine()
    assert (row.ref, row.field, row.reason) == ("ab1", "rentorbuy", "unknown code '7'")
    assert (row.first_seen, row.last_seen, row.times, row.cleared_at) == (100, 300, 3, 0)


def test_a_fault_that_has_gone_is_kept_a_while_behind_those_that_have_not(state: State) -> None:
    state.remember([home()], 100, faults=[FAULT])
    state.remember([home()], 200, faults=[("2", "propref", "blank")])

    assert [(row.ref, row.cleared_at) for row in state.quarantine()] == [("2", 0), ("ab1", 200)]
    state.remember([home()], 201 + 90 * DAY, faults=[("2", "propref", "blank")])
    assert [row.ref for row in state.quarantine()] == ["2"]


def test_a_fault_that_is_back_begins_anew(state: State) -> None:
    state.remember([home()], 100, faults=[FAULT])
    state.remember([home()], 200)
    state.remember([home()], 300, faults=[FAULT])

    (row,) = state.quarantine()
    assert (row.first_seen, row.times, row.cleared_at) == (300, 1, 0)


def test_a_fault_counts_once_for_each_delivery_however_often_it_is_read(state: State) -> None:
    for now, name in ((100, "a"), (200, "a"), (300, "a"), (400, "b")):
        state.remember([home()], now, faults=[FAULT], delivery=Delivery(name=name))
    (row,) = state.quarantine()
    assert (row.first_seen, row.last_seen, row.times) == (100, 400, 2)

    held = Held(signature="aa", code="empty")
    for now in (500, 600):
        state.hold(held, now, faults=[FAULT], delivery=Delivery(name="c"))
    assert state.quarantine()[0].times == 3


def test_a_fault_of_held_lists_alone_goes_in_time_too(state: State) -> None:
    held = Held(signature="aa", code="empty")
    state.hold(held, 100, [FAULT])
    state.hold(held, 101 + 90 * DAY, [])

    assert state.quarantine() == []


def test_a_held_list_adds_its_faults_and_clears_none(state: State) -> None:
    state.remember([home()], 100, faults=[FAULT])
    state.hold(Held(signature="aa", code="empty"), 200, [("2", "propref", "x" * 900)])

    rows = {row.ref: row for row in state.quarantine()}
    assert rows["ab1"].cleared_at == 0
    assert len(rows["2"].reason) == 500


def test_a_hostile_row_is_cut_to_what_fits(state: State) -> None:
    state.remember([home()], 100, faults=[("R" * 900, "f" * 900, "a\0b" + "x" * 900)])

    (row,) = state.quarantine()
    assert (row.ref, row.field) == ("r" * 200, "f" * 40)
    assert row.reason == "ab" + "x" * 498
