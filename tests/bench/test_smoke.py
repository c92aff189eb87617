"""`make bench-smoke`: nothing that is missing, late or broken goes unsaid."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench import smoke, turns
from bench.__main__ import main
from bench.edgebench import load, stages
from bench.edgebench.load import Request
from bench.edgebench.peers import AbsentError, Peer
from bench.edgebench.processes import BenchError
from bench.edgebench.results import Result, Subject, machine
from bench.edgebench.stages import Server


def stage(folder: Path, name: str, does: str) -> tuple[str, ...]:
    """A bench that does this, to be started as `python -m`; its folder comes by the path."""
    (folder / f"{name}.py").write_text(f"import sys, time, pathlib\n{does}\n")
    return (name, "{}/some.json")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def peer(name: str, why: str = "") -> Peer:
    def version() -> str:
        if why:
            raise AbsentError(why)
        return "1"

    return Peer(name, version, lambda _place: [])


def test_all_that_is_missing_is_named_with_the_way_to_get_it() -> None:
    others = (peer("bun-hono", "bun is not installed"), peer("nginx"), peer("varnish", "none"))

    with pytest.raises(BenchError) as told:
        smoke.required(("no-such-wrk", "sh"), others)

    assert "no-such-wrk is not installed; bun-hono: bun is not installed; varnish: none" in str(
        told.value
    )
    assert "nginx:" not in str(told.value)
    assert "python -m bench.edgebench setup" in str(told.value)
    smoke.required(("sh",), (peer("nginx"),))


def test_each_stage_runs_and_the_time_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = stage(folder, "good", "print(sys.argv[1])")
    bad = stage(folder, "bad", "sys.exit(3)")

    assert smoke.smoke(folder, (bad, good)) == [f"python -m bad {folder}/some.json"]
    assert "smoke: 0 s of 300 at most (bad" in capsys.readouterr().out


def test_a_result_without_somebody_fails_once(folder: Path) -> None:
    lacks = (
        """pathlib.Path(sys.argv[1]).write_text('{"absent": {"wrk": "not here"}, "more": 1}')"""
    )
    stages_ = (stage(folder, "lacks", lacks), stage(folder, "good", ""))

    assert smoke.smoke(folder, stages_) == ["some, which was measured without wrk: not here"]


def test_the_stage_in_which_the_time_is_over_is_named_and_ended(folder: Path) -> None:
    slow = stage(folder, "slow", "time.sleep(60)")
    never = stage(folder, "never", "pathlib.Path(__file__).with_name('ran').touch()")

    with pytest.raises(BenchError, match=r"the time was over in `python -m slow .*some.json`"):
        smoke.smoke(folder, (slow, never), deadline_s=0.3)
    assert not (folder / "ran").exists()


def test_a_smoke_that_is_late_or_lacks_somebody_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def late(_folder: Path) -> list[str]:
        raise BenchError("the time was over in `python -m slow`")

    monkeypatch.setattr("bench.__main__.cli.end_with_us", lambda: None)
    for does, said in ((late, "bench: the time was over"), (lambda _: ["x: late"], "failed: x")):
        monkeypatch.setattr("bench.__main__.smoke", does)
        assert main(["smoke"]) == 1
        assert said in capsys.readouterr().err


def test_what_does_not_end_when_it_is_asked_to_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "GRACE_S", 0.2)
    stage(folder, "deaf", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    with (folder / "deaf.py").open("a") as more:
        more.write("pathlib.Path(sys.argv[1]).touch()\ntime.sleep(60)\n")

    with pytest.raises(subprocess.TimeoutExpired):
        turns.ended([sys.executable, "-m", "deaf", str(folder / "begun")], 1.5)
    assert (folder / "begun").exists()


@pytest.fixture
def result() -> Result:
    return Result(made_at="", smoke=True, commit="", machine=machine(), method={})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """By wrk; one client in turn is let be, and what is asked is known."""
    found: list[int] = []
    monkeypatch.setattr(load, "with_wrk", lambda port, _request, _seconds: found.append(port))
    monkeypatch.setattr(stages, "measured", lambda *_: None)
    monkeypatch.setattr(stages, "request_to", lambda *_: (Request(("/a",), {}, 200), b""))
    return found


def subject(name: str) -> Subject:
    return Subject(name=name, path="/a", accept_encoding="", status=200, body_bytes=0)


def there(names: Mapping[str, bool]) -> Callable[[str], str | None]:
    return lambda name: name if names[name] else None


def test_a_smoke_asks_every_server_once_with_wrk(
    result: Result, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.edgebench.stages.shutil.which", there({"wrk": True}))
    servers = [Server("a", 1, ()), Server("b", 2, ())]

    for name in ("detail", "featured"):
        stages.interleaved(result, stages.SMOKE, servers, subject(name))

    assert asked == [1, 2]
    assert result.absent == {}


def test_a_smoke_without_wrk_says_so_in_its_result(
    result: Result, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.edgebench.stages.shutil.which", there({"wrk": False}))

    stages.interleaved(result, stages.SMOKE, [Server("a", 1, ())], subject("detail"))

    assert asked == []
    assert result.absent == {"wrk": "wrk is not installed"}
