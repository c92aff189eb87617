"""What a page is told of each picture, beyond its address."""

import msgspec
import pytest

from sync.model import MediaName, Medium
from sync.render.detail import media
from sync.render.images import Links, image, nearest, single
from tests.sync.samples import known, ledger, picture

LINKS = Links("https://homes.example")


def test_only_the_first_photo_of_a_gallery_is_waited_for() -> None:
    names = [
        MediaName(kind="photo", filename="a.jpg", position=1),
        MediaName(kind="photo", filename="b.jpg", position=2),
        MediaName(kind="floorplan", filename="c.png"),
        MediaName(kind="epc", filename="d.png"),
    ]
    home = known("42", media=tuple(names))

    shown = msgspec.to_builtins(media(home, ledger(home), LINKS))

    manner = [
        [(each["loading"], each["fetchPriority"]) for each in shown[kind]]
        for kind in ("images", "floorplans", "epcs")
    ]
    assert manner == [
        [("eager", "high"), ("lazy", "auto")],
        [("lazy", "auto")],
        [("lazy", "auto")],
    ]


def test_the_first_photo_that_is_ready_takes_the_first_place() -> None:
    names = [MediaName(kind="photo", filename=f"{n}.jpg", position=n) for n in (1, 2)]
    ready = {"2.jpg": Medium(filename="2.jpg", picture=picture())}

    (shown,) = media(known("42", media=tuple(names)), ready, LINKS).images

    assert shown.fetch_priority == "high"


def test_sources_come_best_first_and_the_plain_address_is_one_that_everybody_reads() -> None:
    made = image(picture("a" * 32), "Hall", LINKS)
    base = f"https://homes.example/api/framer/images/{'a' * 32}"

    assert [source.type for source in made.sources] == ["image/avif", "image/webp"]
    assert made.src == f"{base}/800.jpg"
    assert made.src_set == f"{base}/400.jpg 400w, {base}/800.jpg 800w, {base}/1600.jpg 1600w"
    assert single(picture("a" * 32), LINKS) == f"{base}/1200.webp"


@pytest.mark.parametrize(("wanted", "found"), [(900, 800), (800, 800), (100, 400)])
def test_the_nearest_width_is_not_above_what_is_wanted_unless_all_are(
    wanted: int, found: int
) -> None:
    assert nearest(picture(), "avif", wanted) == found
