"""Lists that were not taken: seen again, decided about, ended; and who did what."""

import pytest

from sync.state.database import State
from sync.state.records import Audited, Held
from tests.sync.state.homes import home

SHORT = Held(signature="aa", code="short", reason="1 listings, after 9", before=9, after=1)
EMPTY = Held(signature="bb", code="empty", reason="empty, after 9", before=9)


def test_a_hold_is_visible_with_its_reason_and_numbers(state: State) -> None:
    state.hold(SHORT, 100)

    (hold,) = state.holds()
    assert (hold.code, hold.reason, hold.before, hold.after) == ("short", SHORT.reason, 9, 1)
    assert (hold.first_seen, hold.last_seen, hold.runs) == (100, 100, 1)
    assert (hold.decision, hold.closed_at) == ("pending", 0)


def test_the_same_list_again_is_the_same_hold(state: State) -> None:
    for now in (100, 200, 300):
        state.hold(EMPTY, now)

    (hold,) = state.holds()
    assert (hold.first_seen, hold.last_seen, hold.runs) == (100, 300, 3)


def test_another_list_that_is_held_ends_the_one_before(state: State) -> None:
    state.hold(SHORT, 100)
    state.hold(EMPTY, 200)
    state.hold(SHORT, 300)

    assert [hold.signature for hold in state.open_holds()] == ["aa"]
    newest, *older = state.holds()
    assert (newest.runs, newest.first_seen) == (1, 300)
    assert [(one.decision, one.by, one.closed_at) for one in older] == [
        ("expired", "another list", 300),
        ("expired", "another list", 200),
    ]
    assert len(state.holds(limit=2)) == 2


@pytest.mark.parametrize(("taken", "rule"), [("aa", "two lists in a row"), ("cc", "another list")])
def test_a_list_that_is_taken_ends_every_hold(state: State, taken: str, rule: str) -> None:
    state.hold(SHORT, 100)
    state.remember([home()], 200, signature=taken)

    (hold,) = state.holds()
    assert (hold.decision, hold.by, hold.decided_at) == ("expired", rule, 200)
    assert state.open_holds() == []


def test_an_operator_confirms_the_list_that_is_held_now(state: State) -> None:
    assert state.confirm(by="an operator", now=1) is None
    state.hold(EMPTY, 100)
    made = state.confirm(by="an operator", now=150)

    assert made is not None
    assert state.holds() == [made]
    assert (made.decision, made.by, made.decided_at) == ("confirmed", "an operator", 150)
    assert state.audit() == [
        Audited(
            at=150, action="confirm", subject=f"hold {made.id}: {EMPTY.reason}", by="an operator"
        )
    ]


def test_a_word_stands_while_other_lists_are_held_and_ends_when_one_is_taken(
    state: State,
) -> None:
    state.hold(EMPTY, 100)
    state.refuse(by="an operator", now=150)
    state.hold(SHORT, 200)
    assert {hold.decision for hold in state.open_holds()} == {"refused", "pending"}
    state.remember([home()], 300, signature="cc")

    assert state.open_holds() == []
    assert [(hold.decision, hold.closed_at) for hold in state.holds()] == [
        ("expired", 300),
        ("refused", 300),
    ]


def test_an_operator_may_change_his_mind_while_the_hold_is_open(state: State) -> None:
    state.hold(EMPTY, 100)
    refused = state.refuse(by="one", now=150)
    assert refused is not None
    state.confirm(refused.id, by="two", now=160)
    state.hold(EMPTY, 200)

    (hold,) = state.open_holds()
    assert (hold.decision, hold.by, hold.runs) == ("confirmed", "two", 2)
    assert [done.action for done in state.audit()] == ["confirm", "refuse"]


def test_without_a_number_the_list_that_was_held_last_is_meant(state: State) -> None:
    state.hold(EMPTY, 100)
    state.refuse(by="one", now=110)
    state.hold(SHORT, 200)
    state.hold(EMPTY, 300)
    made = state.confirm(by="two", now=310)

    assert made is not None
    assert (made.signature, made.decision) == (EMPTY.signature, "confirmed")


def test_a_hold_that_has_ended_or_never_was_cannot_be_decided(state: State) -> None:
    state.hold(EMPTY, 100)
    (hold,) = state.holds()
    state.remember([home()], 200, signature="cc")

    for number in (hold.id, 99):
        with pytest.raises(LookupError, match=f"hold {number} is not open"):
            state.confirm(number, by="an operator", now=300)
    assert state.audit() == []


def test_actions_elsewhere_are_in_the_audit_newest_first(state: State) -> None:
    state.log_action("rollback", "to generation 3", by="one", now=1)
    state.log_action("unpin", "", by="two", now=2)

    assert [(done.action, done.subject, done.by) for done in state.audit()] == [
        ("unpin", "", "two"),
        ("rollback", "to generation 3", "one"),
    ]
    assert len(state.audit(1)) == 1
