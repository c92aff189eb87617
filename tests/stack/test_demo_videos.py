"""A video of the simulated Rentman all the way to a visitor who plays it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import eventually
from tests.stack.conftest import PICTURES_S, Demo, visiting_page

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
SEEN_S = 0.6
PLAYED = f"""video => new Promise((done, failed) => {{
  video.addEventListener("timeupdate", () => video.currentTime > {SEEN_S} && done([video.videoWidth, video.videoHeight, video.duration]));
  video.addEventListener("error", () => failed(video.error));
  video.querySelector("source").addEventListener("error", () => failed("not to be had"));
  video.muted = true;
  video.play().catch(failed);
}})"""


@pytest.fixture(scope="module")
def home(demo: Demo) -> dict[str, Any]:
    """One that has a video, once that is ready."""
    demo.upstream.heal()
    cards = demo.client.get("/api/properties?per_page=100").json()["items"]

    def found() -> dict[str, Any] | None:
        homes = (demo.client.get(f"/api/properties/{card['id']}").json() for card in cards)
        return next((one for one in homes if one["videos"]), None)

    eventually(found, PICTURES_S)
    made = found()
    assert made is not None
    return made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with visiting_page(browser) as (page, said):
        yield page
    assert said == []


def test_a_video_is_listed_beside_the_photos_and_served_without_what_the_camera_wrote(
    healthy: Demo, home: dict[str, Any]
) -> None:
    (video,) = home["videos"]
    shown = healthy.client.get(f"/api/properties/{home['id']}/media").json()

    assert shown["videos"] == home["videos"]
    assert (home["video_count"], home["image_count"]) == (1, len(home["images"]))
    assert (video["width"], video["height"], video["duration_label"]) == (480, 270, "0:03")
    assert video["poster"] == home["image_url"]
    whole = healthy.client.get(video["src"])
    part = healthy.client.get(video["src"], headers={"range": "bytes=4-7"})
    assert whole.headers["content-type"] == "video/mp4"
    assert b"CANARY" not in whole.content
    assert (part.status_code, part.content) == (206, b"ftyp")


def test_an_edge_serves_parts_of_it_too(healthy: Demo, home: dict[str, Any]) -> None:
    (video,) = home["videos"]
    path = video["src"].removeprefix(healthy.url)
    for name in ("edge-1", "edge-2"):
        port = healthy.parts()[name].environ["EDGE_PORT"]
        answer = healthy.client.get(
            f"http://127.0.0.1:{port}{path}", headers={"range": "bytes=4-7"}
        )

        assert (answer.status_code, answer.content) == (206, b"ftyp")
        assert answer.headers["content-length"] == "4"
        assert answer.headers["content-range"].startswith("bytes 4-7/")


def test_a_visitor_plays_it_and_nothing_of_it_is_fetched_before(
    healthy: Demo, home: dict[str, Any], page: Page
) -> None:
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(asked.url))
    (video,) = home["videos"]

    page.goto(f"{healthy.url}{home['path']}")
    film = page.get_by_test_id("videos").locator("video")
    expect(film).to_be_attached()
    expect(film).to_have_attribute("poster", video["poster"])
    page.wait_for_load_state("networkidle")
    assert video["src"] not in fetched

    assert film.evaluate(PLAYED) == [480, 270, 3]
    assert video["src"] in fetched
