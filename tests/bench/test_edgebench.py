"""The bench of the edge: a smoke run has the right shape and can be rendered; no figure is judged."""

import contextlib
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.edgebench import limits, peers, render, results, stages
from bench.edgebench.__main__ import _interrupted
from bench.edgebench.load import Request, _judged
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import Flip, FlipLoad, Result

TOLD = {
    "requests": 90,
    "duration_us": 1e6,
    "p50_us": 500,
    "p99_us": 900,
    "max_us": 2000,
    "bytes": 90 * 400,
} | dict.fromkeys(("status", "connect", "read", "write", "timeout", "odd"), 0)


def flipped(listings: int, p99_ms: float) -> FlipLoad:
    return FlipLoad(
        listings=listings,
        flips=1,
        requests=1000,
        faults=0,
        p50_ms=1,
        p99_ms=p99_ms,
        longest_ms=9,
        still_p99_ms=3,
        still_longest_ms=5,
        peak_rss_bytes=2**26,
    )


def found(**changed: object) -> Result:
    fixed = {"made_at": "", "smoke": False, "commit": "", "machine": results.machine()}
    return Result(**fixed | {"method": {}} | changed)  # type: ignore[arg-type] # a table of fields


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("bench") / "edge.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.edgebench", "run", "--smoke", "--out", str(found)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return found


@pytest.fixture
def smoke(path: Path) -> Result:
    return results.load(path)


@pytest.mark.timeout(120)
def test_a_smoke_run_measures_every_kind_of_request_and_one_size(smoke: Result) -> None:
    subjects = {subject.name for subject in smoke.subjects}
    assert {item.status for item in smoke.subjects} == {200, 304, 404}
    assert {item.subject for item in smoke.rounds} == subjects | {stages.ANY, stages.SAME}
    assert all(item.requests > 0 and item.p99_ms >= item.p50_ms > 0 for item in smoke.rounds)
    assert sum(item.cpu_s for item in smoke.rounds) > 0
    assert [size.listings for size in smoke.sizes] == [60]
    assert smoke.sizes[0].payload_bytes > 0 < smoke.sizes[0].memory_bytes


@pytest.mark.timeout(120)
def test_a_result_names_its_machine_and_versions(smoke: Result) -> None:
    assert smoke.smoke
    assert smoke.machine.cores > 0
    assert smoke.machine.kernel
    assert "robyn" in smoke.versions["edge"]
    assert smoke.method.keys() == {"Load", "CPU"}


def test_only_an_interrupted_run_of_the_same_commit_and_machine_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, here = tmp_path / "edge.json", results.machine()
    left = Result(made_at="now", smoke=True, commit="abc", machine=here, method={})
    left.done = ["lookups"]

    def goes_on(*only: str, at: str = "abc", **changes: object) -> bool:
        monkeypatch.setattr(results, "commit", lambda: at)
        results.write(msgspec.structs.replace(left, **changes), kept)
        return _interrupted(kept, True, only) is not None

    assert goes_on()
    assert goes_on("sizes")
    assert not goes_on("lookups")  # again, and so into a file of its own
    assert not goes_on(done=["lookups", "sizes", "flips"])
    assert not goes_on(at="def")
    assert not goes_on(at="abc and changes", commit="abc and changes")  # which are others now
    assert not goes_on(smoke=False)
    assert not goes_on(machine=msgspec.structs.replace(here, cpu="another"))
    assert not goes_on(machine=msgspec.structs.replace(here, kernel="another"))
    assert not goes_on(format=1)
    kept.unlink()
    assert _interrupted(kept, True, ()) is None


