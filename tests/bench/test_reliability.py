"""The published table of faults is that of the kept result, and the result that of the whole suite."""

import json
import re
from pathlib import Path

import pytest

from bench.cli import into
from bench.edgebench.processes import BenchError
from bench.reliability import table
from bench.reliability.__main__ import KIND, PAGE, newest
from bench.reliability.matrix import MATRIX

TESTS = Path(__file__).parents[1] / "faults"


def test_the_document_shows_what_was_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text())

    into(page, KIND, table.rendered(newest()))

    assert page.read_text() == PAGE.read_text()


def test_every_fault_of_the_matrix_was_tried_and_nothing_was_lost() -> None:
    lines = newest()["lines"]

    assert [line["fault"] for line in lines] == list(MATRIX)
    assert [line["fault"] for line in lines if line["lost"]] == []
    assert [line["fault"] for line in lines if line["errors"]] in (
        ["caddy killed"],
        ["caddy killed", "soak"],
    )


def test_half_of_the_generations_kept_reach_visitors_within_a_hundred_and_fifty_milliseconds() -> (
    None
):
    """The slowest of a hundred depends on what else the machine was doing; it is in the table."""
    lines = newest()["lines"]
    (flips,) = (line for line in lines if line["fault"] == "flips")

    assert flips["p50_ms"] <= 150


def test_every_test_file_that_the_document_names_is_there() -> None:
    for name in re.findall(r"`(test_\w+\.py)`", PAGE.read_text()):
        assert (TESTS / name).exists(), name


def test_an_incomplete_run_is_not_kept(tmp_path: Path) -> None:
    lines = tmp_path / "faults.jsonl"
    with pytest.raises(BenchError, match="run the suite"):
        table.read(lines)
    lines.write_text(json.dumps({"fault": "soak"}) + "\n")

    with pytest.raises(BenchError, match="store refused"):
        table.read(lines)
