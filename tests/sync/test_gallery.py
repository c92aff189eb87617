"""Which pictures are fetched first, and what becomes of broken ones."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest

from snapshot.environment import Secret
from sync.errors import StorageError, UpstreamError, UpstreamRejectedError
from sync.gallery import Gallery
from sync.ledger import ABSENT, ABSENT_RETRY_S, REJECTED_RETRY_S, RENEWALS_MAX, wanted
from sync.media.errors import MediaFailedError
from sync.media.model import FileKind, Picture, Purpose
from sync.media.store import Directory
from sync.media.studio import Studio
from sync.model import Known, MediaKind, MediaName, Medium
from sync.rentman.client import Rentman
from sync.rentman.normalise import listing
from sync.rentman.web import Web
from sync.resilience import Guard
from sync.source import File, Source
from sync.state.database import State
from tests.conftest import TOKEN, Upstream
from tests.sync.media.pictures import jpeg
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


def made(filename: str, recipe: str, **fields: Any) -> Medium:
    return Medium(filename=filename, picture=picture(), recipe=recipe, **fields)


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


@pytest.fixture(scope="module")
def photos(shared_upstream: Upstream) -> list[MediaName]:
    """First photos of the simulator's portfolio."""
    shared_upstream.heal()
    answer = httpx.get(
        f"{shared_upstream.url}/propertyadvertising.php",
        params={"limit": 200, "page": 1, "noimage": 1},
        headers={"token": TOKEN},
    )
    rows = [row for row in answer.json() if str(row.get("photo1", "")).strip().endswith(".jpg")]
    found = [listing(row)[0].media for row in rows if float(row.get("rentmonth") or 0)]
    return [media[0] for media in found if media][:4]


@pytest.fixture
async def gallery(
    client: Rentman, state: State, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gallery]:
    shared: Path = tmp_path_factory.getbasetemp() / "pictures"
    async with Studio(shared, profile="fast", workers=1) as studio:
        yield Gallery(Web(client, 50), studio, state, lambda: NOON)


class Arrivals:
    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


@pytest.mark.parametrize("variant", ["lf", "crlf", "nopad", "datauri", "urlsafe"])
async def test_every_manner_of_base64_makes_the_same_picture(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName], variant: str
) -> None:
    upstream.fault("F12", variant=variant)
    arrivals = Arrivals()

    assert await gallery.collect(photos[:1], arrivals) == 1
    kept = (await asyncio.to_thread(gallery.state.media))[photos[0].filename]
    assert kept.picture is not None
    assert kept.reason == ""
    assert arrivals.count == 1


async def test_a_file_the_source_does_not_have_is_absent(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.fault("F13")
    await gallery.collect(photos, Arrivals())

    kept = await asyncio.to_thread(gallery.state.media)
    assert {medium.reason for medium in kept.values()} == {ABSENT}


@pytest.mark.parametrize("variant", ["html", "text", "blank"])
async def test_what_is_no_picture_is_noted_with_its_reason_and_the_next_one_comes(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName], variant: str
) -> None:
    upstream.fault("F14", variant=variant, filename=photos[1].filename)
    await gallery.collect([photos[1], photos[0]], Arrivals())

    kept = await asyncio.to_thread(gallery.state.media)
    assert kept[photos[1].filename].reason
    assert kept[photos[1].filename].picture is None
    assert kept[photos[0].filename].picture is not None


