"""Bodies to stored entries: tagged, compressed once, addressed by content."""

import gzip
import hashlib

import brotli
import zstandard

from snapshot import Entry
from sync.render.site import Body

SMALL = 600  # bytes below which compression saves no packet
BROTLI_QUALITY, ZSTD_LEVEL, GZIP_LEVEL = 9, 12, 6  # 1.6 ms for 23 kB, together
# Bits of Brotli's window. Above 16 its tables of matches are larger, and to clear them for a page is ten
# times the work of finding what matches.
NARROW, WIDE = 16, 22
PAGE_MAX = 256 * 1024  # bytes of body, up to which the window is narrow
WORTH = 0.95  # an encoding must be smaller than this share of the identity form


def etag(body: Body) -> str:
    """Strong, and the same as long as nothing a client sees has changed."""
    seen = "\n".join((body.content_type, body.cache_control, *body.surrogate_keys)).encode()
    return f'"{hashlib.sha256(seen + body.data).hexdigest()[:20]}"'


def entry(body: Body, tag: str) -> Entry:
    packed = _compressed(body.data) if len(body.data) >= SMALL else {}
    return Entry(
        content_type=body.content_type,
        etag=tag,
        cache_control=body.cache_control,
        surrogate_keys=body.surrogate_keys,
        body=body.data,
        br=packed.get("br", b""),
        zstd=packed.get("zstd", b""),
        gzip=packed.get("gzip", b""),
    )


def _compressed(data: bytes) -> dict[str, bytes]:
    window = NARROW if len(data) <= PAGE_MAX else WIDE
    made = {
        "br": brotli.compress(data, quality=BROTLI_QUALITY, lgwin=window),
        "zstd": zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(data),
        "gzip": gzip.compress(data, compresslevel=GZIP_LEVEL, mtime=0),
    }
    return {name: small for name, small in made.items() if len(small) < WORTH * len(data)}
