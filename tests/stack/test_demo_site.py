"""The demo's website as its visitors use it: by mouse, by keyboard, on a phone, with a slow or broken line."""

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.conftest import ROOT, eventually, free_port, running
from tests.stack.conftest import ARTEFACTS, Demo, visiting_page

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
SITE = ROOT / "deploy" / "demo" / "site"
LISTS = "**/api/framer/properties?*"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
RING = """() => {
  const at = document.activeElement, own = node => node && getComputedStyle(node).outlineStyle !== "none"
    && parseFloat(getComputedStyle(node).outlineWidth) >= 2;
  return at === document.body || own(at) || own(at.closest(".card")) || own(at.nextElementSibling);
}"""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}


def asked(demo: Demo, query: str) -> dict[str, Any]:
    return dict(demo.client.get(f"/api/framer/properties?per_page=12&{query}").json())


def keys(items: list[dict[str, Any]]) -> list[str]:
    return [f"{home['id']}:{home['channel']}" for home in items]


def shows(page: Page, wanted: list[str]) -> None:
    """The list, card by card."""
    cards = page.locator("#grid [data-testid=card]")
    expect(cards).to_have_count(len(wanted))
    for number, key in enumerate(wanted):
        expect(cards.nth(number)).to_have_attribute("data-key", key)


def settled(page: Page) -> None:
    expect(page.locator("#grid")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#results")).not_to_have_class(re.compile("is-waiting"))


def picture(page: Page, name: str) -> None:
    page.screenshot(path=ARTEFACTS / f"site-{name}.png")


def box(page: Page) -> Locator:
    return page.get_by_test_id("search")


def test_a_filter_changes_address_and_list_a_shared_address_shows_the_same_and_back_undoes_it(
    healthy: Demo, page: Page, browser: Browser
) -> None:
    page.goto(f"{healthy.url}/?channel=rent")
    before = keys(asked(healthy, "channel=rent")["items"])
    shows(page, before)
    page.get_by_test_id("filter-beds").select_option("2")

    after = keys(asked(healthy, "channel=rent&beds_min=2")["items"])
    assert before != after
    expect(page).to_have_url(f"{healthy.url}/?channel=rent&beds_min=2")
    shows(page, after)
    with visiting_page(browser) as (other, _):
        other.goto(page.url)
        shows(other, after)
        expect(other.get_by_test_id("filter-beds")).to_have_value("2")

    page.go_back()
    expect(page).to_have_url(f"{healthy.url}/?channel=rent")
    shows(page, before)
    page.go_forward()
    shows(page, after)


def test_every_filter_of_the_api_has_its_place_in_the_address(healthy: Demo, page: Page) -> None:
    query = (
        "channel=rent&q=flat&near=e2&radius_km=100&price_min=100&price_max=9000&beds_min=0"
        "&beds_max=5&baths_min=1&furnishing=furnished,unfurnished&available_by=2030-01-31"
        "&status=available&sort=nearest"
    )
    page.goto(f"{healthy.url}/?{query}")

    shows(page, keys(asked(healthy, query)["items"]))
    expect(page.get_by_test_id("chip")).to_have_count(11)
    page.get_by_test_id("filter-price-max").select_option("5000")
    expect(page).to_have_url(f"{healthy.url}/?{query.replace('9000', '5000')}")


def test_the_counts_beside_the_boxes_are_those_of_the_api(healthy: Demo, page: Page) -> None:
    page.goto(f"{healthy.url}/?channel=rent&beds_min=1")
    settled(page)
    facets = asked(healthy, "channel=rent&beds_min=1")["facets"]
    page.get_by_test_id("filter-area").click()
    page.locator("#area-panel label").first.wait_for()

    rows = page.locator("#area-panel label").all_inner_texts()
    assert {tuple(row.split("\n")) for row in rows} == {
        (facet["label"], str(facet["count"])) for facet in facets["area"]
    }
    page.get_by_test_id("filter-more").click()
    picture(page, "more")
    page.locator("[data-boxes=features] label").first.click()
    expect(page).to_have_url(re.compile("features="))
    settled(page)
    total = page.get_by_test_id("result-count").inner_text().split()[0]
    expect(page.locator("#more-done")).to_contain_text(total)


def test_a_place_is_found_and_chosen_by_keyboard_alone(healthy: Demo, page: Page) -> None:
    area = asked(healthy, "channel=rent")["facets"]["area"][0]
    page.goto(f"{healthy.url}/?channel=rent")
    settled(page)
    box(page).focus()
    page.keyboard.type(area["label"][:4].lower())

    options = page.get_by_test_id("suggestion")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_contain_text(area["label"])
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box(page)).to_have_attribute(
        "aria-activedescendant", options.first.get_attribute("id") or ""
    )
    picture(page, "suggestions")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{healthy.url}/?channel=rent&area={area['value']}")
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_test_id("chip")).to_contain_text(area["label"])
    shows(page, keys(asked(healthy, f"channel=rent&area={area['value']}")["items"]))


