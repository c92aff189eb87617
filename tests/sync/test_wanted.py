"""Which files are fetched first, and which are not."""

from typing import Any

import pytest

from sync.ledger import ABSENT, ABSENT_RETRY_S, REJECTED_RETRY_S, RENEWALS_MAX, wanted
from sync.media.model import FileKind
from sync.model import Known, MediaKind, MediaName, Medium
from tests.sync.galleries import made
from tests.sync.samples import NOON, known, picture

RECIPES: dict[FileKind, str] = {
    "photo": "photo-2",
    "floorplan": "plan-1",
    "epc": "plan-1",
    "share": "share-1",
    "brochure": "pdf-1",
    "video": "video-1",
}


MADE_NOW: dict[str, Any] = {"recipe": "photo-2", "share_recipe": "share-1"}


def home(ref: str, photos: int, *others: MediaKind) -> Known:
    names = [
        MediaName(kind="photo", filename=f"{ref}{n}.jpg", position=n) for n in range(1, photos + 1)
    ]
    names += [MediaName(kind=kind, filename=f"{ref}-{kind}") for kind in others]
    return known(ref, media=tuple(names))


def files(names: list[MediaName]) -> list[str]:
    return [name.filename for name in names]


def test_every_home_s_first_photo_comes_before_any_home_s_second() -> None:
    found = files(wanted([home("a", 3), home("b", 2), home("c", 1)], {}, NOON, RECIPES))

    assert found == ["a1.jpg", "b1.jpg", "c1.jpg", "a2.jpg", "b2.jpg", "a3.jpg"]


def test_a_plan_stands_before_the_third_photo_and_a_video_comes_last_of_all() -> None:
    found = files(
        wanted(
            [home("a", 5, "floorplan", "epc", "brochure", "video"), home("b", 1)],
            {},
            NOON,
            RECIPES,
        )
    )

    plans = [
        "a1.jpg",
        "b1.jpg",
        "a2.jpg",
        "a-floorplan",
        "a3.jpg",
        "a-epc",
        "a4.jpg",
        "a-brochure",
        "a5.jpg",
        "a-video",
    ]
    assert found == plans


def test_a_file_that_two_homes_share_is_wanted_once() -> None:
    assert files(wanted([home("a", 1), home("a", 1)], {}, NOON, RECIPES)) == ["a1.jpg"]


@pytest.mark.parametrize(
    ("medium", "age", "due"),
    [
        (Medium(filename="a1.jpg", picture=picture(), **MADE_NOW), 10**9, False),
        (Medium(filename="a1.jpg", document="k", **MADE_NOW), 10**9, False),
        (Medium(filename="a1.jpg", reason=ABSENT), ABSENT_RETRY_S - 1, False),
        (Medium(filename="a1.jpg", reason=ABSENT), ABSENT_RETRY_S, True),
        (Medium(filename="a1.jpg", reason="refused"), ABSENT_RETRY_S, True),
        (Medium(filename="a1.jpg", reason="crash"), ABSENT_RETRY_S - 1, False),
        (Medium(filename="a1.jpg", reason="crash"), ABSENT_RETRY_S, True),
        (Medium(filename="a1.jpg", reason="corrupt"), REJECTED_RETRY_S - 1, False),
        (Medium(filename="a1.jpg", reason="corrupt"), REJECTED_RETRY_S, True),
    ],
)
def test_what_is_ready_is_left_alone_and_what_failed_has_its_second_chance(
    medium: Medium, age: int, due: bool
) -> None:
    assert bool(wanted([home("a", 1)], {"a1.jpg": medium}, age, RECIPES)) is due


def test_what_an_older_recipe_made_is_wanted_after_all_that_is_missing() -> None:
    ledger = {
        "a1.jpg": made("a1.jpg", "photo-1"),
        "a2.jpg": made("a2.jpg", "photo-2"),
        "a-floorplan": made("a-floorplan", "plan-1"),
        "a-brochure": Medium(filename="a-brochure", document="k", recipe="pdf-0"),
    }

    found = files(wanted([home("a", 3, "floorplan", "brochure")], ledger, NOON, RECIPES))

    assert found == ["a3.jpg", "a1.jpg", "a-brochure"]


def test_only_the_photo_that_leads_a_home_is_wanted_for_its_cut_s_sake() -> None:
    ledger = {f"a{n}.jpg": made(f"a{n}.jpg", "photo-2", share_recipe="share-0") for n in (1, 2)}

    assert files(wanted([home("a", 2)], ledger, NOON, RECIPES)) == ["a1.jpg"]

    ledger["a1.jpg"] = made(
        "a1.jpg", **MADE_NOW
    )  # nothing could be cut from it, and that is known
    assert wanted([home("a", 2)], ledger, NOON, RECIPES) == []


def test_only_so_many_are_made_anew_in_one_pass() -> None:
    many = home("a", RENEWALS_MAX + 5)
    ledger = {name.filename: made(name.filename, "photo-1") for name in many.listing.media}

    found = wanted([many, home("b", 2)], ledger, NOON, RECIPES)

    assert files(found[:3]) == ["b1.jpg", "b2.jpg", "a1.jpg"]
    assert len(found) == 2 + RENEWALS_MAX


def test_a_failed_renewal_waits_like_any_other_failure() -> None:
    ledger = {"a1.jpg": made("a1.jpg", "photo-1", reason="corrupt", checked_at=NOON)}

    assert wanted([home("a", 1)], ledger, NOON + 1, RECIPES) == []
    assert wanted([home("a", 1)], ledger, NOON + REJECTED_RETRY_S, RECIPES)
