"""The bench of queries: a smoke run has the right shape and can be rendered; no figure is judged."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bench import cli
from bench.edgebench import results
from bench.load.judge import thresholds
from bench.query import report
from bench.query.__main__ import BENCH, Round, _summed_up
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


def found(*slowest: float) -> report.Result:
    """A round for each: a hundred queries of two kinds, one of them with this time, another each round."""
    made = report.Result(made_at="now", smoke=False, commit="abc", machine=results.machine())
    rounds = []
    for number, slow in enumerate(slowest):
        times = [slow if n in (number, number + 50) else 1.0 for n in range(100)]
        rounds.append(Round(["odd", "even"] * 50, times, [0.1] * 100, [2.0] * 100, [0.05] * 100))
    _summed_up(made, 1_000, rounds)
    made.rss_per_payload["1000"] = 1.0
    return made


def test_a_percentile_is_the_median_of_those_of_each_round() -> None:
    whole, odd, _ = found(3.0, 9.0, 4.0).kinds

    assert (whole.queries, odd.queries) == (100, 50)
    assert whole.round_p99 == pytest.approx([3.0, 9.0, 4.0], abs=0.1)
    assert whole.p99 == pytest.approx(4.0, abs=0.1)  # the least of each query would be 1
    assert (whole.p50, whole.longest) == (1.0, 9.0)


def test_the_peer_is_held_against_the_edge_round_by_round() -> None:
    made = found(3.0, 9.0, 4.0)

    assert made.of_peer["1000"] == pytest.approx([1.5, 4.5, 2.0], abs=0.05)
    assert {(one.peer_p50, one.peer_p99) for one in made.kinds} == {(2.0, 2.0)}


@pytest.mark.parametrize(
    ("p99", "code", "said", "beside"),
    [
        (1.5, 0, "kept", "kept"),
        (9.0, 1, "kept", "**missed**"),
        (90.0, 1, "**missed**", "**missed**"),
    ],
)
def test_a_p99_above_its_goal_or_the_peer_s_fails_the_run_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, p99: float, code: int, said: str, beside: str
) -> None:
    monkeypatch.setattr(cli, "end_with_us", lambda: None)
    bench = replace(BENCH, run=lambda out, _smoke, _only: results.write(found(p99), out))
    out = tmp_path / "query.json"

    assert cli.main(bench, ["run", "--out", str(out)]) == code
    text = report.rendered(report.load(out))
    assert f"the goal of 20: {said};" in text
    assert f"the goal of 1.75: {beside};" in text
    assert "the median of those of each round (rounds: 1," in text


def test_the_report_says_where_the_peer_is_quicker_and_what_it_is() -> None:
    made = found(3.0)
    made.peer, made.found = "SQLite 3", {"1000": {"words": (1200, 900)}}
    made.kinds = [
        msgspec.structs.replace(one, p50=4.0) if one.name == "odd" else one for one in made.kinds
    ]

    text = report.rendered(made)
    assert "(SQLite 3)" in text
    assert "| peer p50 | peer p99 |" in text
    assert "quicker at p50 in: odd. At p99 in: odd." in text
    assert "by the edge and by the peer: words 1,200 and 900." in text


def before(tmp_path: Path, number: int, *gone: str) -> report.Result:
    """A result of a format that had none of these."""
    old = msgspec.to_builtins(found(9.0)) | {"format": number}
    del old["of_peer"]
    for kind in old["kinds"]:
        for name in ("peer_p50", "peer_p99", *gone):
            del kind[name]
    path = tmp_path / "query.json"
    path.write_bytes(msgspec.json.encode(old))
    return report.load(path)


def test_a_result_of_least_times_is_shown_and_not_judged(tmp_path: Path) -> None:
    result = before(tmp_path, report.LEAST, "round_p99")

    assert report.judged(result) == []
    text = report.rendered(result)
    assert "the least of four rounds" in text
    assert "the goal of 20: not judged;" in text


def test_a_result_without_a_peer_is_shown_and_judged_by_its_milliseconds(tmp_path: Path) -> None:
    result = before(tmp_path, report.ALONE)

    assert [one.limit for one in report.judged(result)] == [thresholds().query.p99_ms]
    text = report.rendered(result)
    assert "the goal of 20: kept;" in text
    assert "peer" not in text


def test_a_format_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "query.json"
    path.write_bytes(msgspec.json.encode(msgspec.to_builtins(found(1.0)) | {"format": 9}))

    with pytest.raises(ValueError, match="format 9"):
        report.load(path)


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_the_mix_beside_the_peer_and_is_rendered(tmp_path: Path) -> None:
    """The run itself refuses a peer that finds other homes than the edge."""
    out, text = smoke(tmp_path, "query")

    result = report.load(out)
    assert result.kinds[0].name == report.ALL
    assert result.kinds[0].queries == sum(one.queries for one in result.kinds[1:]) > 40
    assert all(0 < one.p50 <= one.p99 <= one.longest for one in result.kinds)
    assert all(0 < one.peer_p50 <= one.peer_p99 for one in result.kinds)
    assert len(result.of_peer["60"]) == 1
    assert "SQLite" in result.peer
    assert "| the whole mix | " in text
