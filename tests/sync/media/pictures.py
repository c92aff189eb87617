"""Pictures for the tests, all drawn here: ordinary ones, odd ones and hostile ones."""

import io
import random
import struct
import zlib
from collections.abc import Iterable

from PIL import Image, ImageDraw

CANARY = b"51.5074N-canary"
GPS_IFD = 0x8825
ORIENTATION = 0x0112
DESCRIPTION = 0x010E
# What a camera turned this way stores, so that undoing it gives the upright picture.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def photo(width: int = 1000, height: int = 700, seed: int = 1) -> Image.Image:
    """Something with large shapes, edges and grain, different for each seed."""
    dice = random.Random(seed)
    slope = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (slope, slope.rotate(180), slope))
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, side = dice.randrange(width), dice.randrange(height), dice.randrange(9, width // 4)
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        pen.rectangle((x, y, x + side, y + side * dice.random()), fill=colour)
    grain = Image.frombytes("L", (width, height), dice.randbytes(width * height))
    return Image.blend(image, grain.convert("RGB"), 0.1)


def drawing(width: int = 1700, height: int = 1200) -> Image.Image:
    """Rooms, doors and small print, as on a floor plan."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for x in range(60, width - 400, 400):
        for y in range(60, height - 340, 340):
            pen.rectangle((x, y, x + 380, y + 320), outline="black", width=8)
            pen.arc((x + 100, y + 220, x + 200, y + 320), 0, 90, fill="black", width=3)
            pen.text((x + 40, y + 100), f"Bedroom\n{x / 97:.2f} x {y / 83:.2f} m", fill="black")
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(width: int = 1000, height: int = 700, seed: int = 1) -> bytes:
    return saved(photo(width, height, seed), "JPEG", quality=88)


def turned(image: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """The picture as a camera held that way stores it: to be shown upright."""
    transpose = STORED[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = image if transpose is None else image.transpose(transpose)
    return saved(stored, kind, quality=92, exif=exif)


def with_secrets(kind: str) -> bytes:
    """A canary in every place where metadata can hide."""
    exif = Image.Exif()
    exif[DESCRIPTION] = CANARY.decode()
    exif.get_ifd(GPS_IFD)[2] = (51.0, 30.0, 26.6)
    exif.get_ifd(GPS_IFD)[29] = CANARY.decode()
    xmp = b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"
    data = saved(photo(), kind, exif=exif, xmp=xmp, comment=CANARY)
    return data + CANARY  # and in a tail that no decoder reads


def claims(data: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header promises another size."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def png(size: tuple[int, int], depth: int, colour: int, rows: Iterable[bytes]) -> bytes:
    """A PNG written by hand, for what Pillow will not write. Rows carry no filter byte."""
    squeeze = zlib.compressobj(1)
    body = b"".join(squeeze.compress(b"\x00" + row) for row in rows) + squeeze.flush()
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def huge_webp() -> bytes:
    """34 bytes that claim 268 million pixels."""
    bits = (16383 - 1) | (16383 - 1) << 14
    body = b"VP8L" + struct.pack("<IBI", 5, 0x2F, bits) + b"\x00" * 9
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def tiff_bomb() -> bytes:
    """A strip-less TIFF of 200000 × 200000 pixels; unguarded it burns minutes."""
    tags = ((256, 200_000), (257, 200_000), (258, 8), (259, 1), (262, 1), (277, 1))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\x00" + struct.pack("<IH", 8, len(tags)) + entries + b"\x00" * 4


def animated(kind: str) -> bytes:
    """Two frames: the first red, the second blue."""
    red, blue = (Image.new("RGB", (200, 150), name) for name in ("red", "blue"))
    return saved(red, kind, save_all=True, append_images=[blue], duration=100)
