"""What paired rounds can tell, and what they cannot."""

import math

import pytest

from bench.pairs import Pairs


def test_one_round_the_other_way_does_not_make_two_alike() -> None:
    assert Pairs.of([0.8, 0.82, 0.79, 0.81, 0.78, 0.8, 0.83, 1.01]).word == "cheaper"
    assert Pairs.of([1.2, 1.25, 1.19, 1.22, 1.28, 1.2, 1.17, 0.99]).word == "dearer"


def test_nor_do_all_rounds_one_way_make_them_different_where_there_are_two() -> None:
    assert Pairs.of([1.02, 1.2]).word == "alike"
    assert Pairs.of([1.3]).word == "alike"


def test_the_interval_is_students_of_logarithms() -> None:
    """Checked by hand: logs of -0.1, 0 and 0.1 deviate by 0.1; 4.302653 of two degrees of freedom."""
    found = Pairs.of([math.exp(one) for one in (-0.1, 0.0, 0.1)])

    reach = 4.302653 * 0.1 / math.sqrt(3)
    assert found.interval == pytest.approx((math.exp(-reach), math.exp(reach)))
    assert found.median == 1
    assert found.no_dearer == 2


def test_turned_round_the_word_is_the_other_one() -> None:
    ratios = [0.5, 0.6, 0.55, 0.62]
    assert Pairs.of(ratios).word == "cheaper"
    assert Pairs.of([1 / one for one in ratios]).word == "dearer"


def test_nothing_is_no_pair() -> None:
    for ratios in ([], [1.0, 0.0]):
        with pytest.raises(ValueError, match="no ratios"):
            Pairs.of(ratios)
