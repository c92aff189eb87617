"""Pictures in the shape a Framer image takes: src, srcSet, alt; and more for `<picture>`."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from sync.media.model import Picture
from sync.model import Known, MediaKind, Medium

TYPES = {"avif": "image/avif", "webp": "image/webp"}
CARD_WIDTH = 800  # of the plain `src`
FETCH_WIDTH = 1200  # of the single URL that a Framer Fetch binds
FALLBACK = "/api/framer/placeholder.svg"
FALLBACK_WIDTH, FALLBACK_HEIGHT = 1600, 1067
FALLBACK_COLOR = "#dfe3e6"
FALLBACK_SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {FALLBACK_WIDTH} {FALLBACK_HEIGHT}">'
    f'<rect width="100%" height="100%" fill="{FALLBACK_COLOR}"/>'
    '<g fill="none" stroke="#aab4bb" stroke-width="14" stroke-linejoin="round">'
    '<path d="M560 560 800 360l240 200"/><path d="M620 520v230h360V520"/>'
    '<path d="M740 750V610h120v140"/></g></svg>'
).encode()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One `<source>`, in the order to offer them."""

    type: str
    src_set: str = msgspec.field(name="srcSet")


class Image(msgspec.Struct, frozen=True, kw_only=True):
    src: str
    src_set: str = msgspec.field(name="srcSet")
    alt: str
    width: int
    height: int
    aspect_ratio: float = msgspec.field(name="aspectRatio")
    color: str
    placeholder: str
    blurhash: str
    sources: tuple[Source, ...]


class GalleryImage(Image, frozen=True, kw_only=True):
    """One of a detail's pictures, which knows its place: the first is what a visitor waits for."""

    loading: Literal["eager", "lazy"]
    fetch_priority: Literal["high", "auto"] = msgspec.field(name="fetchPriority")


class Shared(msgspec.Struct, frozen=True):
    """What a link to a home shows beside it; without a photo, nothing at all."""

    src: str = ""
    width: int = 0
    height: int = 0


class Links(msgspec.Struct, frozen=True):
    """Absolute addresses: of the API under `base`, of the website's pages under `site`."""

    base: str
    site: str = ""  # the same as `base` unless said

    def to(self, path: str) -> str:
        return self.base + path

    def page(self, path: str) -> str:
        return (self.site or self.base) + path

    def variant(self, key: str, width: int, extension: str) -> str:
        return f"{self.base}/api/framer/images/{key}/{width}.{extension}"

    def video(self, key: str) -> str:
        return f"{self.base}/api/framer/images/{key}/video.mp4"

    def document(self, key: str) -> str:
        return f"{self.base}/api/framer/images/{key}/document.pdf"


def image(picture: Picture, alt: str, links: Links) -> Image:
    return Image(
        src=links.variant(picture.key, nearest(picture, "jpg", CARD_WIDTH), "jpg"),
        src_set=_src_set(picture, "jpg", links),
        alt=alt,
        width=picture.width,
        height=picture.height,
        aspect_ratio=round(picture.width / picture.height, 4),
        color=picture.color,
        placeholder=picture.placeholder,
        blurhash=picture.blurhash,
        sources=tuple(
            Source(type=TYPES[extension], src_set=_src_set(picture, extension, links))
            for extension in TYPES
            if picture.variants.get(extension)
        ),
    )


def in_gallery(image: Image, *, first: bool) -> GalleryImage:
    return GalleryImage(
        **msgspec.structs.asdict(image),
        loading="eager" if first else "lazy",
        fetch_priority="high" if first else "auto",
    )


def fallback(alt: str, links: Links) -> Image:
    """For a home without a picture: bindings need an address that works."""
    return Image(
        src=links.to(FALLBACK),
        src_set="",
        alt=alt,
        width=FALLBACK_WIDTH,
        height=FALLBACK_HEIGHT,
        aspect_ratio=round(FALLBACK_WIDTH / FALLBACK_HEIGHT, 4),
        color=FALLBACK_COLOR,
        placeholder="",
        blurhash="",
        sources=(),
    )


def single(picture: Picture | None, links: Links) -> str:
    """The one address for a Fetch binding: WebP where there is one."""
    if picture is None:
        return links.to(FALLBACK)
    extension = "webp" if picture.variants.get("webp") else "jpg"
    return links.variant(picture.key, nearest(picture, extension, FETCH_WIDTH), extension)


def shared(photos: Sequence[Medium], links: Links) -> Shared:
    """The cut of the first photo, or the whole photo as JPEG, which every network reads."""
    if not photos or (picture := photos[0].picture) is None:
        return Shared()
    if (cut := photos[0].share) is not None:
        return Shared(links.variant(cut.key, cut.width, "jpg"), cut.width, cut.height)
    width = nearest(picture, "jpg", FETCH_WIDTH)
    height = round(width * picture.height / picture.width)
    return Shared(links.variant(picture.key, width, "jpg"), width, height)


def nearest(picture: Picture, extension: str, wanted: int) -> int:
    """The largest width up to `wanted`, else the smallest there is."""
    widths = picture.variants[extension]
    return max((width for width in widths if width <= wanted), default=widths[0])


def pictures(known: Known, kind: MediaKind, ledger: dict[str, Medium]) -> list[Medium]:
    """The finished pictures of this kind, in order."""
    found = (ledger.get(name.filename) for name in known.listing.media if name.kind == kind)
    return [medium for medium in found if medium is not None and medium.picture is not None]


def videos(known: Known, ledger: dict[str, Medium]) -> list[Medium]:
    """The finished videos, in order."""
    found = (ledger.get(name.filename) for name in known.listing.media if name.kind == "video")
    return [medium for medium in found if medium is not None and medium.video is not None]


def _src_set(picture: Picture, extension: str, links: Links) -> str:
    return ", ".join(
        f"{links.variant(picture.key, width, extension)} {width}w"
        for width in picture.variants[extension]
    )
