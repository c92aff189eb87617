"""Whether a whole list may replace the published one: docs/rentman.md, rules 4 and 5."""

from hypothesis import given
from hypothesis import strategies as st

from sync import guards

TEN = {str(n) for n in range(10)}
NAMES = st.sets(st.text(max_size=3), max_size=30)


def test_a_first_list_is_committed_even_when_empty() -> None:
    assert guards.decide(set(), ["1"]).action == "commit"
    assert guards.decide(set(), []).action == "commit"


def test_sixty_percent_is_committed_and_less_is_held() -> None:
    assert guards.decide(TEN, sorted(TEN)[:6]).action == "commit"

    held = guards.decide(TEN, sorted(TEN)[:5])
    assert (held.action, held.reason) == ("hold", "5 listings, after 10")


def test_the_second_of_two_equal_short_lists_passes() -> None:
    held = guards.decide(TEN, ["1", "2"])

    assert guards.decide(TEN, ["2", "1"], held.signature).action == "commit"


def test_a_different_short_list_is_held_anew() -> None:
    held = guards.decide(TEN, ["1", "2"])
    again = guards.decide(TEN, ["1", "3"], held.signature)

    assert again.action == "hold"
    assert again.signature != held.signature


def test_an_empty_list_is_held_however_often_it_comes() -> None:
    first = guards.decide(TEN, [])
    second = guards.decide(TEN, [], first.signature)

    assert (first.action, second.action) == ("hold", "hold")
    assert second.reason == "empty, after 10"


def test_a_commit_forgets_what_was_held() -> None:
    assert guards.decide(TEN, TEN).signature == ""


@given(NAMES, NAMES, st.text(max_size=16))
def test_no_list_empties_a_site_and_no_full_list_is_held(
    before: set[str], now: set[str], held: str
) -> None:
    assert guards.decide(before, before | now, held).action == "commit"
    if before:
        assert guards.decide(before, [], held).action == "hold"
