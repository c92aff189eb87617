"""Caddy answers published pages from the tree, exactly as the edge would."""

import os
import signal

import httpx
import pytest

from tests.conftest import eventually
from tests.stack.conftest import Demo
from tests.stack.test_faults import visitors

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
PAGE = "/api/framer/featured"
USUAL = "/api/framer/properties?channel=rent&beds_min=2&sort=price_asc"
SAME = ["etag", "content-type", "cache-control", "vary", "access-control-allow-origin"]


def from_tree(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("cache-status") == "tree; hit")


@pytest.mark.parametrize("page", [PAGE, USUAL])
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip", "identity"])
def test_both_tiers_give_the_same_answer(healthy: Demo, coding: str, page: str) -> None:
    edge = healthy.parts()["edge-1"].environ["EDGE_PORT"]
    asked = {"accept-encoding": coding}

    def both() -> tuple[httpx.Response, httpx.Response]:
        """Of one generation: what a flip changed is away from the tree for a second."""
        direct = httpx.get(f"http://127.0.0.1:{edge}{page}", headers=asked)
        through = healthy.client.get(page, headers=asked)
        assert not from_tree(direct)
        assert from_tree(through)
        assert through.headers["etag"] == direct.headers["etag"]
        return direct, through

    direct, through = eventually(both)
    assert through.content == direct.content
    assert {n: through.headers[n] for n in SAME} == {n: direct.headers[n] for n in SAME}
    assert through.headers.get("content-encoding") == direct.headers.get("content-encoding")


@pytest.mark.parametrize("page", [PAGE, USUAL])
@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_the_tree_answers_304_to_what_is_known(healthy: Demo, known: str, page: str) -> None:
    etag = healthy.client.get(page).headers["etag"]
    answer = healthy.client.get(page, headers={"if-none-match": known.format(etag)})

    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/api/framer/properties?page=1",
        "/api/framer/properties?beds_min=2&channel=rent",
        "/api/framer/properties?channel=rent&beds_min=17",
        "/api/framer/properties?channel=rent&beds_min=2&utm_source=a",  # sorted by name
        "/asked/api/framer/properties/channel=rent",
        "/api/framer/health",
        "/readyz",
        "/api/properties/%30",
    ],
)
def test_the_rest_is_left_to_the_edge(healthy: Demo, path: str) -> None:
    assert not from_tree(healthy.client.get(path))


@pytest.mark.parametrize(
    "path", ["/api/framer/featured.json", "/api/framer/featured.json.gz", "/api/../GENERATION"]
)
def test_the_files_themselves_have_no_address(healthy: Demo, path: str) -> None:
    with httpx.Client(base_url=healthy.url, verify=healthy.tls()) as client:
        request = client.build_request("GET", healthy.url)
        request.url = httpx.URL(healthy.url).copy_with(raw_path=path.encode())
        assert client.send(request).status_code == 404


def test_with_every_edge_dead_visitors_still_get_pages(healthy: Demo) -> None:
    with visitors(healthy) as wrong:
        for name in ("edge-1", "edge-2"):
            os.kill(healthy.parts()[name].pid, signal.SIGKILL)
        eventually(lambda: {"edge-1", "edge-2"} <= set(healthy.parts()))
        eventually(lambda: healthy.client.get("/readyz").is_success)

    assert wrong == []
