"""What becomes of broken pictures, and of sources and stores that fail while pictures are made."""

import asyncio
from pathlib import Path

import pytest

from sync.errors import StorageError, UpstreamError, UpstreamRejectedError
from sync.gallery import Gallery
from sync.ledger import ABSENT_RETRY_S
from sync.media.errors import MediaFailedError
from sync.media.model import Picture, Purpose
from sync.media.store import Directory
from sync.media.studio import Studio
from sync.model import MediaName, Medium
from sync.rentman.client import Rentman
from sync.rentman.web import Web
from sync.state.database import State
from tests.conftest import Upstream
from tests.sync.galleries import Arrivals
from tests.sync.samples import NOON, known, picture


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
