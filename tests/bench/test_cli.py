"""The command line that the benches share."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bench import cli, goals
from bench.__main__ import main as whole
from bench.cli import RESULTS, Bench, by_minute, dated, into, main, newest
from bench.edgebench.processes import BenchError
from bench.goals import Verdict, at_least, at_most


def bench(page: Path, told: list[object], *, fails: bool = False) -> Bench:
    def run(out: Path, smoke: bool, only: Sequence[str]) -> None:
        if fails:
            raise BenchError("a figure that cannot be trusted")
        told.append((out, smoke, list(only)))

    def render(result: Path, page: Path) -> None:
        told.append((result, page))

    return Bench("bench.some", "About.", "some", page, run, render, stages=("one", "two"))


@pytest.fixture(autouse=True)
def signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the test's own process stay as they are."""
    monkeypatch.setattr("bench.cli.end_with_us", lambda: None)


def test_a_run_is_told_its_file_and_how_much_to_do(tmp_path: Path) -> None:
    told: list[object] = []
    some = bench(tmp_path / "page.md", told)

    assert main(some, ["run", "--smoke", "--out", "a.json", "--only", "two"]) == 0
    assert main(some, ["render", "--result", "a.json"]) == 0
    assert told == [(Path("a.json"), True, ["two"]), (Path("a.json"), tmp_path / "page.md")]


def test_a_run_without_figures_fails_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(bench(tmp_path, [], fails=True), ["run"]) == 1
    assert "bench.some: a figure that cannot be trusted" in capsys.readouterr().err


def judging(page: Path, verdicts: list[Verdict]) -> Bench:
    def run(out: Path, _smoke: bool, _only: Sequence[str]) -> None:
        out.write_text("found")

    def judged(result: Path) -> list[Verdict]:
        assert result.read_text() == "found"
        return verdicts

    return Bench("bench.some", "About.", "some", page, run, lambda *_: None, judged=judged)


def test_a_goal_that_is_missed_fails_the_run_and_the_result_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.json"
    kept, missed = at_most("ms", 5, 5), at_least("share", 0.999, 0.99)

    assert main(judging(tmp_path, [kept]), ["run", "--out", str(out)]) == 0
    assert main(judging(tmp_path, [missed, kept]), ["run", "--out", str(out)]) == 1
    assert out.read_text() == "found"
    assert "share: 0.99, at most or least 0.999: NOT KEPT" in capsys.readouterr().out


def test_a_little_and_quick_run_is_not_judged(tmp_path: Path) -> None:
    some = judging(tmp_path, [at_most("ms", 5, 6)])

    assert main(some, ["run", "--smoke", "--out", str(tmp_path / "a.json")]) == 0


def test_a_report_says_kept_missed_or_not_judged() -> None:
    verdicts = [at_most("a", 5, 5), at_most("b", 5, 6)]

    said = [goals.word(verdicts, what) for what in "abc"]
    assert said == ["kept", "**missed**", "not judged"]


def test_nothing_is_rendered_before_anything_was_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(bench(tmp_path, []), ["render"]) == 1
    assert "no result yet" in capsys.readouterr().err


def test_the_newest_result_is_the_last_by_date(tmp_path: Path) -> None:
    for name in ("a-2026-01-02.json", "a-2026-01-10.json", "a-b-2027-01-01.json", "a-old.json"):
        (tmp_path / name).touch()

    assert newest("a", tmp_path) == tmp_path / "a-2026-01-10.json"
    for name in ("a-2026-01-10T0930.json", "a-2026-01-10T0859.json"):
        (tmp_path / name).touch()
    assert newest("a", tmp_path) == tmp_path / "a-2026-01-10T0930.json"
    assert newest("c", tmp_path) is None


def test_every_run_of_a_day_is_kept_by_its_minute(tmp_path: Path) -> None:
    """The second of a minute, too."""
    first = by_minute("a", tmp_path)
    first.touch()
    second = by_minute("a", tmp_path)

    assert re.fullmatch(r"a-\d{4}-\d\d-\d\dT\d{4}\.json", first.name)
    assert second.name > first.name
    (tmp_path / f"{first.stem[:-5]}.json").touch()  # of the same day, as named before
    assert newest("a", tmp_path) == first


def test_a_run_goes_on_with_nothing_but_what_the_last_of_its_day_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def left(*words: object) -> object:
        asked.append(words)
        return "something"

    def begun(some: Bench) -> Path:
        return some.file(smoke=True, only=["one"])

    monkeypatch.setattr(cli, "newest", lambda kind: newest(kind, tmp_path))
    monkeypatch.setattr(cli, "by_minute", lambda kind: by_minute(kind, tmp_path))
    fresh = bench(tmp_path, [])
    some = replace(fresh, interrupted=left)
    (tmp_path / "some-2020-01-01T0100.json").touch()
    assert begun(some) == by_minute("some", tmp_path)
    assert asked == []

    last = tmp_path / f"some-{datetime.now(UTC):%Y-%m-%d}.json"
    last.touch()
    assert begun(some) == last
    assert asked == [(last, True, ["one"])]
    assert begun(fresh) != last
    assert begun(replace(some, interrupted=lambda *_: None)) != last


class Made(msgspec.Struct):
    made_at: str


def test_what_is_kept_is_in_the_order_in_which_it_was_made() -> None:
    """Names with a day alone, and with a minute."""
    kinds = {path.name[: path.name.index("-20")] for path in RESULTS.glob("*.json")}
    assert {"front", "query", "load-steady"} <= kinds

    for kind in kinds:
        made = [msgspec.json.decode(path.read_bytes(), type=Made).made_at for path in dated(kind)]
        assert made == sorted(made), kind


def test_a_page_without_a_place_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing to fill\n")

    with pytest.raises(ValueError, match="no place"):
        into(page, "some", "text")
    assert page.read_text() == "nothing to fill\n"


def test_an_unknown_word_is_refused_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert whole(["everything"]) == 2
    assert "run | smoke | render" in capsys.readouterr().err
