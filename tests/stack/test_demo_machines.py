"""What search engines and previews read of the demo's website, and which address a home has."""

import json
import sys
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT, eventually, free_port, running
from tests.stack.conftest import Demo, visiting_page
from tests.stack.website import asked

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
SITE = ROOT / "deploy" / "demo" / "site"


def test_a_former_or_short_address_becomes_the_present_one(healthy: Demo, page: Page) -> None:
    home = asked(healthy, "channel=sale")["items"][0]
    page.goto(f"{healthy.url}/properties/{home['id']}")

    expect(page).to_have_url(healthy.url + home["path"])


class Head(HTMLParser):
    """What machines read of a page that runs no script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}
        self.data = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("property") or given.get("name") or given.get("rel")
        if tag in ("meta", "link") and name:
            self.tags[name] = given.get("content") or given.get("href") or ""
        self._inside = given.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        self.data += data if self._inside else ""


def head(html: str) -> Head:
    read = Head()
    read.feed(html)
    return read


def known(demo: Demo, path: str) -> Head:
    """Its page, once the tree has the home: for a second after a change it has not."""
    read = head(demo.client.get(path).raise_for_status().text)
    assert read.data
    return read


def test_what_machines_read_is_in_the_page_that_the_server_sends(healthy: Demo) -> None:
    homes = healthy.client.get("/api/properties?per_page=100").json()["items"]
    for card in homes:
        home = healthy.client.get(f"/api/properties/{card['id']}").json()
        read = eventually(partial(known, healthy, home["path"]))

        assert json.loads(read.data) == home["json_ld"]
        assert read.tags["canonical"] == read.tags["og:url"] == home["url"]
        assert read.tags["og:title"] == f"{home['price_label']} · {home['title']}"
        assert read.tags.get("og:image", "") == home["og_image"]
        if home["og_image"]:
            shared = healthy.client.get(home["og_image"])
            assert shared.headers["content-type"] == "image/jpeg"
            assert read.tags["og:image:width"] == str(home["og_image_width"])


HOSTILE = """</title><script>alert(1)</script>{{ env "HOME" }} "'> & ü"""


def test_hostile_text_stays_text_in_the_page_that_the_server_sends(tmp_path: Path) -> None:
    texts = ("title", "summary", "price_label", "url", "image_alt", "slug", "og_image")
    home: dict[str, Any] = dict.fromkeys(texts, HOSTILE) | {"json_ld": {"name": HOSTILE}}
    pages = tmp_path / "tree" / "live" / "api" / "framer" / "property"
    pages.mkdir(parents=True)
    (pages / "h.json").write_text(json.dumps(home))
    (tmp_path / "Caddyfile").write_text(
        f"{{\nadmin off\n}}\nhttp://127.0.0.1:{(port := free_port())} {{\n"
        f"import {ROOT}/deploy/demo/caddy/website.caddy\n}}\n"
    )
    environ = {"DEMO_SITE": str(SITE), "EDGE_TREE_DIR": str(tmp_path / "tree")}
    caddy = str(Path(sys.executable).with_name("caddy"))
    command = [caddy, "run", "--config", str(tmp_path / "Caddyfile")]
    with running(command, environ, log=tmp_path / "log"):
        url = f"http://127.0.0.1:{port}/properties"
        sent = eventually(lambda: httpx.get(f"{url}/h").raise_for_status())
        unknown = httpx.get(f"{url}/never-was").raise_for_status()

    said = head(sent.text)
    assert said.tags["og:title"] == f"{HOSTILE} · {HOSTILE}"
    assert said.tags["description"] == said.tags["og:image"] == said.tags["canonical"] == HOSTILE
    assert json.loads(said.data) == home["json_ld"]
    assert "<script>alert" not in sent.text
    assert "og:title" not in head(unknown.text).tags


def test_the_open_page_says_the_same_to_machines(healthy: Demo, page: Page) -> None:
    home = healthy.client.get(
        f"/api/properties/{asked(healthy, 'channel=rent')['items'][0]['id']}"
    ).json()
    page.goto(healthy.url + home["path"])
    expect(page.get_by_test_id("detail-title")).to_be_visible()

    told = head(page.content())
    assert json.loads(told.data) == home["json_ld"]
    assert told.tags["og:image"] == home["og_image"]
    assert page.locator("meta[property='og:image']").count() == 1


@pytest.mark.parametrize("path", ["/properties/never-was", "/properties/a%22b"])
def test_a_home_that_is_not_there_says_so_and_its_page_tells_machines_nothing(
    healthy: Demo, browser: Browser, path: str
) -> None:
    with visiting_page(browser) as (page, _):
        page.goto(healthy.url + path)
        expect(page.get_by_test_id("gone")).to_be_visible()
        assert "og:image" not in head(page.content()).tags
    assert healthy.client.get("/property.html").status_code == 404
