"""Which pictures are fetched first, and what becomes of broken ones."""

import asyncio
from typing import cast

import httpx
import msgspec
import pytest

from snapshot.environment import Secret
from sync.gallery import Gallery
from sync.ledger import ABSENT
from sync.model import MediaName
from sync.rentman.client import Rentman
from sync.rentman.normalise import listing
from sync.rentman.web import Web
from sync.resilience import Guard
from sync.source import File, Source
from tests.conftest import TOKEN, Upstream
from tests.sync.galleries import Arrivals, made
from tests.sync.media.pictures import jpeg
from tests.sync.samples import NOON, known, picture


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
    await asyncio.to_thread(lambda: gallery.set_aside([home], gallery.census()))
    assert made.key not in gallery.studio.store.unnamed()

    await asyncio.to_thread(gallery.tell)
    await asyncio.to_thread(gallery.state.forget_media, [video.filename])
    assert await asyncio.to_thread(gallery.recall, [home]) == 1
    assert (await asyncio.to_thread(gallery.ledger))[video.filename] == made

    fewer = [known("42", media=(photos[0],))]
    await asyncio.to_thread(lambda: gallery.set_aside(fewer, gallery.census()))
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


async def test_a_cut_is_kept_as_long_as_its_photo_and_wanted_anew_when_it_is_lost(
    gallery: Gallery, upstream: Upstream, photos: list[MediaName]
) -> None:
    upstream.heal()
    await gallery.collect(photos[:1], Arrivals())
    home = known("42", media=(photos[0],))
    made = (await asyncio.to_thread(gallery.ledger))[photos[0].filename]
    assert made.share is not None
    assert made.picture is not None

    await asyncio.to_thread(lambda: gallery.set_aside([home], gallery.census()))
    assert {made.share.key, made.picture.key}.isdisjoint(gallery.studio.store.unnamed())

    await asyncio.to_thread(gallery.studio.store.remove, [made.share.key])
    assert gallery.wanted([home]) == [photos[0]]
    left = (await asyncio.to_thread(gallery.ledger))[photos[0].filename]
    assert (left.picture, left.share) == (made.picture, None)


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
