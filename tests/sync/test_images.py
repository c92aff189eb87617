"""What a page is told of each picture, beyond its address."""

import msgspec
import pytest

from sync.model import MediaName, Medium
from sync.render.detail import media
from sync.render.images import Links, Shared, image, nearest, shared, single
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


def test_a_link_shows_the_cut_of_the_first_photo_or_all_of_it_or_nothing() -> None:
    whole = Medium(filename="a.jpg", picture=picture("a" * 32))
    cut = msgspec.structs.replace(picture("b" * 32), width=1200, height=630)
    base = "https://homes.example/api/framer/images"

    assert shared([], LINKS) == Shared("", 0, 0)
    assert shared([whole], LINKS) == Shared(f"{base}/{'a' * 32}/800.jpg", 800, 500)
    both = msgspec.structs.replace(whole, share=cut)
    assert shared([both], LINKS) == Shared(f"{base}/{'b' * 32}/1200.jpg", 1200, 630)


@pytest.mark.parametrize(("wanted", "found"), [(900, 800), (800, 800), (100, 400)])
def test_the_nearest_width_is_not_above_what_is_wanted_unless_all_are(
    wanted: int, found: int
) -> None:
    assert nearest(picture(), "avif", wanted) == found
