"""What is linear in the listings, by a rule and not by the eye."""

import msgspec
import pytest

from bench import scale
from bench.cycle.report import Pass
from bench.query.report import ALL, Kind
from bench.scale import Curve, Step
from tests.bench.made import edge, measured


@pytest.mark.parametrize(
    ("there", "word"),
    [
        (7.8, "sub-linear"),
        (8.0, "linear"),
        (10.0, "linear"),
        (12.5, "linear"),
        (13, "super-linear"),
    ],
)
def test_a_tenfold_is_linear_where_it_costs_about_ten_times(there: float, word: str) -> None:
    assert Step((1_000, 1.0), (10_000, there)).word == word


def test_sizes_that_are_no_tenfold_apart_are_told_as_one() -> None:
    step = Step((60, 3.0), (960, 48.0))
    assert step.word == "linear"
    assert step.exponent == pytest.approx(1)


def one_pass(listings: int, kind: str, seconds: float) -> Pass:
    return Pass(
        listings=listings,
        kind=kind,
        outcome="",
        seconds=seconds,
        stages={},
        cpu_s=1,
        peak_bytes=1,
        calls=3,
    )


def test_every_curve_is_of_medians_and_has_its_growth() -> None:
    kinds = [
        Kind(
            listings=listings,
            name=ALL,
            queries=9,
            p50=p99 / 2,
            p99=p99,
            longest=9,
            again_p50=1,
            again_p99=1,
        )
        for listings, p99 in ((60, 3.0), (1_000, 4.0), (10_000, 40.0))
    ]
    sizes = ((60, 1.0), (60, 9.0), (60, 2.0), (1_000, 4.0), (10_000, 80.0))
    passes = [one_pass(listings, "again", seconds) for listings, seconds in sizes]
    made = edge()
    for listings, cpu_us in ((60, 30), (1_000, 40), (10_000, 44)):
        looked = measured("edge", "any detail", 1, cpu_us)
        made.rounds.append(msgspec.structs.replace(looked, listings=listings))

    text = scale.rendered(scale.curves(made, kinds, passes))

    assert (
        "| sync, pass with nothing new, s | 2 | 4 | 80 | × 1.8, sub-linear | × 20.0, super-linear |"
        in text
    )
    assert (
        "| first-time query, p99, ms | 3 | 4 | 40 | × 1.3, sub-linear | × 10.0, linear |" in text
    )
    assert (
        "| edge, CPU of a look-up, us | 30 | 40 | 44 | × 1.3, sub-linear | × 1.1, sub-linear |"
        in text
    )
    assert "| snapshot, MiB | 1.14 | 19.1 | 191 | × 10.0, linear | × 10.0, linear |" in text


def test_a_size_that_is_missing_is_not_made_up() -> None:
    text = scale.rendered(
        [Curve("a", "s", [(60, 1), (1_000, 2)]), Curve("b", "s", [(60, 1), (10_000, 5)])]
    )

    assert "| a, s | 1 | 2 | – | × 1.8, sub-linear | – |" in text
    assert "| b, s | 1 | – | 5 | – | – |" in text


def test_flips_under_load_are_no_part_of_what_grows() -> None:
    made = edge()
    made.flips.append(type(made.flips[0])(listings=60, seconds=8, cpu_s=None))

    (flip,) = (one for one in scale.curves(made, [], []) if one.name == "edge, flip")
    assert flip.points == [(60, 0.1), (1_000, 0.1), (10_000, 0.1)]
