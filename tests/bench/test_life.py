"""The portfolio changes as told, by itself, and along a scenario; it ends when asked to."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from bench.rentman import diary
from bench.rentman.life import PRICE_STEP, RENT_STEP, Market, NothingToDoError, step
from bench.upstream import main
from tests.bench.conftest import MEDIA, Upstream, running
from tests.bench.test_contract import plain


@pytest.fixture
def own(drawn: Path) -> Iterator[Upstream]:
    """A simulator for one test, because life leaves marks."""
    with running(drawn, "--listings", "47") as upstream:
        yield upstream


def eventually(happened: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if happened():
            return True
        time.sleep(0.05)
    return False


def refs(upstream: Upstream) -> list[str]:
    return [plain(row) for row in upstream.rows()]


def test_no_home_is_ever_offered_for_nothing() -> None:
    market = Market.open(1, 3, date(2026, 11, 22))
    with contextlib.suppress(NothingToDoError):
        for _ in range(1_000):
            step(market, "price_cut")
    with pytest.raises(NothingToDoError):
        step(market, "price_cut")

    priced = [
        amount
        for home in market.listings.values()
        for amount in (home.money.rent, home.money.price)
        if amount
    ]
    assert {*priced} <= {RENT_STEP, PRICE_STEP}


def test_a_price_cut_answers_what_it_did(own: Upstream) -> None:
    done = own.admin("POST", "life", event="price_cut", propref="1042").json()
    (row,) = own.rows(propref="1042")

    assert done["after"]["rent"] < done["before"]["rent"]
    assert float(row["rentmonth"]) == done["after"]["rent"]
    assert own.state()["revision"] == done["revision"] == 1


def test_a_listing_leaves_and_comes_back(own: Upstream) -> None:
    own.admin("POST", "life", event="withdrawn", propref="1042")
    assert "1042" not in refs(own)
    own.admin("POST", "life", event="back_on_market", propref="1042")

    assert "1042" in refs(own)


def test_a_new_listing_takes_the_next_reference(own: Upstream) -> None:
    assert own.admin("POST", "life", event="new_listing").json()["propref"] == "1048"
    assert refs(own)[-1] == "1048"


def test_a_replaced_photo_has_a_new_name_and_the_old_is_gone(own: Upstream) -> None:
    done = own.admin("POST", "life", event="photo_replaced", propref="1001").json()
    (row,) = own.rows(propref="1001")

    assert row[f"photo{done['slot']}"] == done["after"] != done["before"]
    assert own.get(MEDIA, filename=done["before"]).content == b"[]"


def test_a_letting_is_marked_or_leaves(own: Upstream) -> None:
    assert own.admin("POST", "life", event="under_offer", propref="1042").json()["status"]
    own.admin("POST", "life", event="let", propref="1042")

    assert "1042" not in refs(own)


def test_an_unknown_event_is_told_the_allowed_ones(upstream: Upstream) -> None:
    response = upstream.admin("POST", "life", event="haunted")

    assert response.status_code == 400
    assert "price_cut" in response.json()["error"]


def test_an_event_that_fits_nothing_is_a_conflict(upstream: Upstream) -> None:
    assert upstream.admin("POST", "life", event="withdrawn", propref="9").status_code == 409


def test_life_goes_on_by_itself_and_alike_for_one_seed(own: Upstream, drawn: Path) -> None:
    by_hand = [own.admin("POST", "life").json() for _event in range(5)]
    with running(drawn, "--listings", "47", "--life", "0.05") as alive:
        assert eventually(lambda: alive.state()["revision"] >= 5)
        history = alive.state()["history"]

    assert history[:5] == by_hand


def test_a_scenario_breaks_and_heals_by_the_clock(drawn: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "bad-morning.json"
    moments = [
        {"at_s": 0.0, "fault": {"mode": "F8", "variant": "502"}},
        {"at_s": 0.3, "life": {"event": "price_cut", "propref": 1042}},
        {"at_s": 0.5, "heal": True, "settings": {"list_latency": 0.01}},
    ]
    scenario.write_bytes(msgspec.json.encode(moments))
    with running(drawn, "--scenario", str(scenario)) as upstream:
        assert upstream.get(noimage=1).status_code == 502
        assert eventually(lambda: upstream.get(noimage=1).status_code == 200)
        assert upstream.state()["history"][0]["event"] == "price_cut"


@pytest.mark.parametrize(
    "moment",
    [{"fault": {"mode": "F99"}}, {"life": {"event": "haunted"}}, {"at": 1}],
    ids=["mode", "event", "key"],
)
def test_a_scenario_with_an_unknown_word_is_refused_at_once(
    moment: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "typo.json"
    scenario.write_bytes(msgspec.json.encode([{"at_s": 1.0, **moment}]))

    assert main(["--scenario", str(scenario)], {}) == 2
    assert "scenario:" in capsys.readouterr().err


def test_pictures_can_be_drawn_beforehand(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--listings", "5", "--draw", "1", "--state", str(drawn)]

    assert main(flags, {}) == main(flags, {}) == 0
    assert capsys.readouterr().out.endswith("drew 0 of 1 files, the others were there\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_asked(drawn: Path, number: int) -> None:
    with running(drawn, "--listings", "5", "--token", "other%3D") as upstream:
        assert upstream.get(noimage=1).status_code == 401
        assert upstream.stop(number) == 0


def test_the_environment_sets_what_flags_do_not(drawn: Path) -> None:
    with running(drawn, UPSTREAM_LISTINGS="3", UPSTREAM_TOKEN="abc%3D") as upstream:
        assert len(upstream.get(noimage=1, headers={"token": "abc="}).json()) == 3


def test_a_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def opened(seed: int = 7) -> Market:
        market = Market.open(seed, 20, date(2026, 1, 1))
        diary.keep(market, tmp_path / "diary", 20)
        return market

    before = opened()
    for _ in range(12):
        step(before)

    assert opened().listings == before.listings
    assert opened(seed=8).history == []
