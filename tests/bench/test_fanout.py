"""The bench of one store and many edges: a smoke run follows two flips, and its table adds up."""

from pathlib import Path

import pytest

from bench.edgebench import results
from bench.fanout import report
from bench.fanout.__main__ import Spent
from bench.fanout.report import Fed, Result
from tests.bench.made import fed
from tests.bench.smoke import smoke


@pytest.mark.timeout(120)
def test_a_smoke_run_sees_a_flip_reach_one_edge_and_then_two(tmp_path: Path) -> None:
    out, text = smoke(tmp_path, "fanout")

    one, two = report.load(out).fed
    assert (one.edges, two.edges) == (1, 2)
    assert 1.1 < two.bytes / one.bytes < 2  # the files of the host are written once
    assert one.store_cpu_s > 0
    assert one.seconds > 0
    assert "60 listings without pictures" in text


def test_figures_are_medians_and_the_longest_wait_is_said() -> None:
    result = Result(
        made_at="now", smoke=False, commit="abc", machine=results.machine(), listings=9
    )
    result.fed = [
        Fed(
            edges=edges,
            bytes=edges * 1_000 * n,
            store_cpu_s=edges * n / 1e3,
            seconds=n / 10,
            late_s=n / 100,
        )
        for edges in (4, 1)
        for n in (1, 2, 9)
    ]

    text = report.rendered(result)

    assert "they are up to 0.09 s late" in text
    assert "the medians of 3 flips" in text
    assert "| 1 | 2 | 2 | 2.0 | 2.0 | 0.20 | 0.90 |" in text
    assert "| 4 | 8 | 2 | 8.0 | 2.0 | 0.20 | 0.90 |" in text
    assert report.store_s_per_byte(result) == pytest.approx(1e-6)


def test_what_a_flip_costs_is_beyond_what_as_long_a_rest_does() -> None:
    """Eight seconds of rest, then one with a flip in it."""
    still, before = Spent(0, 100, 1.0), Spent(8, 300, 1.5)

    assert Spent(9, 1_325, 1.75).beyond(still, before) == Spent(1, 1_000, 0.1875)


def test_more_edges_of_a_host_add_less_than_its_first() -> None:
    assert report.times(fed(1, 8), 8) == pytest.approx(4.5)
    assert report.times(fed(1, 8), 1) == 1
