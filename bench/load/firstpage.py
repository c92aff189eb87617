"""A first visit in Chromium: document, data, and every picture on the screen, with an empty cache."""

import shutil
import statistics
import time
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.edgebench import results
from bench.edgebench.processes import BenchError
from bench.goals import Verdict
from bench.load.judge import thresholds
from bench.load.records import Pages
from bench.load.stack import Stack

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREEN = (1280, 1024)  # the row of featured homes begins below 800
VISITS, WARM = 15, 2
PATIENCE_S, TICK_MS = 30, 20
# Cards are there and every picture on the screen is; then when the last of them had come.
SEEN = """() => {
  const shown = [...document.images].filter(i => {
    const box = i.getBoundingClientRect();
    return box.width && box.top < innerHeight && box.bottom > 0 && box.left < innerWidth;
  });
  if (!shown.some(i => i.currentSrc.includes('/api/framer/images/'))) return null;
  if (!shown.every(i => i.complete && i.naturalWidth)) return null;
  const ends = entry => entry.responseEnd;
  const urls = new Set(shown.map(i => i.currentSrc));
  const all = performance.getEntriesByType('resource');
  const data = all.filter(e => /[/]api[/](framer[/])?(featured|properties)/.test(e.name));
  return {
    document: performance.getEntriesByType('navigation')[0].responseEnd,
    data: Math.min(...data.map(ends)),
    complete: Math.max(...data.map(ends), ...all.filter(e => urls.has(e.name)).map(ends)),
    pictures: urls.size,
  };
}"""

ASIDE = """() => [...document.images].map(i =>
  [i.currentSrc, i.complete, Math.round(i.getBoundingClientRect().top)].join(' ')).slice(0, 9)"""


def measured(stack: Stack, listings: int) -> Pages:
    binary = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if binary is None:
        raise BenchError("no Chromium: deploy/debian.sh installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        try:
            seen = [_visit(browser, stack.url) for _ in range(WARM + VISITS)][WARM:]
            version = browser.version
        finally:
            browser.close()
    return Pages(
        made_at=results.now(),
        commit=results.commit(),
        listings=listings,
        browser=f"Chromium {version}",
        machine=results.machine(),
        document_ms=[round(one["document"], 1) for one in seen],
        data_ms=[round(one["data"], 1) for one in seen],
        complete_ms=[round(one["complete"], 1) for one in seen],
        pictures=int(seen[-1]["pictures"]),
        verdicts=[_judged([one["complete"] for one in seen])],
    )


def _visit(browser: Browser, url: str) -> dict[str, Any]:
    size = {"width": SCREEN[0], "height": SCREEN[1]}
    context = browser.new_context(ignore_https_errors=True, viewport=size)  # type: ignore[arg-type] # a typed dict
    try:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        deadline = time.monotonic() + PATIENCE_S
        while (
            seen := page.evaluate(SEEN)
        ) is None:  # the page's own policy forbids to wait inside it
            if time.monotonic() > deadline:
                raise BenchError(f"the first page is not complete: {page.evaluate(ASIDE)}")
            page.wait_for_timeout(TICK_MS)
        return dict(seen)
    finally:
        context.close()


def _judged(complete: list[float]) -> Verdict:
    limit = thresholds().first_page.complete_ms
    found = statistics.median(complete)
    return Verdict(what="first page ms, median", limit=limit, found=found, kept=found <= limit)
