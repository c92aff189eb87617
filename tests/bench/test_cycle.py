"""The bench of passes: a smoke run has the right shape and can be rendered; no figure is judged."""

from pathlib import Path

import pytest

from bench.cycle import naive, report
from bench.cycle.report import Calls
from bench.edgebench import fixture
from tests.bench.smoke import smoke


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_each_kind_of_pass_and_is_rendered(tmp_path: Path) -> None:
    out, text = smoke(tmp_path, "cycle")

    result = report.load(out)
    assert [(one.kind, one.outcome) for one in result.passes] == [
        ("first", "published"),
        ("again", "unchanged"),
        ("restarted", "unchanged"),
    ]
    assert all(one.seconds > 0 for one in result.passes)
    assert all(one.peak_bytes >= one.resting_bytes > 2**20 for one in result.passes)
    assert "| 30 | restarted |" in text


def test_a_naive_client_calls_for_every_page_and_every_file_that_a_row_names() -> None:
    with fixture.empty(60) as store, fixture.upstream(store) as source:
        media = source.state()["media"]
        calls = naive.refresh(source.url, fixture.TOKEN)

        assert source.calls() == calls
        assert (
            60 < calls - 2 <= media + 60
        )  # two pages; videos and the like are no files to ask for


def test_the_share_of_calls_is_of_the_naive_clients() -> None:
    assert Calls(listings=1, first=9, steady=2, naive=40).share == 0.05
