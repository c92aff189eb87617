"""What a finished picture, document or video is to the rest of `sync`."""

from typing import Literal

import msgspec

Purpose = Literal["photo", "floorplan", "epc", "share"]
"""`share`: what stands beside a link to a home, cut from its first photo."""
FileKind = Literal["photo", "floorplan", "epc", "share", "brochure", "video"]
Profile = Literal["fast", "standard", "small"]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture whose every variant lies complete on disk, at `{key}/{width}.{extension}`."""

    key: str
    """First 32 hex digits of SHA-256 over source bytes and recipe id: a new recipe, a new URL."""
    width: int
    """Of the source in pixels, after EXIF orientation; of a `share`, its own."""
    height: int
    variants: dict[str, tuple[int, ...]]
    """Ascending widths per file extension, best format first; `jpg` is always there."""
    blurhash: str
    color: str
    """Mean colour, `#rrggbb`."""
    placeholder: str
    """`data:image/webp;base64,…` of at most 400 bytes, or empty when it would be longer."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A cleaned document, at `{key}/document.{extension}`."""

    key: str
    extension: Literal["pdf"]


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """A cleaned MP4, at `{key}/video.mp4`."""

    key: str
    width: int
    """In pixels, as it is shown: turned."""
    height: int
    duration_s: int
    """At least 1."""
