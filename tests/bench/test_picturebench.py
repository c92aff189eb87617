"""The bench of pictures: a smoke run has the right shape and can be rendered; no figure is judged."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from bench.edgebench import peers
from bench.edgebench.processes import ROOT, BenchError
from bench.edgebench.results import load as load_edge
from bench.edgebench.results import write
from bench.front.servers import OURS as SERVED
from bench.pictures import makers, render, results, scoring
from bench.pictures.__main__ import run
from bench.pictures.results import Result, Round, Score
from bench.pictures.stages import DEFAULTS, OURS, SHARP
from bench.served import __main__ as served
from bench.served.__main__ import AGAIN, AHEAD, BUN, FIRST
from tests.bench.smoke import smoke as smoked


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("bench") / "pictures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.pictures", "run", "--smoke", "--out", str(found)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return found


@pytest.fixture
def smoke(path: Path) -> Result:
    return results.load(path)


def test_a_smoke_run_makes_whole_sets_and_sees_memory(smoke: Result) -> None:
    assert smoke.done == ["cpu", "look", "memory", "growth"]
    assert {one.maker for one in smoke.rounds} == {OURS}
    assert all(one.cpu_s > 0 and one.file_bytes["jpg"] for one in smoke.rounds)
    assert all(one.peak_rss_bytes > one.idle_rss_bytes > 1 << 20 for one in smoke.peaks)
    assert [one.pictures for one in smoke.growth] == list(range(1, 21))


def test_what_an_interrupted_run_has_done_is_not_done_again(
    smoke: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.edgebench.results.commit", lambda: "abc")
    kept, growth = tmp_path / "pictures.json", smoke.growth
    smoke.commit, smoke.growth = "abc", []
    smoke.done.remove("growth")
    write(smoke, kept)

    run(kept, smoke=True, only=[])

    found = results.load(kept)
    assert (found.made_at, found.rounds) == (smoke.made_at, smoke.rounds)
    assert len(found.growth) == len(growth)


def spent(maker: str, *seconds: float) -> list[Round]:
    return [
        Round(
            maker=maker,
            photo="coffee",
            number=number,
            cpu_s=each,
            load=1.0,
            file_bytes={"avif": 1000, "webp": 2000, "jpg": 3000},
        )
        for number, each in enumerate(seconds)
    ]


def test_a_page_says_which_limits_are_kept(smoke: Result, tmp_path: Path) -> None:
    rounds = [*spent(OURS, 1, 2, 9), *spent(SHARP, 3, 4), *spent(DEFAULTS, 10)]
    whole = structs.replace(smoke, smoke=False, rounds=rounds)
    page = tmp_path / "page.md"
    page.write_text(
        "before\n<!-- picture figures: begin -->\nold\n<!-- picture figures: end -->\nafter\n"
    )

    render.into(whole, page)

    assert [one.kept for one in render.judged(whole)] == [True, False]
    assert render.judged(smoke) == []
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "by that of sharp: 0.571 in the median photo (0.571 to 0.571); limit 0.7: kept." in text
    assert (
        "sharp, defaults: 0.200 in the median photo (0.200 to 0.200); limit 0.125: **missed**."
        in text
    )


def test_only_files_that_both_have_are_compared(smoke: Result) -> None:
    def scored(maker: str, photo: str, value: float) -> Score:
        return Score(
            maker=maker, photo=photo, format="avif", width=800, score=value, file_bytes=1000
        )

    smoke.scores = [scored(OURS, "a", 70), scored(DEFAULTS, "a", 71), scored(DEFAULTS, "b", 9)]

    assert "| avif | 800 | 70.0 | 1.0 | 71.0 | 1.0 |" in render.rendered(smoke)


@pytest.mark.parametrize("slope", [0.5, 0.8, 1.1])
def test_the_quality_of_an_equal_look_is_found_in_a_few_steps(slope: float) -> None:
    asked = []

    def shortfall(quality: int) -> float:
        asked.append(quality)
        return slope * (64 - quality)

    assert abs(scoring._search(56, shortfall) - 64) <= 1
    assert len(asked) <= scoring.STEPS


def test_sharp_is_told_what_our_recipe_says() -> None:
    from sync.media.recipe import recipe_for  # noqa: PLC0415 - the bench itself must not

    said = {item.extension: item for item in recipe_for("photo", "standard").formats}

    for kind, name in scoring.SHARP_NAMES.items():
        assert tuple(makers.SAME[name]["quality"]) == said[kind].quality
        assert makers.SAME[name].get("effort") == said[kind].options.get("effort")


def test_a_newer_format_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    raw = msgspec.json.decode(path.read_bytes())
    other.write_bytes(msgspec.json.encode(raw | {"format": 2}))

    with pytest.raises(ValueError, match="format 2"):
        results.load(other)


def test_our_worker_s_refusal_ends_the_run(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")

    with makers.ours() as maker, pytest.raises(BenchError, match="truncated"):
        maker.make(broken, tmp_path)


def bun_is_here() -> bool:
    try:
        return bool(peers.bun_version())
    except peers.AbsentError:
        return False


def test_without_the_stack_that_it_replaces_nothing_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> str:
        raise peers.AbsentError("bun is not installed")

    monkeypatch.setattr(peers, "bun_version", absent)

    with pytest.raises(
        BenchError, match=r"bun is not installed: `python -m bench\.edgebench setup`"
    ):
        served.run(tmp_path / "served.json", smoke=True, _only=())
    assert not list(tmp_path.iterdir())


@pytest.mark.timeout(120)
@pytest.mark.skipif(not bun_is_here(), reason="Bun is not installed; `make bench-smoke` does")
def test_pictures_are_sent_by_ours_and_made_by_the_stack_that_it_replaces(tmp_path: Path) -> None:
    out, text = smoked(tmp_path, "served")

    found = load_edge(out)
    asked = {(one.server, one.subject) for one in found.rounds}
    assert asked == {(AHEAD, FIRST), (SERVED, FIRST), (BUN, FIRST), (SERVED, AGAIN), (BUN, AGAIN)}
    first = {one.server: one for one in found.rounds if one.subject == FIRST}
    again = {one.server: one for one in found.rounds if one.subject == AGAIN}
    assert first[BUN].requests == first[SERVED].requests > 1
    assert first[BUN].cpu_us > 10 * again[BUN].cpu_us  # it did make them, and kept them
    assert f"| {FIRST}, {BUN} |" in text
