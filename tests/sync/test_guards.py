"""Whether a whole list may replace the published one: docs/rentman.md, rules 4 and 5."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import guards
from sync.state.records import Decision, Hold

TEN = {str(n) for n in range(10)}
NAMES = st.sets(st.text(max_size=3), max_size=30)


def held(now: list[str], decision: Decision = "pending") -> Hold:
    """This very list, held before."""
    signature = guards.sign(now)
    return Hold(id=1, signature=signature, decision=decision, first_seen=0, last_seen=0, runs=1)


def test_a_first_list_is_committed_even_when_empty() -> None:
    assert guards.decide(set(), ["1"]).action == "commit"
    assert guards.decide(set(), []).action == "commit"


def test_sixty_percent_is_committed_and_less_is_held() -> None:
    assert guards.decide(TEN, sorted(TEN)[:6]).action == "commit"

    short = guards.decide(TEN, sorted(TEN)[:5])
    assert (short.action, short.reason) == ("hold", "5 listings, after 10")
    assert (short.code, short.before, short.after) == ("short", 10, 5)


def test_the_second_of_two_equal_short_lists_passes() -> None:
    assert guards.decide(TEN, ["2", "1"], [held(["1", "2"])]).action == "commit"


def test_a_list_that_would_leave_few_on_the_market_is_held_though_it_is_long() -> None:
    few, none = sorted(TEN)[:5], list[str]()
    short = guards.decide(TEN, TEN, shown_before=10, shown=few)
    empty = guards.decide(TEN, TEN, shown_before=10, shown=none)

    assert (short.code, short.reason) == ("short", "5 on the market, after 10")
    assert (empty.code, empty.reason) == ("empty", "empty, after 10")
    assert guards.decide(TEN, TEN, shown_before=10, shown=sorted(TEN)[:6]).action == "commit"
    assert short.signature != empty.signature != guards.sign(TEN)
    again = msgspec.structs.replace(held([]), signature=short.signature)
    assert guards.decide(TEN, TEN, [again], shown_before=10, shown=few).action == "commit"
    again = msgspec.structs.replace(held([]), signature=empty.signature)
    assert guards.decide(TEN, TEN, [again], shown_before=10, shown=none).action == "hold"


def test_a_different_short_list_is_held_anew() -> None:
    first = held(["1", "2"])
    again = guards.decide(TEN, ["1", "3"], [first])

    assert again.action == "hold"
    assert again.signature != first.signature


def test_an_empty_list_is_held_however_often_it_comes() -> None:
    for holds in ([], [held([])]):
        verdict = guards.decide(TEN, [], holds)

        assert (verdict.action, verdict.code) == ("hold", "empty")
        assert verdict.reason == "empty, after 10"


@pytest.mark.parametrize("now", [[], ["1", "2"]])
def test_an_operator_s_word_outweighs_the_rules_for_that_list_only(now: list[str]) -> None:
    assert guards.decide(TEN, now, [held(now, "confirmed")]).action == "commit"

    refused = guards.decide(TEN, now, [held(now, "refused")])
    assert (refused.action, refused.code) == ("hold", "refused")
    assert refused.reason == f"{len(now)} listings, refused by an operator"

    other = guards.decide(TEN, ["3"], [held(now, "confirmed")])
    assert (other.action, other.code) == ("hold", "short")


def test_a_list_that_passes_has_no_reason_and_still_its_signature() -> None:
    verdict = guards.decide(TEN, TEN)

    assert (verdict.code, verdict.reason) == ("", "")
    assert verdict.signature == guards.sign(TEN)


@given(NAMES, NAMES, st.sampled_from([None, "pending", "expired"]))
def test_no_list_empties_a_site_and_no_full_list_is_held(
    before: set[str], now: set[str], decision: Decision | None
) -> None:
    holds = [held(sorted(now), decision), held([], decision)] if decision else []

    assert guards.decide(before, before | now, holds).action == "commit"
    if before:
        assert guards.decide(before, [], holds).action == "hold"
