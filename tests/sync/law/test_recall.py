"""A new state database beside a site that is there: visitors lose nothing, Rentman is asked for nothing."""

from pathlib import Path

import redis.asyncio

from snapshot import Publisher
from snapshot.environment import Secret
from sync.cycle import Cycle
from sync.gallery import Gallery
from sync.media.studio import Studio
from sync.publish import Press
from sync.render.images import Links
from sync.rentman.client import Rentman as Client
from sync.rentman.web import Web
from sync.resilience import Guard
from sync.state.database import State
from tests.conftest import TOKEN
from tests.sync.law.scripted import home, scripted, seen
from tests.sync.media import documents
from tests.sync.media.pictures import jpeg
from tests.sync.samples import NOON


async def test_pictures_that_are_there_are_shown_at_once_and_asked_for_no_more(
    state: State, store: redis.asyncio.Redis, tmp_path: Path, brisk: Guard
) -> None:
    new = State(f"sqlite:///{tmp_path}/new.db")
    new.migrate()
    with scripted() as rentman:
        rentman.has(home(photo1="12-High-Street.jpg", photo2="", brochure="BROC.pdf"))
        rentman.keeps("12-High-Street.jpg", jpeg(500, 400), caption="Kitchen")
        rentman.keeps("BROC.pdf", documents.armed())
        client = Client(rentman.url, Secret(TOKEN), brisk)

        def cycle(on: State, studio: Studio) -> Cycle:
            source = Web(client, 50)
            gallery = Gallery(source, studio, on, lambda: NOON)
            press = Press(Publisher(store), "writer", lambda: NOON)
            return Cycle(source, on, press, gallery, Links("https://homes.example"), lambda: NOON)

        async with Studio(tmp_path / "media", profile="fast", workers=1) as studio:
            first = cycle(state, studio)
            await first.refresh()
            assert await first.pictures() == 2
            before = (await seen(first)).home()
            assert before["image_count"] == 1

            second = cycle(new, studio)
            assert (await second.refresh()).taken
            after = (await seen(second)).home()
            assert await second.pictures() == 0
        await client.aclose()
    told = (tmp_path / "media" / ".made.json").read_text()

    assert after == before
    assert after["images"][0]["alt"] == "Kitchen"
    assert after["brochure_url"]
    assert len(rentman.asked) == 2
    assert "High" not in told
    new.close()
