"""Bytes in, pictures out: through real workers, onto a real disk."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path

import imagehash
import pytest
import pyvips
from blockbuster import blockbuster_ctx
from PIL import Image

from sync.media.errors import MediaRejectedError
from sync.media.model import Document, Picture, Video
from sync.media.studio import Studio
from tests.sync.media import documents, films
from tests.sync.media.pictures import (
    CANARY,
    drawing,
    jpeg,
    photo,
    saved,
    turned,
    with_secrets,
)

LOOKS_THE_SAME = 4
"""Bits of 64 in which two perceptual hashes may differ."""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def distance(one: Image.Image, other: Image.Image) -> int:
    return int(imagehash.phash(one) - imagehash.phash(other))


def contents(root: Path, picture: Picture) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / picture.key).iterdir()}


async def test_a_photo_becomes_three_formats_at_four_widths(tmp_path: Path) -> None:
    async with Studio(tmp_path / "media", profile="standard") as studio:
        picture = await studio.picture(jpeg(2000, 1333), "photo")

    assert (picture.width, picture.height) == (2000, 1333)
    assert picture.variants["jpg"] == picture.variants["avif"] == (400, 800, 1200, 1600)
    expected = {f"{w}.{kind}" for kind, widths in picture.variants.items() for w in widths}
    assert names(tmp_path / "media" / picture.key) == expected | {"picture.json"}
    assert names(tmp_path / "media") == {picture.key}


async def test_every_variant_looks_like_its_source_at_the_promised_size(
    studio: Studio, tmp_path: Path
) -> None:
    source = photo(1601, 1067)

    picture = await studio.picture(saved(source, "PNG"), "photo")

    for name in names(tmp_path / "media" / picture.key) - {"picture.json"}:
        with Image.open(tmp_path / "media" / picture.key / name) as variant:
            width = int(name.partition(".")[0])
            assert variant.size == (width, round(width * 1067 / 1601))
            assert distance(variant, source) <= LOOKS_THE_SAME, name


async def test_what_a_page_shows_first_is_small_and_fits_the_picture(studio: Studio) -> None:
    wide = await studio.picture(jpeg(900, 600), "photo")
    tall = await studio.picture(jpeg(600, 900), "photo")
    square = await studio.picture(jpeg(600, 600), "photo")

    assert [len(picture.blurhash) for picture in (wide, tall, square)] == [28, 28, 22]
    assert wide.placeholder.startswith("data:image/webp;base64,")
    assert len(wide.placeholder) <= 400
    assert len(wide.color) == 7


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_picture_is_upright_however_the_camera_was_held(
    studio: Studio, tmp_path: Path, orientation: int
) -> None:
    upright = photo(600, 360)

    picture = await studio.picture(turned(upright, orientation), "photo")

    assert (picture.width, picture.height) == (600, 360)
    for kind in picture.variants:
        with Image.open(tmp_path / "media" / picture.key / f"600.{kind}") as variant:
            assert variant.size == (600, 360)
            assert distance(variant, upright) <= LOOKS_THE_SAME


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
async def test_other_kinds_are_turned_upright_too(
    studio: Studio, tmp_path: Path, kind: str
) -> None:
    upright = photo(600, 360)

    picture = await studio.picture(turned(upright, 6, kind), "photo")

    assert (picture.width, picture.height) == (600, 360)
    with Image.open(tmp_path / "media" / picture.key / "600.jpg") as variant:
        assert distance(variant, upright) <= LOOKS_THE_SAME


async def test_a_wide_gamut_photo_keeps_its_colours(studio: Studio) -> None:
    plain = pyvips.Image.new_from_buffer(
        saved(Image.new("RGB", (200, 150), (200, 60, 40)), "PNG"), ""
    )
    wide = plain.icc_transform("p3", input_profile="srgb")
    assert wide(0, 0)[0] < 195

    picture = await studio.picture(wide.pngsave_buffer(), "photo")

    shown = bytes.fromhex(picture.color[1:])
    assert max(abs(a - b) for a, b in zip(shown, (200, 60, 40), strict=True)) <= 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_no_metadata_reaches_any_published_byte(
    studio: Studio, tmp_path: Path, kind: str
) -> None:
    source = with_secrets(kind)
    assert source.count(CANARY) > 2

    picture = await studio.picture(source, "photo")

    for name, data in contents(tmp_path / "media", picture).items():
        for trace in (CANARY, b"Exif", b"GPS", b"xmpmeta", b"ICC_PROFILE"):
            assert trace not in data, f"{trace!r} in {name}"


async def test_two_processes_make_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for root in (tmp_path / "one", tmp_path / "two"):
        async with Studio(root, workers=1) as studio:
            made.append(contents(root, await studio.picture(jpeg(), "photo")))

    assert made[0] == made[1]


@pytest.mark.parametrize("purpose", ["floorplan", "epc"])
async def test_a_drawing_keeps_its_edges_and_costs_less_than_a_jpeg(
    studio: Studio, tmp_path: Path, purpose: str
) -> None:
    source = drawing(1600, 1100)

    picture = await studio.picture(
        saved(source, "PNG"), "epc" if purpose == "epc" else "floorplan"
    )

    files = contents(tmp_path / "media", picture)
    with Image.open(io.BytesIO(files["1600.webp"])) as shown:
        pairs = zip(shown.convert("L").tobytes(), source.convert("L").tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) <= 8
    assert len(files["1600.webp"]) < len(files["1600.jpg"]) / 2


async def test_a_photo_and_a_drawing_of_the_same_bytes_have_their_own_addresses(
    studio: Studio,
) -> None:
    source = jpeg(400, 300)

    assert (await studio.picture(source, "photo")).key != (
        await studio.picture(source, "floorplan")
    ).key


async def test_a_finished_picture_needs_no_worker(tmp_path: Path) -> None:
    async with Studio(tmp_path) as studio:
        made = await studio.picture(jpeg(400, 300), "photo")

    async with Studio(tmp_path, command=("/nonexistent",)) as studio:
        assert await studio.picture(jpeg(400, 300), "photo") == made


async def test_a_picture_with_a_lost_file_is_made_again(studio: Studio, tmp_path: Path) -> None:
    picture = await studio.picture(jpeg(400, 300), "photo")
    lost = tmp_path / "media" / picture.key / "400.jpg"
    before = lost.read_bytes()
    lost.unlink()

    assert await studio.picture(jpeg(400, 300), "photo") == picture
    assert lost.read_bytes() == before


async def test_the_same_source_asked_for_at_once_is_made_once(studio: Studio) -> None:
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(studio.picture(jpeg(), "photo")) for _ in range(5)]

    assert len({task.result().key for task in asked}) == 1
    assert sum(hand._done for hand in studio._hands) == 1


async def test_one_caller_who_gives_up_does_not_take_the_picture_from_another(
    studio: Studio,
) -> None:
    impatient = asyncio.create_task(studio.picture(jpeg(), "photo"))
    patient = asyncio.create_task(studio.picture(jpeg(), "photo"))
    await asyncio.sleep(0.05)
    impatient.cancel()

    assert (await patient).width == 1000
    assert impatient.cancelled()


async def test_a_document_is_kept_clean_and_made_once(studio: Studio, tmp_path: Path) -> None:
    source = documents.armed()

    document = await studio.document(source)

    assert document == Document(key=document.key, extension="pdf")
    file = tmp_path / "media" / document.key / "document.pdf"
    assert documents.SECRET.encode() not in file.read_bytes()
    written = file.stat().st_mtime_ns
    assert await studio.document(source) == document
    assert file.stat().st_mtime_ns == written
    assert names(tmp_path / "media") == {document.key}


@pytest.mark.parametrize(
    ("source", "reason"), [(jpeg(80, 80), "type:jpeg"), (b"%PDF-1.4\n%%EOF", "corrupt")]
)
async def test_a_document_must_be_one(studio: Studio, source: bytes, reason: str) -> None:
    with pytest.raises(MediaRejectedError, match=f"^{reason}$"):
        await studio.document(source)


async def test_a_video_is_kept_clean_and_made_once(studio: Studio, tmp_path: Path) -> None:
    source = b"\xef\xbb\xbf" + films.film(films.PICTURES, films.PLACES, behind=films.box(b"uuid"))

    video = await studio.video(source)

    assert video == Video(key=video.key, width=640, height=360, duration_s=6)
    file = tmp_path / "media" / video.key / "video.mp4"
    assert len(file.read_bytes()) == len(source) - 3
    assert films.CANARY not in file.read_bytes()
    written = file.stat().st_mtime_ns
    assert await studio.video(source) == video
    assert file.stat().st_mtime_ns == written
    assert names(tmp_path / "media") == {video.key}
    assert names(tmp_path / "media" / video.key) == {"video.mp4", "video.json"}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (jpeg(80, 80), "type:jpeg"),
        (b"", "empty"),
        (films.film()[:-5], "truncated"),
        (films.film(films.SOUND), "no-video"),
        (films.film() + bytes(40_000_000), "too-large"),
    ],
    ids=["a photo", "nothing", "cut short", "sound", "too large"],
)
async def test_a_video_must_be_one(studio: Studio, source: bytes, reason: str) -> None:
    with pytest.raises(MediaRejectedError, match=f"^{reason}$"):
        await studio.video(source)


async def test_the_loop_never_waits_for_a_picture(tmp_path: Path) -> None:
    source = jpeg(3000, 2000)
    with blockbuster_ctx():
        async with Studio(tmp_path, workers=1) as studio:
            share = await longest_share(studio.picture(source, "photo"))
            await studio.document(documents.armed())
            await studio.video(films.film())

    assert share < 0.5


async def longest_share(work: Coroutine[None, None, Picture]) -> float:
    """The longest time for which the loop served nobody else, as a share of all the time."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    slowest = 0.0
    task = asyncio.create_task(work)
    while not task.done():
        before = loop.time()
        await asyncio.wait({task}, timeout=0.001)
        slowest = max(slowest, loop.time() - before)
    await task
    return slowest / (loop.time() - start)


def test_the_daemon_itself_never_loads_libvips() -> None:
    code = "import sys, sync.media.studio; sys.exit(bool({'pyvips', 'blurhash', 'PIL', 'pikepdf'} & set(sys.modules)))"

    subprocess.run((sys.executable, "-c", code), check=True)
