"""The replayed hour: what is asked, and how the answers are counted."""

import random
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bench import cli
from bench.cache import __main__ as cache
from bench.cache import hour, report
from bench.cache.__main__ import BENCH, HOUR, TIERS
from bench.cache.fronts import built_with_cache
from bench.cache.hour import FEATURED, LIST, Hour
from bench.cache.tiers import ALONE, CACHE, EDGE, TREE, Tier
from bench.edgebench import results
from bench.edgebench.processes import BenchError
from bench.edgebench.results import machine
from tests.bench.smoke import smoke

CARDS = [f"/api/framer/property/{number}" for number in range(50)]


def test_an_hour_is_asked_by_the_weights_of_visitors_and_alike_each_time() -> None:
    asked = hour.mix(20_000, CARDS, random.Random(1))
    plain = [path.partition("utm_source")[0].rstrip("?&") for path in asked]
    queries = sum(path.startswith(f"{LIST}?") for path in plain)
    details = sum(path in CARDS for path in plain)

    assert asked == hour.mix(20_000, CARDS, random.Random(1))
    assert 0.30 < queries / len(asked) < 0.38  # 5 of 15, beside what is asked again
    assert 0.36 < details / len(asked) < 0.44
    assert FEATURED in plain
    assert LIST in plain


def test_a_tenth_carries_what_advertisers_add_and_never_the_same() -> None:
    asked = hour.mix(10_000, CARDS, random.Random(2))
    tagged = [path for path in asked if "fbclid=" in path]
    drawn_anew = {path.partition("fbclid=")[2] for path in tagged}

    assert 0.08 < len(tagged) / len(asked) < 0.14
    assert len(drawn_anew) > 0.8 * len(tagged)


def test_what_is_worked_out_is_a_miss_and_everything_else_is_not() -> None:
    told = {"answered": 500, "tree": 300, "edge": 199, "worked": 1, "other": 0, "bad": 0}
    parts = [told | {"broken": 0, "p99_ms": 5.0, "seconds": 2.0}] * 2

    found = hour._summed(
        parts, [LIST, f"{LIST}?page=2", f"{LIST}?utm_source=a"], {"tree; hit": 600}
    )

    assert (found.pages, found.worked, found.wrong, found.questions) == (1000, 2, 0, 2)
    assert found.share == pytest.approx(0.998)


def test_an_access_log_is_counted_by_what_caches_said(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    hit = '{"resp_headers":{"Cache-Status":["tree; hit"]}}\n'
    log.write_text(hit * 2 + '{"resp_headers":{}}\n')

    assert hour._logged(log) == {"tree; hit": 2, "none": 1}


def told(worked: int = 1, wrong: int = 0) -> Hour:
    return Hour(
        pages=1000,
        publishes=4,
        tree=600,
        edge=400 - worked,
        worked=worked,
        questions=7,
        wrong=wrong,
        logged={"tree; hit": 600},
        seconds=3,
        p99_ms=9,
    )


TREES = Tier(
    name="tree",
    subject="pages",
    body_bytes=3000,
    rate=12_000,
    cpu_us=100,
    cpu_us_least=90,
    p99_ms=4,
    memory_mb=50,
)


def test_the_tables_tell_of_the_tiers_and_of_the_hour() -> None:
    result = report.Result(machine=machine(), made_at="now", commit="abc")
    result.tiers, result.hour = [TREES], told()
    text = report.rendered(result)

    assert "| pages | tree | 3,000 | 12,000 |" in text
    assert "**99.900%** from a cache, the goal of 99.9%: kept" in text


def test_a_half_that_a_run_lacks_is_told_as_not_measured() -> None:
    result = report.Result(machine=machine(), made_at="now", commit="abc")
    result.hour = told()
    assert "Tiers: not measured in this run." in report.rendered(result)
    result.hour, result.tiers = None, [TREES]
    assert "The hour: not in this run." in report.rendered(result)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which halves a run has measured, in no time, at a commit that is there already."""
    found: list[str] = []

    def tiers(_effort: object) -> list[Tier]:
        found.append(TIERS)
        return [TREES]

    def an_hour(*_pages: int) -> Hour:
        found.append(HOUR)
        return told()

    monkeypatch.setattr("bench.cache.tiers.run", tiers)
    monkeypatch.setattr("bench.cache.hour.run", an_hour)
    for module in (results, cache):
        monkeypatch.setattr(module, "commit", lambda: "abc")
    return found


def test_a_half_is_added_to_what_the_same_commit_and_machine_have_measured(
    tmp_path: Path, measured: list[str]
) -> None:
    out = tmp_path / "cache.json"
    BENCH.run(out, False, [TIERS])
    begun = report.load(out)
    assert (begun.done, begun.hour) == ([TIERS], None)

    BENCH.run(out, False, [])
    assert measured == [TIERS, HOUR]
    assert report.load(out).done == [TIERS, HOUR]
    assert report.load(out).made_at == begun.made_at


@pytest.mark.parametrize(
    "other", [{"commit": "of last week"}, {"machine": None}, {"smoke": True}], ids=str
)
def test_what_another_commit_or_machine_has_measured_is_never_taken_over(
    tmp_path: Path, measured: list[str], other: dict[str, object]
) -> None:
    out, here = tmp_path / "cache.json", machine()
    if "machine" in other:
        other = {"machine": msgspec.structs.replace(here, cpu="another")}
    kept = report.Result(made_at="then", commit="abc", machine=here, tiers=[TREES], done=[TIERS])
    results.write(msgspec.structs.replace(kept, **other), out)

    BENCH.run(out, False, [HOUR])

    found = report.load(out)
    assert measured == [HOUR]
    assert (found.commit, found.machine, found.tiers) == ("abc", here, [])
    assert found.made_at != "then"


def test_an_hour_that_fails_leaves_the_tiers_as_they_were_measured(
    tmp_path: Path, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_pages: int) -> Hour:
        raise BenchError("a visitor was refused")

    monkeypatch.setattr("bench.cache.hour.run", fails)
    out = tmp_path / "cache.json"
    with pytest.raises(BenchError):
        BENCH.run(out, False, [])

    assert measured == [TIERS]
    assert report.load(out).done == [TIERS]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (told(), None),
        (told(worked=2), "from a cache, the goal of 99.9%: **missed**"),
        (told(wrong=1), "1 answers were wrong, the goal of 0: **missed**"),
    ],
)
def test_an_hour_that_misses_its_goal_fails_the_run_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Hour, said: str | None
) -> None:
    monkeypatch.setattr(cli, "end_with_us", lambda: None)
    result = report.Result(machine=machine(), hour=found)
    bench = replace(BENCH, run=lambda out, _smoke, _only: results.write(result, out))
    out = tmp_path / "cache.json"

    assert cli.main(bench, ["run", "--out", str(out)]) == (1 if said else 0)
    text = report.rendered(report.load(out))
    assert (said or "from a cache, the goal of 99.9%: kept") in text
    assert text.count("missed") == (1 if said else 0)


def test_tiers_without_an_hour_are_not_judged() -> None:
    assert report.judged(report.Result(machine=machine())) == []


@pytest.mark.timeout(600)
def test_a_smoke_run_measures_every_tier_and_is_rendered(tmp_path: Path) -> None:
    built_with_cache()  # takes minutes where it has not been
    out, text = smoke(tmp_path, "cache", "tiers")

    found = report.load(out).tiers
    assert {tier.name for tier in found} == {TREE, EDGE, CACHE, ALONE}
    assert all(tier.rate > 0 < tier.memory_mb for tier in found)
    assert "| pages, gzip | tree |" in text
