"""What the load suites measure and judge, without a load."""

import tomllib
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.edgebench.results import machine
from bench.load import report
from bench.load.__main__ import _judged
from bench.load.behaviour import (
    LIST,
    fault,
    keystrokes,
    narrowed,
    repertoire,
    typed,
    variant,
    wish,
    wishes,
)
from bench.load.judge import (
    THRESHOLDS,
    Memory,
    Thresholds,
    growth,
    judge,
    steady,
    thresholds,
    unchanged,
)
from bench.load.profiles import ALL, Profile, Stage
from bench.load.records import Run, Told
from bench.load.stack import OURS
from bench.load.tally import Summary, Tally, unpacked

GOOD = {"etag": '"a"', "access-control-allow-origin": "*"}


def made(*times_ms: float, hit: bool = True, failed: bool = False) -> Tally:
    tally = Tally()
    for time_ms in times_ms:
        tally.add(time_ms, size=10, hit=hit, failed=failed)
    return tally


def verdicts(limits: Thresholds, page: Summary, picture: Summary) -> dict[str, bool]:
    totals = {"page": page, "picture": picture}
    return {one.what: one.kept for one in judge(limits, totals, totals)}


def test_times_are_summed_up_to_a_thousandth() -> None:
    found = made(*range(1, 101)).summary()

    assert (found.requests, found.errors, found.hits, found.bytes) == (100, 0, 100, 1000)
    assert found.p50_ms == pytest.approx(50, rel=2e-3)
    assert found.p99_ms == pytest.approx(99, rel=2e-3)
    assert found.longest_ms == pytest.approx(100, rel=2e-3)


@given(st.lists(st.floats(0, 1e9), max_size=20), st.lists(st.floats(0, 1e9), max_size=20))
def test_two_machines_add_up_to_one(here: list[float], there: list[float]) -> None:
    whole, part = made(*here, *there), made(*here)

    part.merge(unpacked(made(*there).packed()))

    assert part.summary() == whole.summary()


def test_a_run_within_its_limits_keeps_each_of_them() -> None:
    found = verdicts(thresholds(), made(1, 1, 2).summary(), made(30).summary())

    assert found == dict.fromkeys(found, True)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("page", "picture", "broken"),
    [
        (made(1, failed=True), made(1), {"errors"}),
        (made(1, hit=False), made(1), {"hits"}),
        (made(1, hit=False), made(*[1] * 5000), {"hits"}),  # pictures cannot miss
        (made(21), made(1), {"page p99 ms", "page p50 ms"}),
        (made(1), made(201), {"picture p99 ms"}),
        (made(1), Tally(), {"picture p99 ms"}),
        (Tally(), Tally(), {"hits", "page p99 ms", "page p50 ms", "picture p99 ms"}),
    ],
)
def test_what_is_not_kept_is_named(page: Tally, picture: Tally, broken: set[str]) -> None:
    """What nobody asked for keeps nothing: an empty run is no good run."""
    found = verdicts(thresholds(), page.summary(), picture.summary())

    assert {what for what, kept in found.items() if not kept} == broken


@pytest.mark.parametrize("kept", [False, True])
def test_hits_are_those_of_pages_whatever_pictures_do(kept: bool) -> None:
    page, picture = made(1, hit=kept).summary(), made(1, 1, 1, hit=not kept).summary()

    assert verdicts(thresholds(), page, picture)["hits"] is kept


def test_a_threshold_that_does_not_exist_is_refused() -> None:
    known = msgspec.to_builtins(thresholds())
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(known | {"p99": 20}, Thresholds)


def test_a_profile_says_how_many_visitors_there_are_at_each_second() -> None:
    profile = Profile("two", "", (Stage(10, 5, 1.0), Stage(20, 50, 9.0)))

    assert [profile.users_at(second) for second in (0, 9.9, 10, 19)] == [
        (5, 1.0),
        (5, 1.0),
        (50, 9.0),
        (50, 9.0),
    ]
    assert profile.users_at(20) is None
    assert profile.seconds == 20


@pytest.mark.parametrize("profile", ALL.values(), ids=ALL)
def test_every_profile_ends_and_acts_before_it_does(profile: Profile) -> None:
    ends = [stage.until_s for stage in profile.stages]

    assert ends == sorted(set(ends))
    assert profile.seconds <= 3600
    assert all(0 < act.at_s < profile.seconds for act in profile.acts)
    assert max(stage.users for stage in profile.stages) <= 2000


def test_the_narrowest_picture_that_is_wide_enough_is_taken() -> None:
    sizes = ", ".join(f"https://h.example/i/{width}.avif {width}w" for width in (400, 800, 1600))
    image = {"sources": [{"type": "image/avif", "srcSet": sizes}]}

    assert variant(image, 400) == "/i/400.avif"
    assert variant(image, 700) == "/i/800.avif"
    assert variant(image, 5000) == "/i/1600.avif"
    assert variant({"sources": []}, 400) == ""


@pytest.mark.parametrize(
    ("status", "headers", "conditional", "wrong"),
    [
        (200, GOOD, False, ""),
        (304, GOOD, True, ""),
        (304, GOOD, False, "status 304"),
        (503, GOOD, True, "status 503"),
        (200, {"access-control-allow-origin": "*"}, False, "no entity tag"),
        (200, {"etag": '"a"'}, False, "not readable from other origins"),
    ],
)
def test_an_answer_that_a_page_could_not_use_is_a_fault(
    status: int, headers: dict[str, str], conditional: bool, wrong: str
) -> None:
    assert fault(status, headers, conditional=conditional) == wrong