def test_escape_closes_the_suggestions_and_then_empties_the_box(healthy: Demo, page: Page) -> None:
    page.goto(f"{healthy.url}/?channel=rent")
    box(page).focus()
    page.keyboard.type("ba")
    expect(page.get_by_role("listbox")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_value("ba")
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("")


def test_words_are_searched_ranked_and_marked(healthy: Demo, page: Page) -> None:
    page.goto(f"{healthy.url}/?channel=rent")
    box(page).fill("flat")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{healthy.url}/?channel=rent&q=flat")
    expect(page.get_by_test_id("sort")).to_have_value("relevance")
    expect(page.locator("#grid mark").first).to_have_text(re.compile("flat", re.IGNORECASE))
    shows(page, keys(asked(healthy, "channel=rent&q=flat")["items"]))
    page.get_by_label("Clear the search box").click()
    expect(page).to_have_url(f"{healthy.url}/")


def test_the_advice_of_an_empty_list_is_taken_by_a_button(healthy: Demo, page: Page) -> None:
    query = "channel=rent&price_max=100&beds_min=2"
    advice = asked(healthy, query)["relax"]
    assert advice
    page.goto(f"{healthy.url}/?{query}")

    buttons = page.get_by_test_id("relax")
    expect(buttons).to_have_count(len(advice))
    picture(page, "empty")
    buttons.first.click()

    for name in advice[0]["parameters"]:
        expect(page).not_to_have_url(re.compile(f"{name}="))
    expect(page.get_by_test_id("result-count")).to_have_text(
        re.compile(rf"^{advice[0]['total']} home")
    )
    expect(page.get_by_test_id("result-count")).to_be_focused()


def test_pages_are_turned_and_turned_back(healthy: Demo, page: Page) -> None:
    def of_three(route: Route) -> None:
        route.continue_(url=route.request.url.replace("per_page=12", "per_page=3"))

    page.route(LISTS, of_three)
    page.goto(f"{healthy.url}/?channel=rent")
    every = keys(asked(healthy, "channel=rent")["items"])
    shows(page, every[:3])
    page.get_by_test_id("page-next").click()

    expect(page).to_have_url(f"{healthy.url}/?channel=rent&page=2")
    shows(page, every[3:6])
    expect(page.get_by_test_id("result-count")).to_be_focused()
    page.go_back()
    shows(page, every[:3])
    page.goto(f"{healthy.url}/?channel=rent&page=999")  # there is none: the last one is shown
    expect(page).not_to_have_url(re.compile("999"))


def test_badges_say_what_is_new_cheaper_and_back(healthy: Demo, page: Page) -> None:
    badges = [["New"], ["Reduced"], ["Back on the market", "Reduced"]]

    def badged(route: Route) -> None:
        answer = asked(healthy, "channel=rent&status=available")
        for home, labels in zip(answer["items"], badges, strict=False):
            home["badges"] = labels
        route.fulfill(json=answer)

    page.route(LISTS, badged)
    page.goto(f"{healthy.url}/?channel=rent")
    settled(page)

    cards = page.locator("#grid [data-testid=card]")
    assert [cards.nth(n).get_by_test_id("badge").all_inner_texts() for n in range(3)] == badges
    picture(page, "badges")


def test_the_first_row_is_waited_for_and_the_rest_comes_when_it_is_near(
    healthy: Demo, page: Page
) -> None:
    page.goto(f"{healthy.url}/?channel=rent")
    settled(page)

    images = page.locator("#grid .card__media img")
    manner = [
        (images.nth(n).get_attribute("loading"), images.nth(n).get_attribute("fetchpriority"))
        for n in range(4)
    ]
    assert manner == [("eager", "high"), ("eager", None), ("eager", None), ("lazy", None)]
    sources = page.locator("#grid .card__media").first.locator("source")
    assert "w, " in (sources.first.get_attribute("srcset") or "")
    assert sources.first.get_attribute("sizes")
    assert "data:image/webp" in (page.locator("#grid .pic").first.get_attribute("style") or "")


def test_areas_are_browsed_without_a_map(healthy: Demo, page: Page) -> None:
    areas = healthy.client.get("/api/areas").json()["items"]
    page.goto(healthy.url)
    page.locator("#areas").scroll_into_view_if_needed()
    links = page.get_by_test_id("area-link")
    wanted = sum((area["rent"]["count"] > 0) + (area["sale"]["count"] > 0) for area in areas)
    expect(links).to_have_count(wanted)
    count = int(links.first.locator("span:not(.sr)").inner_text().split()[0])
    links.first.click()

    expect(page).to_have_url(re.compile(r"\?channel=\w+&area="))
    expect(page.locator("#grid [data-testid=card]")).to_have_count(count)


def test_a_home_shows_homes_like_it(healthy: Demo, page: Page) -> None:
    home = asked(healthy, "channel=rent")["items"][0]
    like = healthy.client.get(f"/api/properties/{home['id']}/similar").json()["items"]
    page.goto(healthy.url + home["path"])

    cards = page.locator("#similar-row [data-testid=card]")
    expect(cards).to_have_count(len(like))
    assert [cards.nth(n).get_attribute("data-key") for n in range(len(like))] == keys(like)
    cards.first.locator("a").click()
    expect(page.get_by_test_id("detail-title")).to_contain_text(like[0]["title"])


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


def test_what_machines_read_is_in_the_page_that_the_server_sends(healthy: Demo) -> None:
    homes = healthy.client.get("/api/properties?per_page=100").json()["items"]
    for card in homes:
        home = healthy.client.get(f"/api/properties/{card['id']}").json()
        read = head(healthy.client.get(home["path"]).raise_for_status().text)

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
    pages = tmp_path / "tree" / "7" / "pages" / "api" / "framer" / "property"
    pages.mkdir(parents=True)
    (tmp_path / "tree" / "CURRENT").write_text("7")
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


def test_skeletons_stand_in_until_the_homes_come(healthy: Demo, page: Page) -> None:
    held: list[Route] = []
    page.route(LISTS, lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    page.goto(f"{healthy.url}/?channel=rent")

    expect(page.locator("#grid")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#grid .card--skeleton").first).to_be_visible()
    picture(page, "loading")
    held[0].continue_()
    expect(page.get_by_test_id("card").first).to_be_visible()
    expect(page.locator("#grid .card--skeleton")).to_have_count(0)


def test_a_broken_line_is_said_keeps_what_was_there_and_can_be_tried_again(
    healthy: Demo, browser: Browser
) -> None:
    with visiting_page(browser) as (page, _):  # whose console names every failed request
        page.route(LISTS, lambda route: route.abort())
        page.goto(f"{healthy.url}/?channel=rent")
        expect(page.get_by_test_id("error")).to_contain_text("cannot reach")
        page.unroute(LISTS)
        page.get_by_test_id("retry").click()
        expect(page.get_by_test_id("card").first).to_be_visible()

        page.route(LISTS, lambda route: route.abort())
        page.get_by_test_id("filter-beds").select_option("1")
        expect(page.locator("#toast")).to_contain_text("results from before")
        expect(page.get_by_test_id("card").first).to_be_visible()
        picture(page, "error")


def test_an_address_that_the_api_refuses_offers_to_search_without_what_is_wrong(
    healthy: Demo, browser: Browser
) -> None:
    with visiting_page(browser) as (page, _):
        page.goto(f"{healthy.url}/?channel=rent&available_by=2026-99-99")
        page.get_by_test_id("drop").click()

        expect(page).to_have_url(f"{healthy.url}/")
        expect(page.get_by_test_id("card").first).to_be_visible()


def test_a_second_visit_asks_only_whether_anything_has_changed(healthy: Demo, page: Page) -> None:
    wire = page.context.new_cdp_session(page)
    paths, codes = dict[str, str](), dict[str, int]()  # by request; the two come in any order
    wire.on(
        "Network.requestWillBeSent", lambda e: paths.update({e["requestId"]: e["request"]["url"]})
    )
    wire.on(
        "Network.responseReceivedExtraInfo",
        lambda e: codes.update({e["requestId"]: e["statusCode"]}),
    )
    page.goto(f"{healthy.url}/?channel=rent")
    settled(page)
    page.wait_for_load_state("networkidle")
    wire.send("Network.enable")
    page.reload()
    settled(page)
    page.wait_for_load_state("networkidle")

    answered = [(paths.get(request, ""), code) for request, code in codes.items()]
    scripts = [code for path, code in answered if path.endswith((".js", ".css"))]
    assert scripts
    assert set(scripts) == {304}
    assert [path for path, _ in answered if "/api/framer/images/" in path] == []


def test_on_a_phone_nothing_is_wider_than_the_screen(healthy: Demo, phone: Page) -> None:
    home = asked(healthy, "channel=sale")["items"][0]
    phone.goto(healthy.url)
    settled(phone)
    assert phone.evaluate(WIDER) == 0
    phone.goto(f"{healthy.url}/?channel=rent&beds_min=1&price_max=5000&status=available")
    settled(phone)
    picture(phone, "phone-search")
    assert phone.evaluate(WIDER) == 0
    phone.locator("#filters-toggle").click()
    phone.get_by_test_id("filter-more").click()
    assert phone.evaluate(WIDER) == 0
    box(phone).fill("b")
    expect(phone.get_by_role("listbox")).to_be_visible()
    picture(phone, "phone-suggestions")
    assert phone.evaluate(WIDER) == 0
    phone.goto(healthy.url + home["path"])
    expect(phone.get_by_test_id("detail-title")).to_be_visible()
    phone.screenshot(path=ARTEFACTS / "site-phone-home.png", full_page=True)
    assert phone.evaluate(WIDER) == 0


def test_whoever_uses_the_keyboard_sees_where_they_are(healthy: Demo, page: Page) -> None:
    page.goto(f"{healthy.url}/?channel=rent")
    settled(page)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    unseen, stops = [], set()
    for _ in range(30):
        where = page.evaluate("() => document.activeElement.outerHTML.slice(0, 90)")
        stops.add(where)
        if not page.evaluate(RING):
            unseen.append(where)
        page.keyboard.press("Tab")

    assert unseen == []
    assert len(stops) > 20
    picture(page, "focus")


def test_whoever_wants_less_motion_gets_none(healthy: Demo, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{healthy.url}/?channel=rent")
    settled(page)

    moving = "n => n.filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0).length"
    assert page.locator("body *").evaluate_all(moving) == 0


def opened(page: Page) -> None:
    settled(page)
    page.get_by_test_id("filter-more").click()


def typed(page: Page) -> None:
    settled(page)
    box(page).fill("b")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowDown")


def browsed(page: Page) -> None:
    settled(page)
    page.locator("#areas").scroll_into_view_if_needed()
    page.get_by_test_id("area-link").first.wait_for()


def read(page: Page) -> None:
    expect(page.get_by_test_id("detail-title")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "prepare"),
    [
        ("/", browsed),
        ("/?channel=rent&q=flat&beds_min=1", opened),
        ("/?channel=sale", typed),
        ("/?channel=rent&price_max=1", settled),
        ("home", read),
    ],
    ids=["home", "filters", "suggestions", "empty", "detail"],
)
def test_axe_finds_no_barrier(
    healthy: Demo, page: Page, path: str, prepare: Callable[[Page], None]
) -> None:
    if path == "home":
        path = asked(healthy, "channel=rent")["items"][0]["path"]
    page.emulate_media(reduced_motion="reduce")
    page.goto(healthy.url + path)
    prepare(page)
    page.wait_for_load_state("networkidle")

    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
