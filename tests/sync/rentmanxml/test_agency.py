"""One agency, told by its web service and by its uploads: visitors see the same homes."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from snapshot import Manifest, Publisher
from sync.cycle import Cycle
from sync.gallery import Gallery
from sync.media.studio import Studio
from sync.model import Known, Listing
from sync.publish import Press
from sync.render.card import Moment
from sync.render.images import Links
from sync.render.site import render
from sync.rentman.client import Rentman
from sync.rentman.web import Web
from sync.rentmanxml.source import RentmanXml
from sync.state.database import State
from tests.conftest import ROOT, Upstream
from tests.sync.conftest import installed
from tests.sync.rentmanxml.conftest import SETTLE_S, Clock
from tests.sync.rentmanxml.made import document, home
from tests.sync.samples import NOON
from tests.sync.test_privacy_walk import published

AFTER_MAY_2026 = 1_780_300_800  # unix seconds: 2026-06-01
OFFERS = [("b", False), ("c", True)]


def push(folder: Path, *flags: str) -> None:
    """The portfolio of `shared_upstream`, as the desktop program uploads it."""
    command = [sys.executable, "-m", "bench.upstream", "--xml", str(folder), "--listings", "30"]
    subprocess.run([*command, *flags], cwd=ROOT, check=True, capture_output=True, timeout=50)


def seen(listings: tuple[Listing, ...]) -> dict[str, Any]:
    """Every document a page is made of."""
    known = [Known(listing=each, first_seen=NOON, changed_at=NOON) for each in listings]
    site = render(known, {}, Links("https://homes.example"), Moment(NOON, NOON))
    return {
        path: msgspec.json.decode(body.data)
        for path, body in site.pages.items()
        if body.content_type == "application/json"
    }


async def test_both_sources_show_visitors_the_same_and_the_xml_knows_more(
    source: RentmanXml, drop: Path, make_client: Callable[..., Rentman]
) -> None:
    push(drop)
    xml, web = await source.listings(), await Web(make_client(), 20).listings()
    theirs, ours = seen(web.listings), seen(xml.listings)

    assert len(web.listings) > 25
    assert theirs.keys() == ours.keys()
    more = 0
    for path, page in theirs.items():
        told = ours[path]
        for name in ("features", "json_ld"):  # the facts that only the XML has
            known, extra = page.pop(name, []), told.pop(name, [])
            more += name == "features" and len(extra) > len(known)
            assert name != "features" or extra[: len(known)] == known
        assert told == page, path
    assert more > 5
    assert [it.id for it in xml.quarantine] == [it.id for it in web.quarantine] != []


@pytest.fixture
async def cycle(
    source: RentmanXml, state: State, store: redis.asyncio.Redis, tmp_path: Path, clock: Clock
) -> AsyncIterator[Cycle]:
    press = Press(Publisher(store), "writer", clock)
    async with Studio(tmp_path / "media", profile="fast", workers=1) as studio:
        gallery = Gallery(source, studio, state, clock)
        yield Cycle(source, state, press, gallery, Links("https://homes.example"), clock=clock)


def upload(drop: Path, *references: str) -> None:
    homes = (home(Refnumber=reference) for reference in references)
    (drop / "rentman.xml").write_bytes(document(*homes))


async def test_only_a_second_upload_agrees_with_a_short_one(cycle: Cycle, drop: Path) -> None:
    upload(drop, *"abcdef")
    assert (await cycle.refresh()).outcome == "published"
    upload(drop, "a")

    held = [(await cycle.refresh()).outcome for _ in range(3)]
    assert held == ["held"] * 3
    upload(drop, "a")
    assert (await cycle.refresh()).outcome == "unchanged"


async def test_a_home_is_hidden_by_two_uploads_without_it_however_often_they_are_read(
    cycle: Cycle, drop: Path
) -> None:
    upload(drop, *"abcdef")
    await cycle.refresh()
    upload(drop, *"abcde")
    for _ in range(3):
        await cycle.refresh()
    assert len(cycle.state.visible()) == 6

    upload(drop, *"abcde")
    await cycle.refresh()
    assert len(cycle.state.visible()) == 5


async def test_the_age_of_the_data_is_that_of_the_upload(
    cycle: Cycle, drop: Path, clock: Clock
) -> None:
    upload(drop, "a")
    await cycle.refresh()
    clock.now += 3600
    await cycle.refresh()

    word = msgspec.json.decode(await cycle.press.publisher.source())
    assert word["checked_at_s"] == NOON


async def test_a_letting_that_invites_offers_is_kept_but_not_shown(
    cycle: Cycle, drop: Path, clock: Clock
) -> None:
    clock.now = AFTER_MAY_2026
    let, both = home(Refnumber="a"), {"Rentorbuy": "3", "Saleprice": "425000"}
    for qualifier, shown, refused in (("1", 3, []), ("4", 1, OFFERS), ("1", 3, [])):
        offers = home(Refnumber="b", Rent_Qualifier=qualifier)
        sold = home(Refnumber="c", Rent_Qualifier=qualifier, **both)
        (drop / "rentman.xml").write_bytes(document(let, offers, sold))
        report = await cycle.refresh()
        manifest = await manifest_of(cycle)

        assert (report.outcome, report.listings) == ("published", 3)
        assert [(it.id, it.sale) for it in report.refused] == refused
        assert (manifest.counts["rent"], manifest.counts["sale"]) == (shown, 1)
        assert ("/api/properties/b" in manifest.pages) is not bool(refused)
    assert {known.first_seen for known in cycle.state.visible()} == {AFTER_MAY_2026}


async def manifest_of(cycle: Cycle) -> Manifest:
    pointer = await cycle.press.publisher.pointer()
    assert pointer is not None
    return await cycle.press.publisher.manifest(pointer.manifest)


async def test_once_publishes_a_folder_with_its_pictures_and_nothing_private(
    tmp_path: Path, drop: Path, shared_upstream: Upstream, valkey_url: str
) -> None:
    redis.Redis.from_url(valkey_url).flushall()
    push(drop, "--listings", "8", "--draw", "1")
    made = installed(tmp_path, shared_upstream, valkey_url)
    changes = {"SYNC_SOURCE": "xml", "SYNC_XML_DIR": str(drop), "SYNC_XML_SETTLE_S": str(SETTLE_S)}
    code, report = made.once(**changes, SYNC_RENTMAN_TOKEN="")
    bodies = await published(valkey_url)

    assert (code, report["outcome"], report["generation"]) == (0, "published", 2)
    assert len(list((tmp_path / "media").glob("*/*.jpg"))) >= 1
    for where, body in bodies.items():
        assert b"CANARY" not in body, where
        assert b"dss" not in body.lower(), where
