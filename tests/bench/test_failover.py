"""The bench of takeovers: a smoke run ends the writer both ways and is rendered; no figure is judged."""

from pathlib import Path

import pytest

from bench.failover import __main__ as failover
from tests.bench.smoke import smoke


@pytest.mark.timeout(120)
def test_a_smoke_run_sees_the_other_take_over_from_a_dead_and_from_a_stopped_writer(
    tmp_path: Path,
) -> None:
    out, text = smoke(tmp_path, "failover")

    killed, stopped = failover.load(out).takeovers
    assert (killed.how, stopped.how) == ("killed", "stopped")
    assert 0 < killed.leading_s <= killed.published_s
    assert stopped.bound_s < killed.bound_s
    assert "| 30 | killed (SIGKILL) | 3 | 1 |" in text