async def test_one_refused_file_does_not_keep_the_others_waiting(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.fault("F1", endpoint="media", filename=photos[1].filename)
    await gallery.collect([photos[1], photos[0]], Arrivals())

    kept = await asyncio.to_thread(gallery.state.media)
    assert kept[photos[1].filename].reason == "refused"
    assert kept[photos[0].filename].picture is not None


async def test_a_picture_by_an_older_recipe_is_shown_until_the_new_one_is_there(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    name = photos[0].filename
    (gallery.studio.store._root / picture().key).mkdir(exist_ok=True)  # type: ignore[attr-defined]
    await asyncio.to_thread(gallery.state.keep_medium, made(name, "photo-0", caption="Hall"))
    upstream.fault("F13")

    await gallery.collect(photos[:1], Arrivals())

    kept = (await asyncio.to_thread(gallery.ledger))[name]
    assert kept == made(name, "photo-0", caption="Hall", reason=ABSENT, checked_at=NOON)
    upstream.heal()

    await gallery.collect(photos[:1], Arrivals())

    kept = (await asyncio.to_thread(gallery.ledger))[name]
    assert kept.recipe == gallery.studio.recipes()["photo"]
    assert kept.picture is not None
    assert kept.picture.key != picture().key
    assert kept.reason == ""
    assert picture().key in gallery.studio.store.kept()


async def test_a_first_photo_has_its_cut_for_links_and_a_second_has_none(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.heal()
    second = msgspec.structs.replace(photos[1], position=2)

    await gallery.collect([photos[0], second], Arrivals())

    kept = await asyncio.to_thread(gallery.ledger)
    cut = kept[photos[0].filename].share
    assert cut is not None
    assert (cut.width, cut.height) == (1200, 630)
    assert cut.key in gallery.studio.store.kept()
    assert kept[second.filename].share is None


@pytest.fixture(scope="module")
def video(shared_upstream: Upstream) -> MediaName:
    """The first one that the simulator's portfolio has."""
    answer = httpx.get(
        f"{shared_upstream.url}/propertyadvertising.php",
        params={"limit": 200, "page": 1, "noimage": 1},
        headers={"token": TOKEN},
    )
    homes = [listing(row)[0] for row in answer.json() if float(row.get("rentmonth") or 0)]
    return next(name for home in homes for name in home.media if name.kind == "video")


async def test_a_video_is_made_kept_found_again_and_forgotten_like_any_other_file(
    gallery: Gallery, upstream: Upstream, video: MediaName, photos: list[MediaName]
) -> None:
    upstream.heal()
    home = known("42", media=(photos[0], video))

    await gallery.collect([video], Arrivals())

    made = (await asyncio.to_thread(gallery.ledger))[video.filename]
    assert made.video is not None
    assert (made.video.width, made.video.height, made.video.duration_s) == (480, 270, 3)
    assert (made.key, made.recipe) == (made.video.key, gallery.studio.recipes()["video"])
    assert gallery.wanted([home]) == [photos[0]]
    await asyncio.to_thread(gallery.set_aside, [home])
    assert made.key not in gallery.studio.store.unnamed()

    await asyncio.to_thread(gallery.tell)
    await asyncio.to_thread(gallery.state.forget_media, [video.filename])
    assert await asyncio.to_thread(gallery.recall, [home]) == 1
    assert (await asyncio.to_thread(gallery.ledger))[video.filename] == made

    await asyncio.to_thread(gallery.set_aside, [known("42", media=(photos[0],))])
    assert gallery.studio.store.unnamed()[made.key] == NOON
    await asyncio.to_thread(gallery.studio.store.remove, [made.key])
    assert gallery.wanted([home]) == [photos[0], video]


async def test_a_photo_named_as_a_video_and_a_video_named_as_a_photo_are_noted_with_a_reason(
    gallery: Gallery, upstream: Upstream, video: MediaName, photos: list[MediaName]
) -> None:
    upstream.heal()
    confused = [
        msgspec.structs.replace(video, kind="photo"),
        msgspec.structs.replace(photos[0], kind="video"),
    ]

    await gallery.collect(confused, Arrivals())

    kept = await asyncio.to_thread(gallery.state.media)
    assert [kept[name.filename].reason for name in confused] == ["type:mp4", "type:jpeg"]


class Small:
    """A source whose every photo is too small to be cut."""

    async def media(self, _filename: str) -> File:
        return File(jpeg(500, 400), "Hall")


async def test_a_small_photo_leads_without_a_cut_and_is_not_asked_for_again(
    gallery: Gallery, photos: list[MediaName]
) -> None:
    gallery.source = cast(Source, Small())
    await gallery.collect(photos[:1], Arrivals())

    (kept,) = (await asyncio.to_thread(gallery.ledger)).values()
    assert kept.picture is not None
    assert kept.share is None
    assert kept.reason == ""
    assert gallery.wanted([known("42", media=(photos[0],))]) == []


async def test_a_cut_that_no_worker_survives_leaves_the_photo_and_is_tried_again(
    gallery: Gallery, photos: list[MediaName], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gallery.studio.picture

    async def picture_of(source: bytes, purpose: Purpose) -> Picture:
        if purpose == "share":
            raise MediaFailedError("timeout")
        return await whole(source, purpose)

    monkeypatch.setattr(gallery.studio, "picture", picture_of)
    await gallery.collect(photos[:1], Arrivals())

    (kept,) = (await asyncio.to_thread(gallery.ledger)).values()
    home = known("42", media=(photos[0],))
    assert kept.picture is not None
    assert kept.reason == "timeout"
    assert gallery.wanted([home]) == []
    gallery.clock = lambda: NOON + ABSENT_RETRY_S
    assert gallery.wanted([home]) == [photos[0]]


async def test_a_cut_is_kept_as_long_as_its_photo_and_wanted_anew_when_it_is_lost(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.heal()
    await gallery.collect(photos[:1], Arrivals())
    home = known("42", media=(photos[0],))
    made = (await asyncio.to_thread(gallery.ledger))[photos[0].filename]
    assert made.share is not None
    assert made.picture is not None

    await asyncio.to_thread(gallery.set_aside, [home])
    assert {made.share.key, made.picture.key}.isdisjoint(gallery.studio.store.unnamed())

    await asyncio.to_thread(gallery.studio.store.remove, [made.share.key])
    assert gallery.wanted([home]) == [photos[0]]
    left = (await asyncio.to_thread(gallery.ledger))[photos[0].filename]
    assert (left.picture, left.share) == (made.picture, None)


async def test_a_picture_that_no_worker_survives_is_noted_and_the_next_one_comes(
    client: Rentman, state: State, photos: list[MediaName], tmp_path: Path
) -> None:
    async with Studio(tmp_path / "media", command=("/nonexistent",)) as studio:
        gallery = Gallery(Web(client, 50), studio, state, lambda: NOON)

        assert await gallery.collect(photos[:2], Arrivals()) == 2

    kept = await asyncio.to_thread(state.media)
    assert [medium.reason for medium in kept.values()] == ["crash", "crash"]


async def test_a_store_that_takes_nothing_ends_the_collection_and_blames_no_file(
    gallery: Gallery, photos: list[MediaName], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_can_make_one_here = Directory(Path("/proc"))
    monkeypatch.setattr(gallery.studio, "store", nobody_can_make_one_here)
    before = gallery.source.calls

    with pytest.raises(StorageError, match="disk"):
        await gallery.collect(photos * 5, Arrivals())

    assert gallery.source.calls - before < 20
    assert await asyncio.to_thread(gallery.state.media) == {}


async def test_a_store_that_cannot_be_listed_leaves_the_ledger_believed(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    medium = Medium(filename="a1.jpg", picture=picture("e" * 32))
    await asyncio.to_thread(gallery.state.keep_medium, medium)
    assert await asyncio.to_thread(gallery.ledger) == {}

    monkeypatch.setattr(gallery.studio, "store", Directory(tmp_path / "gone"))

    assert await asyncio.to_thread(gallery.ledger) == {"a1.jpg": medium}


async def test_a_source_that_refuses_everything_is_left_alone_after_three(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.fault("F1", endpoint="media")
    before = gallery.source.calls

    with pytest.raises(UpstreamRejectedError):
        await gallery.collect(photos, Arrivals())
    assert gallery.source.calls - before == 3


@pytest.mark.parametrize(("mode", "calls"), [("401", 1), ("drop", 2)])
async def test_a_source_that_stops_answering_ends_the_collection(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName], mode: str, calls: int
) -> None:
    upstream.fault(mode)
    before = gallery.source.calls

    with pytest.raises(UpstreamError):
        await gallery.collect(photos, Arrivals())
    assert gallery.source.calls - before == calls
    assert await asyncio.to_thread(gallery.state.media) == {}


async def test_what_goes_wrong_on_arrival_is_raised_as_itself(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.fault("F13")

    async def fail() -> None:
        raise LookupError("on arrival")

    with pytest.raises(LookupError, match="on arrival"):
        await gallery.collect(photos[:2], fail)


@pytest.mark.parametrize(
    ("written", "shown"), [("View from NW1 2AB, a@b.example", ""), ("Kitchen", "Kitchen")]
)
async def test_captions_are_masked(written: str, shown: str, brisk: Guard) -> None:
    body = msgspec.json.encode([{"Caption": written, "base64data": "/9j/"}])
    answer = httpx.MockTransport(lambda _request: httpx.Response(200, content=body))
    web = Web(Rentman("http://rentman.example", Secret("t"), brisk, transport=answer), 50)

    found = await web.media("A.jpg")
    await web.aclose()
    assert found == File(b"\xff\xd8\xff", shown)
