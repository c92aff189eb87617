"""What crawlers and readers expect: a sitemap with pictures, and the newest homes as Atom and JSON Feed."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import msgspec

from sync.render.card import iso
from sync.render.images import Links
from sync.render.shown import Shown

NEWEST = 50
SITEMAP_MAX = 50_000  # addresses; sitemaps.org allows no more in one file
IMAGES_MAX = 10  # pictures of one home in the sitemap
TITLE = "New homes"
ATOM, SITEMAP, IMAGE = (
    "http://www.w3.org/2005/Atom",
    "http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.google.com/schemas/sitemap-image/1.1",
)
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_json = msgspec.json.Encoder()


def atom(shown: Sequence[Shown], links: Links) -> bytes:
    """RFC 4287; `shown` newest first."""
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "title", TITLE)
    _add(feed, "id", _tag(links, "feed"))
    _add(feed, "updated", iso(max((_changed(item) for item in shown[:NEWEST]), default=0)))
    ET.SubElement(feed, "link", rel="self", href=links.to("/feed.xml"))
    ET.SubElement(feed, "link", rel="alternate", href=links.site or links.base)
    ET.SubElement(_add(feed, "author", ""), "name").text = urlsplit(
        links.site or links.base
    ).netloc
    for item in shown[:NEWEST]:
        _entry(feed, item, links)
    return _written(feed)


def _entry(feed: ET.Element, item: Shown, links: Links) -> None:
    card = item.card
    entry = ET.SubElement(feed, "entry")
    _add(entry, "title", _title(item))
    _add(entry, "id", _tag(links, f"{card.channel}/{quote(card.id, safe='')}"))
    _add(entry, "published", iso(item.known.first_seen))
    _add(entry, "updated", iso(_changed(item)))
    ET.SubElement(entry, "link", rel="alternate", href=card.url)
    ET.SubElement(entry, "link", rel="enclosure", href=card.image_url, type=_kind(card.image_url))
    ET.SubElement(entry, "category", term=card.channel, label=card.channel_label)
    _add(entry, "summary", _summary(item))


def json_feed(shown: Sequence[Shown], links: Links) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": _tag(links, f"{item.card.channel}/{quote(item.card.id, safe='')}"),
            "url": item.card.url,
            "title": _title(item),
            "content_text": _summary(item),
            "image": item.card.image_url,
            "date_published": iso(item.known.first_seen),
            "date_modified": iso(_changed(item)),
            "tags": [item.card.channel_label],
        }
        for item in shown[:NEWEST]
    ]
    return _json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": TITLE,
            "home_page_url": links.site or links.base,
            "feed_url": links.to("/feed.json"),
            "language": "en-GB",
            "items": items,
        }
    )


def sitemap(shown: Sequence[Shown], pictures: dict[str, tuple[str, ...]]) -> bytes:
    """Every home's page on the website once, with when it last changed and its `pictures` by reference."""
    root = ET.Element("urlset", {"xmlns": SITEMAP, "xmlns:image": IMAGE})
    homes = {item.card.id: item for item in reversed(shown)}
    for item in list(reversed(homes.values()))[:SITEMAP_MAX]:
        url = ET.SubElement(root, "url")
        _add(url, "loc", item.card.url)
        _add(url, "lastmod", iso(_changed(item)))
        for address in pictures.get(item.card.id, ())[:IMAGES_MAX]:
            _add(ET.SubElement(url, "image:image"), "image:loc", address)
    return _written(root)


def _title(item: Shown) -> str:
    return f"{item.card.title} – {item.card.price_label}"


def _summary(item: Shown) -> str:
    said = item.known.listing.summary or item.card.strapline
    return "\n".join(filter(None, (item.card.address, said)))


def _changed(item: Shown) -> int:
    return max(item.known.changed_at, item.known.first_seen)


def _kind(address: str) -> str:
    return {"webp": "image/webp", "jpg": "image/jpeg"}.get(
        address.rpartition(".")[2], "image/svg+xml"
    )


def _tag(links: Links, name: str) -> str:
    """An identity that stays when slugs change (RFC 4151)."""
    return f"tag:{urlsplit(links.base).hostname},2026:{name}"


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, name)
    made.text = _UNWRITABLE.sub("", text) or None
    return made


def _written(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
