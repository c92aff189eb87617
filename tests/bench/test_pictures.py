"""Pictures look like photographs to a pipeline: large, turned, with a place and a name in them."""

import struct
from pathlib import Path
from random import Random

import pytest
import pyvips

from bench.rentman.gallery import Media
from bench.rentman.pictures import INDOORS, OUTDOORS, draw, papers
from bench.rentman.pictures.exif import UNDO, stamp
from bench.rentman.pictures.film import FRAMES
from bench.rentman.studio import Studio

SCENES = sorted({*INDOORS, *OUTDOORS})


def photo(scene: str, art: int = 11) -> Media:
    return Media("1042", f"{scene}-{art}.jpg", "photo", scene, "red", 1, art)


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_is_a_large_jpeg_with_exif(scene: str) -> None:
    data = draw(photo(scene))
    image = pyvips.Image.new_from_buffer(data, "")

    assert 300_000 < len(data) < 4_000_000
    assert 2000 <= max(image.width, image.height) <= 4000
    assert b"CANARY-EXIF-1042" in data
    assert image.get_typeof("exif-ifd3-GPSLatitude")
    assert "CANARY-EXIF-1042" in image.get("exif-ifd0-ImageDescription")


def test_the_same_item_is_the_same_bytes() -> None:
    assert draw(photo("living")) == draw(photo("living"))
    assert draw(photo("living")) != draw(photo("living", 12))


class Loaded(Random):
    """Dice that always fall on one orientation."""

    turn = 1

    def choices(self, population, *_args, **_more):  # type: ignore[no-untyped-def]
        return [self.turn] if set(population) == set(UNDO) else super().choices(population)


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_comes_out_upright(turn: int) -> None:
    corner = pyvips.Image.black(64, 32, bands=3).draw_rect([255, 0, 0], 0, 0, 24, 12, fill=True)
    dice = Loaded(1)
    dice.turn = turn
    image = pyvips.Image.new_from_buffer(stamp(corner.cast("uchar"), dice, "1", 95), "")

    assert image.get("orientation") == turn
    upright = image.autorot()
    assert (upright.width, upright.height) == (64, 32)
    assert upright(4, 4)[0] > 200
    assert max(upright(60, 28)) < 60


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("jpg", b"\xff\xd8\xff")])
@pytest.mark.parametrize("kind", ["epc", "plan"])
def test_papers_are_what_their_names_say(kind: str, suffix: str, start: bytes) -> None:
    data = draw(Media("1042", f"a.{suffix}", kind, "3", "red", 9000, 5))

    assert data.startswith(start)
    assert pyvips.Image.new_from_buffer(data, "").width > 1000


def test_a_brochure_is_a_pdf_whose_table_of_objects_holds() -> None:
    data = papers.brochure("1042")
    start = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    offsets = [int(line[:10]) for line in data[start:].split(b"\n")[3:8]]

    assert data[start : start + 4] == b"xref"
    for number, offset in enumerate(offsets, start=1):
        assert data[offset:].startswith(b"%d 0 obj" % number)


def test_a_film_is_one_and_tells_where_it_was_made() -> None:
    data = draw(Media("1042", "a.mp4", "video", "living", "red", 4, 5))

    assert data[4:8] == b"ftyp"
    assert struct.unpack(">I", data[:4])[0] == 8 + 20
    assert data == draw(Media("1042", "a.mp4", "video", "living", "red", 4, 5))
    assert data.count(b"CANARY-EXIF-1042") == FRAMES + 2  # in a track, in the index, behind it


def test_a_picture_is_drawn_once_and_found_again_on_disk(tmp_path: Path) -> None:
    item = Media("1042", "chart.png", "epc", "3", "red", 9000, 5)
    first, second = Studio(tmp_path), Studio(tmp_path)

    assert first.make(item) == second.make(item)
    assert (first.drawn, second.drawn) == (1, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["chart.png"]


async def test_memory_keeps_only_so_much(tmp_path: Path) -> None:
    studio = Studio(tmp_path, memory=30_000)
    for art in range(4):
        await studio.picture(Media("1", f"{art}.mp4", "video", "", "", 4, art))

    assert studio.show()["in_memory"] == 1
    assert studio.show()["memory_bytes"] <= 30_000
