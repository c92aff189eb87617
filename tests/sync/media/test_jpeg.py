"""A JPEG loses its notes and keeps its pixels."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sync.media.jpeg import without_notes
from tests.sync.media.pictures import CANARY, photo, saved, with_secrets


def pixels(data: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image)


def test_everything_a_camera_noted_goes_and_no_pixel_changes() -> None:
    source = with_secrets("JPEG")
    assert source.count(CANARY) > 3

    made = without_notes(source)

    assert not [trace for trace in (CANARY, b"Exif", b"xmpmeta") if trace in made]
    assert (pixels(made) == pixels(source)).all()


@pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}, {"quality": 100}])
def test_what_has_no_notes_stays_byte_for_byte(options: dict[str, int]) -> None:
    source = saved(photo(300, 200), "JPEG", **options)

    assert without_notes(source) == source


def test_the_colour_profile_stays() -> None:
    source = saved(photo(300, 200), "JPEG", icc_profile=b"profile" * 99, comment=CANARY)

    made = without_notes(source)

    assert b"profile" * 99 in made
    assert CANARY not in made


def test_a_second_picture_behind_the_first_goes() -> None:
    source = saved(photo(300, 200), "JPEG")

    assert without_notes(source + with_secrets("JPEG")) == source


@given(st.binary(max_size=200))
def test_whatever_comes_ends_and_never_grows(data: bytes) -> None:
    for source in (data, b"\xff\xd8" + data, b"\xff\xd8\xff\xe1" + data + b"\xff\xd9"):
        assert len(without_notes(source)) <= len(source)
