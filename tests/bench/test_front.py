"""The bench of the whole front: a smoke run has the right shape and is rendered; no figure is judged."""

import random
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from bench import capacity
from bench.cache import tiers
from bench.edgebench import load, results, stages
from bench.edgebench.results import Result, Round, Subject
from bench.front import __main__ as front
from bench.front import report
from bench.front.report import GREETED
from bench.front.servers import OURS, PROXY, STOCK, TUNED
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
    rounds = [one for one in found.rounds if one.subject == GREETED]
    assert {one.requests for one in rounds} == {20}
    assert "One Python client, 20 requests one after the other" in text
    assert found.versions[OURS].startswith("Caddy v")


def compared(ratios: Sequence[float], *, smoke: bool = False) -> Result:
    """Ours costs so many times what stock Caddy costs, round by round; with our collector that is half."""
    subject = Subject(name="detail", path="/a", accept_encoding="", status=200, body_bytes=9)
    missing = Subject(name="missing", path="/b", accept_encoding="", status=404, body_bytes=9)
    costs = ((STOCK, [1.0] * len(ratios)), (TUNED, [0.5] * len(ratios)), (OURS, ratios))
    rounds = [
        Round(
            server=server,
            subject=name,
            number=number,
            listings=0,
            requests=1000,
            seconds=1,
            cpu_s=each * (9 if (server, name) == (OURS, "missing") else 1),
            p50_ms=1,
            p99_ms=2,
        )
        for server, cost in costs
        for name in ("detail", "missing")
        for number, each in enumerate(cost, start=1)
    ]
    return Result(
        made_at="",
        smoke=smoke,
        commit="",
        machine=results.machine(),
        method={},
        subjects=[subject, missing],
        rounds=rounds,
        memory_bytes={OURS: 400 * 2**20, STOCK: 100 * 2**20, TUNED: 200 * 2**20},
    )


@pytest.mark.parametrize(
    ("ratios", "kept"),
    [
        ((1.1, 0.95, 1.02, 1.07, 0.93, 1.04), [True, True]),
        ((1.05, 1.04, 1.06, 1.05, 1.03, 1.05), [False, True]),  # little, and every time
        ((0.7, 1.5, 1.2, 1.4, 0.8, 1.3), [True, False]),  # nobody can tell, and too much of it
        ((1.4, 1.5, 1.4, 1.4, 1.5, 1.4), [False, False]),
        ((0.9, 0.91, 0.9, 0.9, 0.92, 0.9), [True, True]),
    ],
)
def test_ours_may_be_dearer_than_stock_only_as_far_as_rounds_cannot_tell(
    ratios: Sequence[float], kept: Sequence[bool]
) -> None:
    found = compared(ratios)

    assert [one.kept for one in report.verdicts(found)] == kept
    word = "kept" if all(kept) else "**missed**"
    (row,) = (line for line in report.rendered(found).splitlines() if f"| {word} |" in line)
    assert f"| {sum(one <= 1 for one in ratios)} of 6 | {word} |" in row


def test_a_result_without_stock_is_not_judged_as_kept() -> None:
    found = compared([1.0, 1.0])
    found.rounds = [one for one in found.rounds if one.server != STOCK]
    with pytest.raises(ValueError, match="was not compared"):
        report.verdicts(found)
    assert report.verdicts(compared([2.0], smoke=True)) == []


def test_what_the_collectors_setting_is_worth_and_costs_is_said() -> None:
    text = report.rendered(compared([1.0, 1.02, 0.98]))

    assert "ours costs 1.00 of stock Caddy's CPU" in text
    assert "ours costs 2.00 (detail) to 2.00 (detail) times as much" in text
    assert "ours holds 400 MiB, the edge's among them, 4.0 times the 100 of stock Caddy" in text


def test_where_a_peer_wins_is_said_before_the_lists() -> None:
    text = report.rendered(compared([1.0, 1.02, 0.98]))

    assert f"less CPU per request than {OURS}, by so many times: *detail*: {TUNED} (2.0)." in text
    assert f"which holds 400 MiB, by so many times: {STOCK} (100 MiB, 4.0), {TUNED} (200" in text
    assert f"p99 at full load than {OURS}, by so many times: *detail*: nobody." in text
    assert text.index("Where a peer wins") < text.index("* detail: cheaper:")


def test_greetings_of_a_result_that_does_not_say_how_are_said_as_they_were() -> None:
    old = compared([1.0, 1.0])
    old.subjects = [msgspec.structs.replace(old.subjects[0], name=GREETED)]
    old.rounds = [msgspec.structs.replace(one, subject=GREETED) for one in old.rounds]

    assert "none to warm up; p99 is the longest" in report.rendered(old)


def test_the_p99_of_greetings_is_not_their_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([*range(1, 400), 9_999])

    def asked(*_: object) -> load.Burst:
        took = float(next(times))
        return load.Burst(1, took / 1e3, took, took, took)

    monkeypatch.setattr(load, "in_turn", asked)
    made = front._greetings(1, load.Request(("/a",), {}, 200), count=400)

    assert (made.p50_ms, made.p99_ms, made.longest_ms) == (201, 397, 9_999)


def test_lists_that_edges_answer_are_none_that_are_laid_out_as_files() -> None:
    laid_out = {address for address, _ in usual.questions()}

    assert stages.LAID_OUT in laid_out
    assert not laid_out & {stages.QUERY, *tiers.QUERIES, *tiers.LARGE}


def test_the_model_knows_what_share_of_a_visitors_lists_are_files() -> None:
    laid_out = {address for address, _ in usual.questions()}
    random.seed(7)
    drawn = [behaviour.narrowed(behaviour.wish()) in laid_out for _ in range(20_000)]

    assert sum(drawn) / len(drawn) == pytest.approx(capacity.FILED, abs=0.02)
