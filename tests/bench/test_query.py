"""The bench of queries: a smoke run has the right shape and can be rendered; no figure is judged."""

from pathlib import Path

import pytest

from bench.query import report
from bench.query.mix import KINDS, Portfolio, paths
from tests.bench.smoke import smoke

HAS = Portfolio(
    areas=tuple(f"area-{n}" for n in range(9)),
    names=("Belsize Park", "Camden Town"),
    outcodes=("nw1", "nw3"),
    types=("flat", "studio", "terraced"),
    ids=("1",),
    points=((51.5, -0.1),),
)


def test_the_mix_has_every_kind_and_asks_nothing_twice() -> None:
    mixed = list(paths(HAS, 2_000))

    assert {kind for kind, _ in mixed} == set(KINDS)
    assert len({path for _, path in mixed}) == len(mixed) > 1_500
    assert mixed == list(paths(HAS, 2_000))


def test_percentiles_are_those_of_the_times() -> None:
    times = [float(n) for n in range(1, 102)]

    assert (report.percentile(times, 50), report.percentile(times, 99)) == (51.0, 100.0)
    assert report.percentile([2.0], 99) == 2.0


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_the_mix_and_is_rendered(tmp_path: Path) -> None:
    out, text = smoke(tmp_path, "query")

    result = report.load(out)
    assert result.kinds[0].name == report.ALL
    assert result.kinds[0].queries == sum(one.queries for one in result.kinds[1:]) > 40
    assert all(0 < one.p50 <= one.p99 <= one.longest for one in result.kinds)
    assert "| the whole mix | " in text