@pytest.mark.timeout(120)
def test_tables_are_rendered_between_the_markers(smoke: Result, tmp_path: Path) -> None:
    smoke.flips = [
        Flip(listings=60, seconds=0.2, cpu_s=0.1, edge_bytes=7_000),
        Flip(listings=60, seconds=0.3, cpu_s=None),
    ]
    smoke.flip_loads = [flipped(60, 4)]
    smoke.absent["nginx"] = "nginx is not installed"
    readme = tmp_path / "README.md"
    readme.write_text(
        "before\n<!-- edge figures: begin -->\nof last year\n<!-- edge figures: end -->\nafter\n"
    )

    render.into(smoke, readme)
    text = readme.read_text()

    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "of last year" not in text
    assert all(f"**{subject.name}**" in text for subject in smoke.subjects)
    assert "| 60 | 0.20 | 0.10 | 7 | 0.30 | 1,000 | 0 | 4.0 / 3.0 | 9 / 5 | 64 |" in text
    assert "nginx (nginx is not installed)" in text
    assert "us in the rounds of this table" in text


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing to fill\n")
    with pytest.raises(ValueError, match="no place"):
        render.into(found(), readme)


def test_each_begins_a_round_in_its_turn_after_one_that_warms_up() -> None:
    assert list(stages.rotated("ab", 2)) == [
        *((0, "a"), (0, "b")),
        *((1, "b"), (1, "a")),
        *((2, "a"), (2, "b")),
    ]


def test_a_flip_has_limits_by_the_number_of_listings() -> None:
    run = found(flip_loads=[flipped(60, 5), flipped(1_000, 28), flipped(10_000, 300)])

    assert [one.kept for one in limits.flips(run)] == [True, True, False]
    assert limits.flips(found(smoke=True, flip_loads=[flipped(60, 500)])) == []
    assert "10,000: **missed**" in limits.told(run)


def test_where_the_promise_to_visitors_does_not_hold_is_said() -> None:
    said = limits.told(found(flip_loads=[flipped(60, 5), flipped(1_000, 28), flipped(10_000, 90)]))

    assert "do not hold** at 1,000 listings (28.0 ms) and 10,000 listings (90.0 ms)." in said
    assert "They hold at 60 listings (5.0 ms)." in said
    assert "32 connections that always have a request waiting" in said
    assert limits.told(found()) == ""


@pytest.mark.timeout(120)
def test_a_result_that_has_queries_of_its_own_is_still_read(smoke: Result, tmp_path: Path) -> None:
    """Twenty of them, which `bench.query` asks better."""
    told = msgspec.json.decode(msgspec.json.encode(smoke))
    told["sizes"][0]["first_query_ms"] = [1.0, 2.0]
    path = tmp_path / "edge.json"
    results.write(told, path)

    assert results.load(path).sizes == smoke.sizes


@pytest.mark.parametrize("fault", ["status", "connect", "read", "write", "timeout", "odd"])
def test_a_burst_with_a_fault_is_no_figure(fault: str) -> None:
    with pytest.raises(BenchError):
        _judged(TOLD | {fault: 1}, Request(("/a",), {}, 200))


@pytest.mark.parametrize(("length", "good"), [(0, True), (399, True), (401, False), (None, True)])
def test_answers_of_another_length_are_no_figure(length: int | None, good: bool) -> None:
    """As when a page is answered where 304 was expected: wrk counts both as good."""
    asked = Request(("/a",), {}, 200, length=length)
    with contextlib.nullcontext() if good else pytest.raises(BenchError, match="400 bytes"):
        _judged(TOLD, asked)
    with pytest.raises(BenchError, match="9000 bytes"):
        _judged(TOLD | {"bytes": 90 * 9000}, Request(("/a",), {}, 304, length=0))


def test_a_burst_of_unknown_paths_must_be_refused_each_time() -> None:
    request = Request(("/a",), {}, 404)
    assert _judged(TOLD | {"status": 90}, request).requests == 90
    with pytest.raises(BenchError):
        _judged(TOLD | {"status": 89}, request)


def test_a_version_of_caddy_names_it() -> None:
    """It stands beside "rentman-edge", whose version it is not."""
    assert peers.caddy_version().startswith("Caddy v")
