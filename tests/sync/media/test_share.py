"""What stands beside a shared link: one shape, never enlarged, never out of shape."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sync.media.errors import MediaRejectedError
from sync.media.recipe import SHARE
from sync.media.share import frame
from sync.media.studio import Studio
from tests.sync.media.pictures import CANARY, jpeg, photo, saved, turned, with_secrets


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ((2000, 1333), (1200, 630)),
        ((1600, 4000), (1200, 630)),
        ((1000, 700), (1000, 525)),
        ((1600, 400), (762, 400)),
    ],
)
async def test_a_photo_is_cut_to_what_networks_ask_for_or_as_large_as_it_is(
    studio: Studio, tmp_path: Path, source: tuple[int, int], size: tuple[int, int]
) -> None:
    made = await studio.picture(jpeg(*source), "share")

    assert made.variants == {"jpg": (size[0],)}
    assert (made.width, made.height) == size
    with Image.open(tmp_path / "media" / made.key / f"{size[0]}.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", size)


async def test_a_photo_too_small_for_one_has_none(studio: Studio) -> None:
    with pytest.raises(MediaRejectedError, match="too-small"):
        await studio.picture(jpeg(599, 500), "share")


async def test_it_is_upright_and_tells_nothing_of_the_camera(
    studio: Studio, tmp_path: Path
) -> None:
    sideways = await studio.picture(turned(photo(1000, 1500), 6), "share")
    secret = await studio.picture(with_secrets("JPEG"), "share")

    assert (sideways.width, sideways.height) == (1000, 525)
    for path in (tmp_path / "media" / secret.key).iterdir():
        assert CANARY not in path.read_bytes()


async def test_what_catches_the_eye_stays(studio: Studio, tmp_path: Path) -> None:
    """A red door low in a tall grey wall, where the middle would miss it."""
    wall = Image.new("RGB", (1200, 1800), (150, 150, 150))
    wall.paste((200, 30, 30), (500, 1450, 700, 1700))

    made = await studio.picture(saved(wall, "PNG"), "share")

    with Image.open(tmp_path / "media" / made.key / "1200.jpg") as picture:
        green = picture.split()[1]
        assert min(green.tobytes()) < 70


async def test_it_has_an_address_of_its_own_beside_the_photo_s(studio: Studio) -> None:
    source = jpeg(1300, 800)

    whole, cut = await studio.picture(source, "photo"), await studio.picture(source, "share")

    assert whole.key != cut.key
    assert studio.store.kept() == {whole.key, cut.key}


@given(st.integers(64, 1600), st.integers(64, 12_800))
def test_the_frame_fits_in_the_source_and_keeps_its_shape(width: int, height: int) -> None:
    across, down = frame(width, height, SHARE)

    assert across <= min(width, SHARE.width)
    assert down <= min(height, SHARE.height)
    assert math.isclose(across / down, SHARE.width / SHARE.height, rel_tol=0.02)
