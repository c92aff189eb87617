"""What a page shows before a picture arrives: a hash, a colour, a picture of 20 pixels."""

import base64
import io

import blurhash

from sync.media.decode import Image

_LONGEST = 400
_SQUARE_BELOW = 1.1
"""Aspect ratio under which a picture counts as square."""


def blurhash_of(image: Image) -> str:
    """Four components along the long side, three along the other; 22 or 28 characters."""
    # Cost grows with pixels, and more than 32 of them change only the last digits.
    tiny = image.thumbnail_image(32)
    ratio = max(image.width, image.height) / min(image.width, image.height)
    across, down = (3, 3) if ratio < _SQUARE_BELOW else (4, 3)
    if image.width < image.height:
        across, down = down, across
    return str(blurhash.encode(io.BytesIO(tiny.pngsave_buffer(keep="none")), across, down))


def mean_colour(image: Image) -> str:
    """`#rrggbb`. Not the most frequent colour: that is a black shadow or a blown-out window."""
    pixel = image.thumbnail_image(1, height=1, size="force")(0, 0)
    return "#" + "".join(f"{min(255, max(0, round(level))):02x}" for level in pixel)


def tiny_picture(image: Image) -> str:
    """A `data:` URI of at most 400 bytes, or nothing."""
    webp = image.thumbnail_image(20).webpsave_buffer(Q=30, effort=6, preset="icon", keep="none")
    uri = "data:image/webp;base64," + base64.b64encode(webp).decode()
    return uri if len(uri) <= _LONGEST else ""
