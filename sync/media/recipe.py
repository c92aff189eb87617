"""How each kind of picture is made: widths, formats, and quality by width.

Measured on real photos, every quality aims at the same look (SSIMULACRA2 of 70), so that bytes of
different formats may be compared. A recipe's id is the hash of everything written here: change
one number and every picture gets a new URL, which is what lets `immutable` be true.
"""

import hashlib

import msgspec

from sync.media.model import Profile, Purpose

WIDTHS = (400, 800, 1200, 1600)
"""Pixels; no variant is wider than its source."""
_NATIVE_WORTH = 1.15
"""A source this much wider than its largest listed width gets a variant of its own width."""


Option = bool | int | str


class Format(msgspec.Struct, frozen=True, kw_only=True):
    extension: str
    saver: str
    """The libvips operation."""
    quality: tuple[int, ...]
    """One per width in `WIDTHS`."""
    options: dict[str, Option]

    def quality_at(self, width: int) -> int:
        """A native width takes the quality of the next listed one above it."""
        pairs = zip(WIDTHS, self.quality, strict=True)
        return next((q for listed, q in pairs if width <= listed), self.quality[-1])


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    revision: int
    """Raise it when the code that follows the recipe changes what comes out."""
    formats: tuple[Format, ...]
    """Best first; the last one is the format that every browser reads."""

    @property
    def id(self) -> str:
        digest = hashlib.sha256(msgspec.json.encode((self, WIDTHS, _NATIVE_WORTH))).hexdigest()
        return f"{self.name}-{self.revision}-{digest[:8]}"


class Cut(Recipe, frozen=True, kw_only=True):
    """One size, cut out of the source."""

    width: int
    height: int
    least_width: int
    """Pixels; a source that gives less than this gives nothing."""
    crop: str
    """How libvips chooses what stays."""


def recipe_for(purpose: Purpose, profile: Profile) -> Recipe:
    if purpose == "share":
        return SHARE
    return _PHOTOS[profile] if purpose == "photo" else _DRAWING


def key_for(source: bytes, recipe_id: str) -> str:
    """The URL segment. Hashes the whole source, so call it off the loop."""
    digest = hashlib.sha256(source)
    digest.update(recipe_id.encode())
    return digest.hexdigest()[:32]


def widths_for(source_width: int) -> tuple[int, ...]:
    """Ascending, never upscaled, and never empty: a small source keeps its own width."""
    listed = tuple(width for width in WIDTHS if width <= source_width)
    if source_width >= WIDTHS[-1] or (listed and source_width < listed[-1] * _NATIVE_WORTH):
        return listed
    return (*listed, source_width)


def _avif(effort: int, quality: tuple[int, ...], **options: Option) -> Format:
    base: dict[str, Option] = {"compression": "av1", "bitdepth": 8, "effort": effort}
    return Format(
        extension="avif", saver="heifsave_buffer", quality=quality, options=base | options
    )


def _webp(quality: tuple[int, ...], **options: Option) -> Format:
    return Format(
        extension="webp", saver="webpsave_buffer", quality=quality, options=dict(options)
    )


def _jpeg(quality: tuple[int, ...], **options: Option) -> Format:
    base: dict[str, Option] = {"optimize_coding": True, "interlace": True}
    return Format(
        extension="jpg", saver="jpegsave_buffer", quality=quality, options=base | options
    )


# Effort 1 is the knee of AVIF: at equal look 0 is 14 % larger, 2 is 3 % smaller for 1.7 × the CPU.
# Table 3 makes a progressive JPEG 7 % smaller for nothing; trellis costs 3 × for 4 %.
_PHOTO_WEBP = _webp((72, 75, 76, 76), effort=2)
_PHOTO_JPEG = _jpeg((71, 71, 70, 68), quant_table=3)
_TRELLIS_JPEG = _jpeg((74, 74, 73, 71), quant_table=3, trellis_quant=True)
_PHOTOS: dict[Profile, Recipe] = {
    "fast": Recipe(
        name="photo-fast",
        revision=2,
        formats=(_avif(0, (60, 59, 58, 57)), _PHOTO_WEBP, _PHOTO_JPEG),
    ),
    "standard": Recipe(
        name="photo-standard",
        revision=2,
        formats=(_avif(1, (58, 58, 57, 56)), _PHOTO_WEBP, _PHOTO_JPEG),
    ),
    "small": Recipe(
        name="photo-small",
        revision=2,
        formats=(_avif(2, (58, 57, 56, 56)), _PHOTO_WEBP, _TRELLIS_JPEG),
    ),
}
# Thin lines and small print: chroma is never halved. Near-lossless WebP differs by at most 4 of
# 255 levels and is a fifth of a good JPEG (27 against 137 kB at 1600 pixels). AVIF is larger on a
# clean drawing, and its 4:4:4 is a profile that not every browser decodes in hardware.
_DRAWING = Recipe(
    name="drawing",
    revision=2,
    formats=(
        _webp((40,) * 4, near_lossless=True, effort=4),
        _jpeg((86,) * 4, subsample_mode="off"),
    ),
)
# What Open Graph asks for, in the one format that every network reads. They encode it again, so it
# is a little better than a photo on a page; below 600 pixels they show no more than a thumbnail.
SHARE = Cut(
    name="share",
    revision=1,
    formats=(_jpeg((80,) * 4, quant_table=3),),
    width=1200,
    height=630,
    least_width=600,
    crop="attention",
)
