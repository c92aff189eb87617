"""The demo's website on a slow or broken line, on a phone, by keyboard, and for whoever needs a screen read out."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.stack.conftest import ARTEFACTS, Demo, visiting_page
from tests.stack.website import asked, box, picture, settled

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
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
