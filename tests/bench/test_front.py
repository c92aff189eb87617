"""The bench of the whole front: a smoke run has the right shape and is rendered; no figure is judged."""

from pathlib import Path

import pytest

from bench.edgebench import results
from bench.front.servers import OURS, PROXY, STOCK
from tests.bench.smoke import smoke


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_every_server_with_tls_and_is_rendered(tmp_path: Path) -> None:
    out, text = smoke(tmp_path, "front")

    found = results.load(out)
    asked = {(one.server, one.subject) for one in found.rounds}
    assert {(OURS, "picture"), (STOCK, "picture"), (PROXY, "detail, gzip")} <= asked
    assert (OURS, "detail, gzip, new connection") in asked
    lists = {"list query, gzip", "list asked most, gzip"}
    assert {name for server, name in asked if server == OURS} >= lists
    assert not {name for server, name in asked if server == STOCK} & lists
    assert f"CPU per request by that of {OURS}" in text
