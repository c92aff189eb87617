"""The robustness table: what must be refused, what must be accepted, and why.

One worker takes the whole table, so a row that left it damaged would show in the next.
"""

import base64
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from sync.media.base64text import decode
from sync.media.errors import MediaRejectedError
from sync.media.studio import Studio
from tests.sync.media.pictures import (
    animated,
    claims,
    huge_webp,
    jpeg,
    photo,
    png,
    saved,
    tiff_bomb,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML = base64.b64encode(b"<html><body>Please log in").decode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 400
GIF_BOMB = b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + b"\x00" * 6 + b",\x00\x00\x00\x00\x01\x00\x01;"


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def holed(data: bytes) -> bytes:
    """A PNG with its pixels overwritten in the middle."""
    middle = len(data) // 2
    return data[:middle] + b"\x00" * 64 + data[middle + 64 :]


def progressive(width: int, height: int) -> bytes:
    """A small interlaced GIF-like promise: an Adam7 PNG header over almost no pixels."""
    data = png((width, height), 8, 2, [b""])
    at = data.index(b"IHDR")
    header = data[at : at + 16] + b"\x01"  # interlaced
    return data[:at] + header + crc(header) + data[at + 21 :]


def crc(chunk: bytes) -> bytes:
    return zlib.crc32(chunk).to_bytes(4, "big")


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "half a JPEG": (lambda: half(jpeg()), "truncated"),
    "a JPEG that ends after its header": (lambda: jpeg()[:700], "truncated"),
    "a JPEG with 95 % of its bytes": (lambda: jpeg()[: len(jpeg()) * 95 // 100], "truncated"),
    "half a PNG": (lambda: half(saved(photo(), "PNG")), "truncated"),
    "half a WebP": (lambda: half(saved(photo(), "WEBP")), "truncated"),
    "half an AVIF": (lambda: half(saved(photo(), "AVIF")), "corrupt"),
    "a PNG with a hole": (lambda: holed(saved(photo(), "PNG")), "corrupt"),
    "a JPEG that is only a marker": (lambda: b"\xff\xd8\xff\xe0", "truncated"),
    "a JPEG of nothing but markers": (lambda: b"\xff\xd8\xff\xff\xd9", "header"),
    "one pixel": (lambda: saved(Image.new("RGB", (1, 1)), "PNG"), "too-small"),
    "a strip of 20 rows": (lambda: jpeg(6000, 20), "too-small"),
    "a strip of 9 to 1": (lambda: jpeg(900, 100), "shape"),
    "a PNG of 900 megapixels": (
        lambda: png((30_000, 30_000), 1, 0, [b"\x00" * 3750] * 30_000),
        "pixels",
    ),
    "a JPEG that claims 65500 squared": (lambda: claims(jpeg(80, 80), 65500, 65500), "pixels"),
    "a progressive PNG of 64 megapixels": (lambda: progressive(8000, 8000), "progressive-pixels"),
    "a WebP of 34 bytes that claims 268 megapixels": (huge_webp, "pixels"),
    "a GIF that claims 65535 squared": (lambda: GIF_BOMB, "header"),
    "a TIFF bomb of a hundred bytes": (tiff_bomb, "type:tiff"),
    "a TIFF": (lambda: saved(photo(80, 80), "TIFF"), "type:tiff"),
    "a BMP": (lambda: saved(photo(80, 80), "BMP"), "type:bmp"),
    "HEIC": (lambda: HEIC, "type:heic"),
    "an SVG that refers to a file": (lambda: SVG, "type:svg"),
    "a PDF named .jpg": (lambda: b"%PDF-1.4\n%%EOF", "type:pdf"),
    "a video named .jpg": (
        lambda: b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42",
        "type:mp4",
    ),
    "a login page as base64": (lambda: decode(HTML, max_bytes=999), "type:html"),
    "nothing": (lambda: b"", "empty"),
    "more bytes than any photo has": (lambda: b"\xff\xd8\xff" + b"\x00" * 40_000_000, "too-large"),
}


@pytest.mark.parametrize("row", REFUSED)
async def test_what_must_be_refused_is_refused_with_its_reason(
    shared_studio: Studio, row: str
) -> None:
    source, reason = REFUSED[row]

    with pytest.raises(MediaRejectedError) as caught:
        await shared_studio.picture(source(), "photo")

    assert caught.value.reason == reason


def deep(colour: int, samples: int) -> bytes:
    """A 16-bit PNG, plain red or grey where there is no red; half transparent with alpha."""
    pixel = {1: b"\x80\x00", 3: b"\xff\xff" + b"\x00" * 4}[samples - (colour in {4, 6})]
    alpha = b"\x80\x00" if colour in {4, 6} else b""
    return png((200, 150), 16, colour, [(pixel + alpha) * 200] * 150)


def red(mode: str = "RGB") -> Image.Image:
    return Image.new("RGB", (200, 150), "red").convert(mode)


def clear(mode: str) -> Image.Image:
    """Entirely transparent, so that only white paper shows."""
    return Image.new("RGBA", (200, 150), (255, 0, 0, 0)).convert(mode)


ACCEPTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "RGB": (lambda: saved(red(), "JPEG"), "#fe0000"),
    "CMYK": (lambda: saved(Image.new("CMYK", (200, 150)), "JPEG"), "#ffffff"),
    "grey": (lambda: saved(Image.new("L", (200, 150), 128), "JPEG"), "#808080"),
    "one bit": (lambda: saved(Image.new("1", (200, 150), 1), "PNG"), "#ffffff"),
    "16-bit RGB": (lambda: deep(2, 3), "#ff0000"),
    "16-bit RGB with alpha": (lambda: deep(6, 4), "#ff7f7f"),
    "16-bit grey": (lambda: deep(0, 1), "#808080"),
    "16-bit grey with alpha": (lambda: deep(4, 2), "#bfbfbf"),
    "transparent": (lambda: saved(clear("RGBA"), "PNG"), "#ffffff"),
    "palette with alpha": (lambda: saved(clear("P"), "PNG", transparency=0), "#ffffff"),
    "animated GIF, first frame": (lambda: animated("GIF"), "#ff0000"),
    "animated WebP, first frame": (lambda: animated("WEBP"), "#ff0000"),
    "animated PNG, first frame": (lambda: animated("PNG"), "#ff0000"),
    "AVIF": (lambda: saved(red(), "AVIF", quality=100, subsampling="4:4:4"), "#ff0000"),
    "broken colour profile": (lambda: saved(red(), "PNG", icc_profile=b"junk" * 99), "#ff0000"),
    "line breaks in front": (lambda: b"\r\n\r\n" + saved(red(), "PNG"), "#ff0000"),
    "a web page behind": (lambda: saved(red(), "PNG") + b"<html><script>", "#ff0000"),
    "a JPEG without its end marker": (lambda: saved(red(), "JPEG")[:-2], "#fe0000"),
}


@pytest.mark.parametrize("row", ACCEPTED)
async def test_what_is_odd_but_whole_becomes_a_plain_picture(
    shared_studio: Studio, shared_root: Path, row: str
) -> None:
    source, colour = ACCEPTED[row]

    picture = await shared_studio.picture(source(), "photo")

    assert (picture.width, picture.height) == (200, 150)
    assert near(picture.color, colour), f"{picture.color}, not {colour}"
    with Image.open(shared_root / picture.key / "200.jpg") as shown:
        assert (shown.mode, shown.size) == ("RGB", (200, 150))


def near(one: str, other: str) -> bool:
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return all(abs(a - b) <= 3 for a, b in pairs)
