"""Sitemap and feeds, read as their readers read them."""

from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from sync.render.feeds import IMAGES_MAX, NEWEST
from sync.render.images import Links
from sync.render.site import Site, render
from tests.sync.samples import NOON, known, ledger
from tests.sync.test_render import BOTH, MOMENT, aware

LINKS = Links("https://api.example", "https://www.example/agency")
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
HOMES = [known(f"h{n}", seen=NOON - n) for n in range(NEWEST + 5)]


def site(*homes: Any) -> Site:
    return render(homes, ledger(*homes), LINKS, MOMENT)


def xml(made: Site, path: str) -> ET.Element:
    return ET.fromstring(made.pages[path].data)


def test_the_sitemap_has_every_home_once_with_its_date_and_pictures() -> None:
    both = aware(**BOTH, **{f"photo{n}": f"{n}.jpg" for n in range(1, 10)})
    urls = xml(site(both, *HOMES), "/sitemap.xml").findall(f"{MAP}url")

    assert len(urls) == len(HOMES) + 1
    assert urls[0].findtext(f"{MAP}loc") == (
        "https://www.example/agency/properties/2-bed-flat-camden-42"
    )
    assert urls[0].findtext(f"{MAP}lastmod") == "2025-10-09T08:53:20Z"
    pictures = [one.text or "" for one in urls[0].findall(f"{IMAGE}image/{IMAGE}loc")]
    assert len(pictures) == 9 <= IMAGES_MAX
    assert all(one.startswith("https://api.example/api/framer/images/") for one in pictures)


def test_the_atom_feed_has_the_newest_homes_with_what_atom_asks_for() -> None:
    feed = xml(site(*HOMES), "/feed.xml")
    entries = feed.findall(f"{ATOM}entry")

    assert len(entries) == NEWEST
    for one in (feed, *entries):
        assert one.findtext(f"{ATOM}id")
        assert one.findtext(f"{ATOM}title")
        assert one.findtext(f"{ATOM}updated")
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "www.example"
    assert entries[0].findtext(f"{ATOM}title") == "2 bed flat, Camden – £1,500 pcm"
    assert [link.get("rel") for link in entries[0].findall(f"{ATOM}link")] == [
        "alternate",
        "enclosure",
    ]


def test_identities_are_unique_and_outlive_a_change_of_slug() -> None:
    homes = [known("a b/c"), known("a b"), known("x", area="Here"), aware(**BOTH)]
    moved = [known("a b/c", area="There"), known("a b"), known("x"), aware(**BOTH)]

    def identities(made: Site) -> list[str | None]:
        return [one.findtext(f"{ATOM}id") for one in xml(made, "/feed.xml").iter(f"{ATOM}entry")]

    assert identities(site(*homes)) == identities(site(*moved))
    assert len(set(identities(site(*homes)))) == 5


def test_the_json_feed_tells_the_same() -> None:
    made = site(*HOMES)
    document = msgspec.json.decode(made.pages["/feed.json"].data)
    atom = xml(made, "/feed.xml")

    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["id"] for one in document["items"]] == [
        one.findtext(f"{ATOM}id") for one in atom.iter(f"{ATOM}entry")
    ]
    assert document["items"][0]["url"].startswith("https://www.example/agency/properties/")


@pytest.mark.parametrize("text", ["<b>&amp;</b>", "]]>", "\x0b\x00\ufffe"])
def test_odd_text_leaves_feeds_well_formed(text: str) -> None:
    feed = xml(site(known("x", summary=f"A{text}Z")), "/feed.xml")
    said = feed.findtext(f"{ATOM}entry/{ATOM}summary") or ""

    assert said.endswith("Z")
    assert "A" in said


def test_no_homes_are_empty_feeds() -> None:
    made = site()

    assert xml(made, "/sitemap.xml").findall("*") == []
    assert xml(made, "/feed.xml").findall(f"{ATOM}entry") == []
    assert msgspec.json.decode(made.pages["/feed.json"].data)["items"] == []
