"""What a page is told of each picture, beyond its address."""

import msgspec
import pytest

from sync.media.model import Video
from sync.model import MediaName, Medium
from sync.render import words
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


FILM = Video(key="f" * 32, width=1080, height=1920, duration_s=65)


def test_videos_are_listed_once_they_are_ready_with_all_that_a_page_needs() -> None:
    names = [
        MediaName(kind="photo", filename="a.jpg"),
        *(MediaName(kind="video", filename=f"{n}.mp4", position=n) for n in (1, 2, 3)),
    ]
    ready = {
        "a.jpg": Medium(filename="a.jpg", picture=picture("a" * 32)),
        "1.mp4": Medium(filename="1.mp4", reason="truncated"),
        "2.mp4": Medium(filename="2.mp4", video=FILM),
        "3.mp4": Medium(filename="3.mp4", video=FILM, caption="A walk through"),
    }
    base = "https://homes.example/api/framer/images"

    home = known("42", media=tuple(names))
    shown = media(home, ready, LINKS)

    assert shown.video_count == 2
    assert msgspec.to_builtins(shown.videos[0]) == {
        "src": f"{base}/{'f' * 32}/video.mp4",
        "type": "video/mp4",
        "width": 1080,
        "height": 1920,
        "duration_s": 65,
        "duration_label": "1:05",
        "poster": f"{base}/{'a' * 32}/1200.webp",
        "title": "Video 1: 2 bed flat, Camden",
    }
    assert shown.videos[1].title == "A walk through"
    assert b".mp4" not in msgspec.json.encode(shown).replace(b"/video.mp4", b"")


def test_a_video_of_a_home_without_a_photo_has_no_poster_and_a_home_without_one_an_empty_list() -> (
    None
):
    home = known("42", media=(MediaName(kind="video", filename="1.mp4"),))
    (video,) = media(home, {"1.mp4": Medium(filename="1.mp4", video=FILM)}, LINKS).videos

    assert video.poster == ""
    assert media(home, {}, LINKS).videos == ()


@pytest.mark.parametrize(
    ("seconds", "label"), [(1, "0:01"), (59, "0:59"), (600, "10:00"), (3661, "1:01:01")]
)
def test_a_duration_is_written_as_players_write_it(seconds: int, label: str) -> None:
    assert words.duration(seconds) == label
