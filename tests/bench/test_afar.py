"""A run of several machines, of which nothing but what Locust told is known: who came is judged first."""

from pathlib import Path

import msgspec
import pytest

from bench.load.__main__ import main
from bench.load.profiles import ALL, Profile
from bench.load.records import Told
from bench.load.tally import Tally
from tests.bench.test_load import made


def told_of(
    profile: Profile, *, users: int, seconds: int | None = None, arrivals: int | None = None
) -> Told:
    """As many users in each second, of pages and pictures that keep every limit."""
    good = made(*[1] * 100)
    each = [good.second(at, users) for at in range(seconds or profile.seconds)]
    totals = {"page": good.summary(), "picture": good.summary()}
    revisits = Tally()
    revisits.add(1, size=0, hit=True, failed=False, unchanged=True)
    came = users if arrivals is None else arrivals
    return Told(totals, {"revisit": revisits.summary()}, each, {}, arrivals=came)


def judged(tmp_path: Path, profile: str, told: Told) -> int:
    file = tmp_path / "told.json"
    file.write_bytes(msgspec.json.encode(told))
    return main(["judge", str(file), profile])


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the test's own process stay as they are."""
    monkeypatch.setattr("bench.load.__main__.end_with_us", lambda: None)


@pytest.mark.usefixtures("signals")
def test_a_run_from_afar_to_which_all_came_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steady, soak = ALL["steady"], ALL["soak"]

    assert judged(tmp_path, "steady", told_of(steady, users=1000)) == 0
    assert "memory: not judged" not in capsys.readouterr().out
    assert judged(tmp_path, "soak", told_of(soak, users=300)) == 0
    assert "memory: not judged" in capsys.readouterr().out


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ({"users": 500}, "500 of 1000 visitors came"),
        ({"users": 1000, "seconds": 75}, "visitors were there for 75,000 s"),
        ({"users": 1000, "arrivals": 500}, "500 of 1000 visitors asked anything"),
    ],
)
def test_a_run_from_afar_that_lost_half_its_workers_is_none(
    lost: dict[str, int], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(tmp_path, "steady", told_of(ALL["steady"], **lost)) == 1
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("profile", ["publish-storm", "upstream-outage", "cold-cache"])
def test_trouble_is_not_judged_from_afar(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody would know whether it came to pass."""
    assert judged(tmp_path, profile, told_of(ALL[profile], users=500)) == 1
    assert f"{profile} is not judged from afar" in capsys.readouterr().err
