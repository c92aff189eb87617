"""The main job end to end: Rentman in, a page in a browser out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import eventually
from tests.stack.conftest import ARTEFACTS, Demo

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
SHIFTS = """() => new Promise(done => {
  let total = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) total += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(total), 300);
})"""
BROKEN = (
    """() => [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"""
)


def test_a_visitor_finds_homes_with_pictures_and_nothing_moves(healthy: Demo, page: Page) -> None:
    page.goto(healthy.url)

    expect(page.get_by_test_id("card").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS) < 0.01
    assert page.evaluate(BROKEN) == []
    page.screenshot(path=ARTEFACTS / "search.png", full_page=True)


def test_a_filter_changes_the_list_and_the_address(healthy: Demo, page: Page) -> None:
    page.goto(healthy.url)
    page.get_by_test_id("filter-channel-sale").click()

    expect(page).to_have_url(re.compile("channel=sale"))
    wanted = healthy.client.get("/api/framer/properties?channel=sale").json()["total"]
    expect(page.get_by_test_id("result-count")).to_contain_text(str(wanted))


def test_an_empty_list_says_what_to_relax(healthy: Demo, page: Page) -> None:
    page.goto(f"{healthy.url}/?channel=rent&price_max=1")

    expect(page.get_by_test_id("empty")).to_be_visible()
    for word in ("false", "undefined", "null", "NaN"):
        assert word not in page.get_by_test_id("empty").inner_text()


def test_a_card_leads_to_its_home(healthy: Demo, page: Page) -> None:
    home = healthy.client.get("/api/framer/properties?channel=rent").json()["items"][0]
    page.goto(healthy.url + home["path"])

    expect(page.get_by_test_id("detail-title")).to_contain_text(home["title"])
    expect(page.get_by_test_id("detail-price")).to_contain_text(home["price_label"])
    expect(page.get_by_test_id("gallery-image").first).to_be_visible()
    page.screenshot(path=ARTEFACTS / "home.png", full_page=True)


def test_a_price_cut_in_rentman_reaches_the_open_page(healthy: Demo, page: Page) -> None:
    page.goto(healthy.url)
    shown = page.get_by_test_id("generation")
    expect(shown).to_contain_text(re.compile(r"\d"))
    before = shown.text_content()
    home = healthy.client.get("/api/framer/properties?channel=rent").json()["items"][0]

    healthy.upstream.life("price_cut", propref=home["id"])

    path = f"/api/framer/property/{home['id']}"
    eventually(lambda: healthy.client.get(path).json()["price"] < home["price"])
    assert "Reduced" in healthy.client.get(path).json()["badges"]
    expect(shown).not_to_have_text(before or "", timeout=20_000)


def test_json_comes_compressed_tagged_and_with_the_policy_of_the_design(healthy: Demo) -> None:
    answer = healthy.client.get("/api/framer/featured", headers={"accept-encoding": "br"})

    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["cache-control"] == (
        "public, max-age=30, stale-while-revalidate=600, stale-if-error=86400"
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    again = healthy.client.get(
        "/api/framer/featured",
        headers={"accept-encoding": "br", "if-none-match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


def test_pictures_come_from_caddy_for_ever(healthy: Demo) -> None:
    card = healthy.client.get("/api/framer/featured").json()["items"][0]
    answer = healthy.client.get(card["image"]["src"])

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    missing = healthy.client.get(f"/api/framer/images/{'0' * 32}/800.jpg")
    assert missing.status_code == 404
    assert missing.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/api/framer/featured",
        "/api/framer/properties",
        "/api/framer/health",
        "/api/properties",
        "/livez",
        "/readyz",
    ],
)
def test_every_fixed_address_answers(healthy: Demo, path: str) -> None:
    assert healthy.client.get(path).status_code == 200


def test_each_home_answers_by_reference_and_by_slug(healthy: Demo) -> None:
    for card in healthy.client.get("/api/properties?per_page=100").json()["items"]:
        by_id = healthy.client.get(f"/api/properties/{card['id']}")
        by_slug = healthy.client.get(f"/api/framer/property/{card['slug']}")
        media = healthy.client.get(f"/api/properties/{card['id']}/media")
        assert by_id.content == by_slug.content
        assert len(media.json()["images"]) == card["image_count"]


def test_what_is_not_there_says_so_as_a_problem_document(healthy: Demo) -> None:
    for path, status in (("/api/properties/none", 404), ("/api/properties?beds=2", 400)):
        answer = healthy.client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
    assert healthy.client.post("/api/properties").status_code == 405
