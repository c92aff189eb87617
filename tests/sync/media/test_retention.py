"""What may be deleted: never what is shown, never what was shown lately."""

from hypothesis import given
from hypothesis import strategies as st

from sync.media.retention import removable, set_aside

KEYS = st.sets(st.sampled_from("abcdef"))
TIMES = st.integers(0, 1000)


@given(KEYS, KEYS, st.dictionaries(st.sampled_from("abcdefgh"), TIMES), TIMES)
def test_what_is_named_or_not_kept_is_never_set_aside(
    kept: set[str], named: set[str], before: dict[str, int], now: int
) -> None:
    since = set_aside(kept, named, before, now)

    assert since.keys() == kept - named
    assert all(at == min(before.get(key, now), now) for key, at in since.items())


@given(st.dictionaries(st.sampled_from("abcdef"), TIMES), TIMES, TIMES, TIMES)
def test_what_goes_has_had_its_grace_and_is_older_than_all_that_can_be_shown(
    since: dict[str, int], now: int, grace_s: int, shown_since: int
) -> None:
    gone = removable(since, now, grace_s, shown_since)

    for key, at in since.items():
        assert (key in gone) == (now - at >= grace_s and at < shown_since)


def test_what_is_named_again_begins_anew() -> None:
    first = set_aside({"a"}, set(), {}, 10)
    again = set_aside({"a"}, {"a"}, first, 20)

    assert set_aside({"a"}, set(), again, 30) == {"a": 30}
