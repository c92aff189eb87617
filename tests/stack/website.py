"""What tests of the demo's website ask of its pages."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.stack.conftest import ARTEFACTS, Demo


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
