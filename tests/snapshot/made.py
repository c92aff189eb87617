"""Small snapshots, made and published as `sync` would."""

from collections.abc import Iterable, Mapping
from typing import Any

import redis.asyncio

from snapshot import (
    Entry,
    Lease,
    Manifest,
    Page,
    Pointer,
    Publisher,
    Row,
    Rows,
    digest,
    encode,
)

PUBLISHED = 1_700_000_000
TTL_S = 30.0


def entry(body: bytes = b'{"id":"42"}', **changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "content_type": "application/json",
        "etag": f'"{digest(body)[:20]}"',
        "cache_control": "public, max-age=30",
        "body": body,
    }
    return Entry(**fields | changes)


def row(**changes: Any) -> Row:
    fields: dict[str, Any] = {
        "id": "42",
        "channel": "rent",
        "price": 150_000,
        "bedrooms": 2,
        "bathrooms": 1,
        "area": "hampstead",
        "area_label": "Hampstead",
        "outcode": "nw3",
        "type": "flat",
        "type_label": "Flat",
        "status": "available",
        "furnishing": "furnished",
        "first_seen": PUBLISHED,
    } | changes
    return Row(**{"card": f'{{"id":"{fields["id"]}"}}'.encode()} | fields)


def generation(
    number: int, pages: Mapping[str, Entry], rows: Iterable[Row] | None = None
) -> tuple[Manifest, dict[str, bytes]]:
    """A manifest and every object it needs."""
    objects = {path: encode(shown) for path, shown in pages.items()}
    index = encode(Rows(rows=tuple(rows))) if rows is not None else None
    manifest = Manifest(
        generation=number,
        published_at=PUBLISHED + number,
        reason="test",
        source_digest="0" * 40,
        counts={"listings": len(pages)},
        pages={path: Page(digest(objects[path]), pages[path].etag, PUBLISHED) for path in objects},
        artefacts={"cards": digest(index)} if index is not None else {},
    )
    return manifest, {digest(data): data for data in (*objects.values(), index) if data}


async def publish(
    client: redis.asyncio.Redis,
    number: int,
    pages: Mapping[str, Entry],
    rows: Iterable[Row] | None = None,
    *,
    after: int | None = None,
    lease: Lease | None = None,
) -> Pointer:
    publisher = Publisher(client)
    manifest, objects = generation(number, pages, rows)
    lease = lease or await publisher.acquire("test", TTL_S)
    missing = await publisher.missing(objects)
    await publisher.send({name: objects[name] for name in missing})
    return await publisher.flip(manifest, lease, after=number - 1 if after is None else after)
