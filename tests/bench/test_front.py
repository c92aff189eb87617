"""The bench of the whole front: a smoke run has the right shape and is rendered; no figure is judged."""

import random
from pathlib import Path

import pytest

from bench import capacity
from bench.cache import tiers
from bench.edgebench import results, stages
from bench.front.servers import OURS, PROXY, STOCK
from bench.load import behaviour
from edge.query import usual
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


def test_lists_that_edges_answer_are_none_that_are_laid_out_as_files() -> None:
    laid_out = {address for address, _ in usual.questions()}

    assert stages.LAID_OUT in laid_out
    assert not laid_out & {stages.QUERY, *tiers.QUERIES, *tiers.LARGE}


def test_the_model_knows_what_share_of_a_visitors_lists_are_files() -> None:
    laid_out = {address for address, _ in usual.questions()}
    random.seed(7)
    drawn = [behaviour.narrowed(behaviour.wish()) in laid_out for _ in range(20_000)]

    assert sum(drawn) / len(drawn) == pytest.approx(capacity.FILED, abs=0.02)
