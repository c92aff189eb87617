"""A visitor of the demo's website looks for a home: filters, words, pages of a list, areas."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.stack.conftest import Demo, visiting_page
from tests.stack.website import asked, box, keys, picture, settled, shows

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
LISTS = "**/api/framer/properties?*"


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
