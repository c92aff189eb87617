"""From hostile bytes to one upright sRGB image, and the only importer of pyvips.

Runs in worker processes only. Nothing is decoded before its header has been judged: a 110-byte
file can claim a picture that takes minutes to fill.
"""

from typing import Any

import msgspec
import pyvips

from sync.media.errors import MediaRejectedError
from sync.media.recipe import widths_for
from sync.media.sniff import is_cut_short

MAX_PIXELS = 100_000_000
MAX_PROGRESSIVE_PIXELS = 50_000_000
"""A progressive picture has to be held whole, at three bytes a pixel and more."""
MAX_SIDE = 20_000
MIN_SIDE = 64
MAX_RATIO = 8
"""Long side to short: WebP and AVIF end at 16383 rows, and a variant is up to 1600 wide."""

_LOADERS = {"jpeg": "Jpeg", "png": "Png", "webp": "Webp", "gif": "Nsgif", "avif": "Heif"}
_SIDEWAYS = {5, 6, 7, 8}  # EXIF orientations that swap width and height

Image = Any  # pyvips ships no types
VipsError = pyvips.Error
_OUT_OF_MEMORY = ("out of memory", "Insufficient memory", "Error creating thread")


class Negative(msgspec.Struct, frozen=True):
    """The widest image that will be published, and the size its source had."""

    image: Image
    width: int
    height: int


def prepare() -> None:
    """Leave libvips no loader but the five, and no memory of earlier pictures."""
    pyvips.cache_set_max(0)
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in _LOADERS.values():
        pyvips.operation_block_set(f"VipsForeignLoad{name}", False)


def decode(source: bytes, kind: str) -> Negative:
    """Decode once, straight to the widest variant.

    Raises `MediaRejectedError`: `header`, `pixels`, `progressive-pixels`, `too-small`, `shape`,
    `truncated`, `corrupt`; `VipsError` when out of memory.
    """
    width, height = _judge(source, kind)
    target = widths_for(width)[-1]
    size = (target, height_for(target, width, height))
    try:
        image = _thumbnail(source, size, "truncated")
    except pyvips.Error as error:
        image = _second_try(source, kind, size, error)
    return Negative(image, width, height)


def is_out_of_memory(error: Exception) -> bool:
    """libvips, libjpeg and GLib each have words of their own for it, all in a `VipsError`."""
    return any(words in str(error) for words in _OUT_OF_MEMORY)


def height_for(width: int, source_width: int, source_height: int) -> int:
    """Every height comes from the source, else rounding drifts along the chain."""
    return max(1, round(width * source_height / source_width))


def _judge(source: bytes, kind: str) -> tuple[int, int]:
    """Read the header only, and return the upright size."""
    try:
        header = pyvips.Image.new_from_buffer(source, "", access="sequential")
    except pyvips.Error as error:
        raise MediaRejectedError(_fault(source, kind, "header")) from error
    if not header.get("vips-loader").startswith(_LOADERS[kind].lower().removeprefix("ns")):
        raise MediaRejectedError("header")
    width, height = header.width, header.height
    progressive = header.get_typeof("interlaced") and header.get("interlaced")
    _judge_size(width, height, MAX_PROGRESSIVE_PIXELS if progressive else MAX_PIXELS)
    turned = header.get_typeof("orientation") and header.get("orientation") in _SIDEWAYS
    return (height, width) if turned else (width, height)


def _judge_size(width: int, height: int, most_pixels: int) -> None:
    short, long = sorted((width, height))
    if short < MIN_SIDE:
        raise MediaRejectedError("too-small")
    if long > MAX_SIDE or short * long > MAX_PIXELS:
        raise MediaRejectedError("pixels")
    if short * long > most_pixels:
        raise MediaRejectedError("progressive-pixels")
    if long > MAX_RATIO * short:
        raise MediaRejectedError("shape")


def _second_try(source: bytes, kind: str, size: tuple[int, int], error: Exception) -> Image:
    """Accept a JPEG that lacks nothing but its two last bytes; name the fault of any other."""
    if is_out_of_memory(error):
        raise error
    if kind == "jpeg" and is_cut_short(source, kind):
        try:
            # Missing rows are a warning once the end marker is there, so this must be strict.
            return _thumbnail(source + b"\xff\xd9", size, "warning")
        except pyvips.Error:
            pass
    raise MediaRejectedError(_fault(source, kind, "corrupt")) from error


def _fault(source: bytes, kind: str, otherwise: str) -> str:
    return "truncated" if is_cut_short(source, kind) else otherwise


def _thumbnail(source: bytes, size: tuple[int, int], fail_on: str) -> Image:
    image = pyvips.Image.thumbnail_buffer(
        source,
        size[0],
        height=size[1],
        size="force",  # the very size: it is never larger than the source, nor out of shape
        option_string=f"[fail_on={fail_on}]",  # the `fail_on=` argument is ignored, libvips #5195
        # Both: with the output alone an untagged JPEG goes through XYZ, at six times the cost.
        input_profile="srgb",
        output_profile="srgb",
    )
    if image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    image = image.colourspace("srgb").cast("uchar")
    return image.copy_memory()  # a sequential image can be read once, three encoders want it
