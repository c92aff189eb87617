"""What the top of the report says: which limits the newest results keep, and how often they were kept."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from bench.__main__ import MEASURED_ALONE
from bench.cli import RESULTS
from bench.goals import Verdict, at_most
from bench.load.profiles import ALL
from bench.verdicts import Part, parts, rendered


def kept(folder: Path, name: str, found: float) -> None:
    text = '{"made_at": "2026-11-%sT12:34:56Z", "commit": "abc1234", "found": %s}'
    (folder / f"fast-2026-11-{name}.json").write_text(text % (name, found))


def judged(path: Path) -> Sequence[Verdict]:
    found = float(path.read_text().rpartition(": ")[2].rstrip("}"))
    return [at_most("p99 ms", 20, found), at_most("errors", 0, 0)] if found else []


FAST = Part("fast", "fast", judged)


def test_what_the_newest_result_missed_comes_first_with_its_figure(tmp_path: Path) -> None:
    kept(tmp_path, "21", 5.0)
    kept(tmp_path, "22", 31.25)

    text = rendered([FAST], tmp_path)

    assert text.startswith("**The newest results miss 1 of their limits:**")
    assert "* fast: p99 ms 31.25, the limit is 20." in text
    assert "| fast | 2026-11-22 12:34 | abc1234 | **1 of 2 missed** | 1 of 2 |" in text


def test_one_that_missed_before_is_counted_and_one_without_limits_is_not(tmp_path: Path) -> None:
    for name, found in (("21", 31.0), ("22", 0.0), ("23", 5.0)):
        kept(tmp_path, name, found)
    shortened = Part("fast", "fast", judged, whole=lambda path: "21" not in path.name)

    assert rendered([FAST], tmp_path).startswith("**The newest results keep every limit.**")
    assert "| kept | 1 of 2 |" in rendered([FAST], tmp_path)
    assert "| kept | 1 of 1 |" in rendered([shortened], tmp_path)
    assert "| fast |" not in rendered([FAST], tmp_path / "none")


@pytest.mark.parametrize("name", MEASURED_ALONE)
def test_every_bench_that_has_limits_has_a_part(name: str) -> None:
    """And what is kept in `results/` can be judged."""
    bench = import_module(f"bench.{name}.__main__").BENCH
    found = [part.name for part in parts([bench])]

    assert found[: len(ALL)] == list(ALL)
    assert (bench.kind in found) is (bench.judged is not None)
    assert "kept" in rendered(parts([bench]), RESULTS)
