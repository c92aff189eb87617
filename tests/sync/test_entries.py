"""Bodies become entries: one tag per content, compressed once where it pays."""

import gzip
import random

import brotli
import zstandard

from sync.render import entries
from sync.render.site import Body

LARGE = b'{"items":[' + b",".join(b'{"n":%d}' % n for n in range(400)) + b"]}"


def test_the_tag_is_strong_and_stable() -> None:
    tag = entries.etag(Body(LARGE))

    assert tag == entries.etag(Body(bytes(LARGE)))
    assert tag.startswith('"')
    assert tag.endswith('"')
    assert len(tag) == 22


def test_whatever_a_client_sees_changes_the_tag() -> None:
    bodies = [
        Body(LARGE),
        Body(LARGE + b" "),
        Body(LARGE, content_type="text/plain"),
        Body(LARGE, cache_control="no-store"),
        Body(LARGE, surrogate_keys=("a",)),
    ]

    assert len({entries.etag(body) for body in bodies}) == len(bodies)


def test_every_encoding_gives_the_body_back() -> None:
    made = entries.entry(Body(LARGE), '"x"')

    assert brotli.decompress(made.br) == LARGE
    assert zstandard.ZstdDecompressor().decompress(made.zstd) == LARGE
    assert gzip.decompress(made.gzip) == LARGE
    assert max(map(len, (made.br, made.zstd, made.gzip))) < len(LARGE)


def test_small_bodies_are_left_alone() -> None:
    made = entries.entry(Body(b"x" * (entries.SMALL - 1)), '"x"')

    assert (made.br, made.zstd, made.gzip) == (b"", b"", b"")


def test_an_encoding_that_does_not_pay_is_left_out() -> None:
    noise = bytes((n * n * 131 + n * 7 + (n >> 3)) % 251 for n in range(300)) + gzip.compress(
        LARGE
    )
    made = entries.entry(Body(brotli.compress(noise * 3)[:200] + noise), '"x"')

    assert all(not e or len(e) < 0.95 * len(made.body) for e in (made.br, made.zstd, made.gzip))


def test_the_same_body_makes_the_same_bytes() -> None:
    assert entries.entry(Body(LARGE), '"x"') == entries.entry(Body(LARGE), '"x"')


def test_what_is_large_is_compressed_with_a_window_that_holds_more_of_it() -> None:
    """Its far ends are alike, which a page's window would not see."""
    half = random.Random(1).randbytes(entries.PAGE_MAX // 2 + 1)
    page, large = (entries.entry(Body(half[:size] * 2), '"x"') for size in (50_000, None))

    assert brotli.decompress(page.br) == half[:50_000] * 2
    assert brotli.decompress(large.br) == half * 2
    assert len(large.br) < 0.6 * len(half * 2)
