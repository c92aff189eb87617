"""From the moment the pointer moves until a visitor sees the new generation, under load."""

import asyncio
import json
import statistics
import threading
import time
from typing import Self

import pytest
from msgspec import structs

from snapshot import Publisher, connect, decode_entry, digest, encode
from tests.conftest import eventually
from tests.faults.site import Site
from tests.faults.trial import trial
from tests.faults.visitors import Visitor

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(180)]
FLIPS = 100
LOOK_S = 0.004
PAUSE_S = 0.1


class Watch:
    """When each generation was announced, and when every edge and the files first had it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.announced: dict[int, float] = {}
        self.seen: dict[str, dict[int, float]] = {}
        self.over = threading.Event()
        places = [*site.edges, site.url]  # the last for Caddy's files
        self.threads = [threading.Thread(target=self._listen)] + [
            threading.Thread(target=self._look, args=(place,)) for place in places
        ]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _listen(self) -> None:
        with self.site.store as client, client.pubsub() as pubsub:
            pubsub.subscribe("{edge}:flips")
            while not self.over.is_set():
                message = pubsub.get_message(ignore_subscribe_messages=True, timeout=0.2)
                if message:
                    self.announced.setdefault(int(message["data"]), time.monotonic())

    def _look(self, place: str) -> None:
        path = "/api/framer/properties" if place == self.site.url else "/api/revision"
        visitor = Visitor(int(place.rpartition(":")[2]))
        seen = self.seen.setdefault(place, {})
        while not self.over.wait(LOOK_S):
            generation = int(json.loads(visitor.ask(path).body)["generation"])
            seen.setdefault(generation, time.monotonic())
        visitor.close()

    def latencies(self) -> list[float]:
        """Seconds until a generation, or one after it, was seen; for each generation and place."""
        found = []
        for seen in self.seen.values():
            for number, announced in self.announced.items():
                first = min(when for other, when in seen.items() if other >= number)
                found.append(max(0.0, first - announced))
        return found


async def flip_often(site: Site) -> None:
    """Each time three homes' pages change, as when prices do."""
    async with connect(f"redis://127.0.0.1:{site.store_port}/0") as client:
        await flip_with(Publisher(client), site)


async def flip_with(publisher: Publisher, site: Site) -> None:
    lease = await publisher.acquire("flips", 60)
    pointer = await publisher.pointer()
    assert pointer is not None
    manifest = await publisher.manifest(pointer.manifest)
    for turn in range(FLIPS):
        paths = [f"/api/properties/{site.homes[(turn + n) % len(site.homes)]}" for n in range(3)]
        pages, objects = dict(manifest.pages), {}
        stored = await publisher.objects({pages[path].digest for path in paths})
        for path in paths:
            old = decode_entry(stored[pages[path].digest], pages[path].digest)
            body = old.body.rstrip() + b" " * (turn + 1)
            tag = f'"{digest(body)[:20]}"'
            data = encode(structs.replace(old, body=body, etag=tag, br=b"", zstd=b"", gzip=b""))
            objects[digest(data)] = data
            pages[path] = structs.replace(pages[path], digest=digest(data), etag=tag)
        after = manifest.generation
        manifest = structs.replace(manifest, generation=after + 1, pages=pages)
        await publisher.send(objects)
        await publisher.flip(manifest, lease, after=after)
        await asyncio.sleep(PAUSE_S)
    await publisher.release(lease)


def test_a_hundred_flips_under_load(site: Site) -> None:
    with trial(site, "flips") as going, Watch(site) as watch:
        eventually(site.news().arrived)  # or it may be just starting
        assert site.parts["sync"].stop() == 0
        watch.announced.clear()
        began = time.monotonic()
        asyncio.run(flip_often(site))
        going.held_s = time.monotonic() - began
        last = site.stored()
        eventually(lambda: all(max(seen) >= last for seen in watch.seen.values()))
        eventually(lambda: last in watch.announced)
        took = sorted(watch.latencies())
        going.more["flips"] = len(watch.announced)
        going.more["p50_ms"] = statistics.median(took) * 1000
        going.more["p99_ms"] = took[int(len(took) * 0.99)] * 1000
        site.parts["sync"].start()
        going.healed()
        going.recovered()
    assert going.more["flips"] == FLIPS
    assert len(took) == FLIPS * len(watch.seen)
    assert going.more["p50_ms"] < 1000