def test_a_revisit_that_is_sent_the_page_again_keeps_no_limit() -> None:
    told = Tally()
    for status in (304, 304, 200):
        told.add(1, size=0, hit=True, failed=False, unchanged=status == 304)

    assert unchanged(0.6, told.summary()).kept
    assert not unchanged(0.7, told.summary()).kept
    assert not unchanged(0.1, None).kept


def test_wishes_are_what_the_list_understands_and_all_of_them_are_known() -> None:
    asked = {narrowed(wish()) for _ in range(500)}
    known = repertoire([{"area": "Ely"}])

    assert asked < known
    assert {LIST, typed("el"), typed("ely")} < known
    assert len(known) == 2 * 5 * 9 * 4 * 2 + 3
    assert all(
        one.keys() <= {"channel", "beds_min", "price_max", "sort", "page"} for one in wishes()
    )


def test_only_profiles_that_exist_have_thresholds_of_their_own() -> None:
    own = tomllib.loads(THRESHOLDS.read_text())["instead"]

    assert own.keys() < ALL.keys()
    assert thresholds("cold-cache").page.p99_ms > thresholds("steady").page.p99_ms
    assert thresholds("cold-cache").page.p50_ms == thresholds("steady").page.p50_ms


@pytest.mark.parametrize("profile", ALL.values(), ids=ALL)
def test_a_shortened_profile_has_the_same_visitors_and_acts_in_time(profile: Profile) -> None:
    short = profile.within(30)

    assert short.seconds == 30
    assert [stage.users for stage in short.stages] == [stage.users for stage in profile.stages]
    assert [act.what for act in short.acts] == [act.what for act in profile.acts]
    assert all(0 < act.at_s < 30 for act in short.acts)


def test_a_search_box_asks_letter_by_letter() -> None:
    assert keystrokes("Camden Town") == ["ca", "cam", "camd", "camde"]
    assert keystrokes("Ely") == ["el", "ely"]
    assert keystrokes("") == []


def test_visitors_who_come_slowly_are_there_for_less_time() -> None:
    assert Profile("at once", "", (Stage(10, 5, 100.0),)).visitor_seconds == 5 * 9.5
    assert Profile("slowly", "", (Stage(10, 10, 1.0),)).visitor_seconds == 10 * 10 / 2


def test_times_are_judged_once_all_have_come_and_errors_from_the_first_second() -> None:
    whole = {"page": made(300, failed=True).summary(), "picture": made(300).summary()}
    settled = {"page": made(1).summary(), "picture": made(1).summary()}

    found = {one.what: one.kept for one in judge(thresholds(), whole, settled)}

    assert {what for what, kept in found.items() if not kept} == {"errors"}


def looks(part: str, held: Sequence[int]) -> list[Memory]:
    """One a minute, so many that they make an hour."""
    return [
        Memory(at_s=3600 * number / len(held), bytes={part: size, "other": 9000})
        for number, size in enumerate(held)
    ]


def test_memory_that_is_filled_and_then_stays_does_not_grow() -> None:
    filled = looks("edge", (10, 60, 90, 100, 100, 101, 100, 100))

    assert growth(filled, "edge", 3600) == pytest.approx(0.0, abs=0.01)
    assert [one.kept for one in steady(0.03, filled, ("edge",), 3600)] == [True]


def test_the_part_that_leaks_is_named_and_others_are_not() -> None:
    leaking = looks("edge", [1000 + 10 * look for look in range(40)])

    assert growth(leaking, "edge", 3600) == pytest.approx(0.08, abs=0.01)
    verdicts = steady(0.03, leaking, ("edge", "other"), 3600)
    assert [one.what for one in verdicts if not one.kept] == ["growth of edge's memory"]


def test_an_hour_of_which_the_end_was_not_seen_is_not_judged() -> None:
    with pytest.raises(ValueError, match="nobody looked at the memory of edge"):
        growth(looks("edge", [10] * 40)[:30], "edge", 3600)


def test_a_long_run_shows_what_each_part_held_from_its_start_to_its_end() -> None:
    totals = {"page": made(1).summary(), "picture": made(1).summary()}
    run = Run(
        profile="soak",
        about="",
        made_at="",
        commit="",
        listings=60,
        visitors=1,
        visitor_seconds=1,
        seconds=3600,
        whole_seconds=3600,
        machine=machine(),
        told=Told(totals=totals, kinds={}, seconds=[], faults={}),
        memory=[Memory(at_s=n, bytes={"edge": (50 + n) * 2**20}) for n in range(9)],
    )

    text = report.rendered([run], None)

    assert "| Part | at the start | after 15 min | after 30 min |" in text
    assert "| edge | 50.0 | 52.0 | 54.0 | 56.0 | 58.0 |" in text


def test_memory_is_judged_of_a_whole_soak_and_of_nothing_shorter() -> None:
    totals = {"page": made(1).summary(), "picture": made(1).summary()}
    told = Told(totals=totals, kinds={}, seconds=[], faults={})
    still = [Memory(at_s=60 * minute, bytes=dict.fromkeys(OURS, 10**7)) for minute in range(60)]

    def growths(profile: Profile) -> list[bool]:
        return [one.kept for one in _judged(profile, told, still) if "growth" in one.what]

    assert growths(ALL["soak"]) == [True] * len(OURS)
    assert growths(ALL["soak"].within(600)) == growths(ALL["steady"]) == []
