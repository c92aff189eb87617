"""Kinds are told by content, whatever the name said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.media.errors import MediaRejectedError
from sync.media.sniff import is_cut_short, sniff, trim
from tests.sync.media.pictures import huge_webp, jpeg, photo, png, saved, tiff_bomb


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(80, 80), "jpeg"),
        (png((1, 1), 8, 0, [b"\x00"]), "png"),
        (saved(photo(80, 80), "GIF"), "gif"),
        (huge_webp(), "webp"),
        (saved(photo(80, 80), "AVIF"), "avif"),
        (b"%PDF-1.4\n", "pdf"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42", "mp4"),
        (b"\xef\xbb\xbf\r\n \xff\xd8\xff\xe0", "jpeg"),
    ],
)
def test_each_known_kind_is_named(data: bytes, kind: str) -> None:
    assert sniff(data) == kind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!DOCTYPE html><p>Login", "type:html"),
        (b"<br />\n<b>Warning</b>: mysql_fetch_array()", "type:html"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "type:svg"),
        (b"<SVG onload='x'/>", "type:svg"),
        (b'<?xml version="1.0"?><error/>', "type:xml"),
        (b'{"error": "token"}', "type:json"),
        (b"[]", "type:json"),
        (b"Access denied", "type:text"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "type:heic"),
        (b"PK\x03\x04", "type:zip"),
        (b"BM\x00\x00", "type:bmp"),
        (tiff_bomb(), "type:tiff"),
        (b"\x00" * 64, "type:unknown"),
        (b"\xff\xd8", "type:unknown"),
    ],
)
def test_what_is_no_media_is_rejected_by_its_true_name(data: bytes, reason: str) -> None:
    with pytest.raises(MediaRejectedError) as caught:
        sniff(data)

    assert caught.value.reason == reason


@given(
    st.binary(max_size=64)
    | st.binary(max_size=40).map(lambda tail: b"\x00\x00\x00\x20ftyp" + tail)
)
def test_any_bytes_get_a_kind_or_a_rejection(data: bytes) -> None:
    try:
        answer = sniff(data)
    except MediaRejectedError as error:
        answer = error.reason.partition(":")[0]

    assert answer in {"jpeg", "png", "gif", "webp", "avif", "pdf", "mp4", "empty", "type"}


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp"])
def test_a_missing_end_is_noticed(kind: str) -> None:
    whole = saved(photo(80, 80), kind.upper())

    assert not is_cut_short(whole, kind)
    assert is_cut_short(whole[: len(whole) // 2], kind)


def test_trimming_clean_bytes_copies_nothing() -> None:
    data = jpeg(80, 80)

    assert trim(data) is data
