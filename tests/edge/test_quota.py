"""How many new questions one visitor may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.quota import BURST_S, VISITORS_MAX, Quota, of

PER_S = 10.0
BURST = int(PER_S * BURST_S)


def test_after_a_rest_a_visitor_asks_a_burst_and_then_at_the_rate() -> None:
    quota = Quota(PER_S)

    assert [quota.wait_s("203.0.113.7", 0.0) for _ in range(BURST)] == [0.0] * BURST
    assert quota.wait_s("203.0.113.7", 0.0) == pytest.approx(1 / PER_S)
    assert quota.wait_s("203.0.113.7", 0.05) == pytest.approx(0.05)
    assert quota.wait_s("203.0.113.7", 0.11) == 0.0
    assert quota.wait_s("203.0.113.7", 0.11) > 0
    assert quota.wait_s("203.0.113.7", 0.11 + BURST_S) == 0.0


def test_one_who_asks_too_much_keeps_nobody_else_waiting() -> None:
    quota = Quota(PER_S)
    for _ in range(10 * BURST):
        quota.wait_s("203.0.113.7", 0.0)

    assert quota.wait_s("203.0.113.8", 0.0) == 0.0


@given(st.lists(st.floats(0, 2), max_size=300))
def test_no_visitor_ever_gets_more_than_the_burst_and_the_rate(rests: list[float]) -> None:
    quota, now, granted = Quota(PER_S), 0.0, 0
    for rest in rests:
        now += rest
        waits = [quota.wait_s("203.0.113.7", now) for _ in range(5)]
        granted += waits.count(0.0)

    assert granted <= BURST + now * PER_S + 1


@given(st.floats(0.001, 100), st.integers(1, 200))
def test_who_waits_as_told_may_ask(per_s: float, questions: int) -> None:
    quota, now = Quota(per_s), 0.0
    for _ in range(questions):
        now += quota.wait_s("203.0.113.7", now) * 1.001
        quota.wait_s("203.0.113.7", now)
    wait_s = quota.wait_s("203.0.113.7", now)

    assert quota.wait_s("203.0.113.7", now + wait_s * 1.001 + 1e-6) == 0.0 or wait_s == 0.0


def test_visitors_beyond_number_cost_no_memory_beyond_bounds() -> None:
    quota = Quota(PER_S)
    for number in range(2 * VISITORS_MAX):
        quota.wait_s(str(number), 0.0)

    assert len(quota._due) == VISITORS_MAX


def test_without_a_rate_nobody_waits() -> None:
    quota = Quota(0)

    assert [quota.wait_s("203.0.113.7", 0.0) for _ in range(1000)] == [0.0] * 1000


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("127.0.0.2", "127.0.0.2"),
        ("127.0.0.1", ""),
        ("::ffff:127.0.0.1", ""),
        ("::1", ""),
        ("", ""),
        (None, ""),
        ("somebody", ""),
        ("203.0.113.7, 10.0.0.1", ""),
    ],
)
def test_an_address_is_one_visitor_and_so_is_a_network_of_ipv6(
    address: str | None, visitor: str
) -> None:
    assert of(address) == visitor
