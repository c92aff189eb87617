"""Caddy as the demo runs it, with TLS and a website on the same host; and with a website of more ambition."""

from pathlib import Path

import httpx
import pytest

from tests.stack.conftest import Demo
from tests.stack.front import front

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
WEBSITE = """handle /sitemap.xml {
	respond "the website's"
}
handle /about {
	respond "about us"
}
"""


def test_the_demos_website_and_the_api_share_a_host(healthy: Demo) -> None:
    home = healthy.client.get("/")
    detail = healthy.client.get("/properties/any-slug")
    sitemap = healthy.client.get("/sitemap.xml")

    assert [one.headers["content-type"] for one in (home, detail)] == [
        "text/html; charset=utf-8"
    ] * 2
    assert "content-security-policy" in home.headers
    assert sitemap.headers["content-type"] == "application/xml"
    assert healthy.client.get("/robots.txt").text.endswith(f"Sitemap: {healthy.url}/sitemap.xml\n")
    assert healthy.client.get("/js/none.js").json()["type"] == "/problems/not-found"


def test_another_host_on_our_certificate_is_sent_away(healthy: Demo) -> None:
    for host in ("evil.example", "localhost.evil.example"):
        for path in ("/api/framer/featured", "/", "/robots.txt"):
            answer = healthy.client.get(
                path, headers={"host": host}, extensions={"sni_hostname": "localhost"}
            )
            assert (answer.status_code, answer.content) == (421, b"")


def test_a_host_without_a_certificate_gets_no_connection(healthy: Demo) -> None:
    with httpx.Client(verify=healthy.tls()) as client, pytest.raises(httpx.ConnectError):
        client.get(healthy.url, extensions={"sni_hostname": "evil.example"})


def test_a_website_keeps_its_own_sitemap_and_the_apis_is_below_api(tmp_path: Path) -> None:
    snippet = tmp_path / "website-test.caddy"
    snippet.write_text(WEBSITE)
    (tmp_path / "f").mkdir()
    with front(tmp_path / "f", snippets=(snippet,)) as caddy:
        caddy.upstream.says(b"the API's")

        assert caddy.http.get("/sitemap.xml").text == "the website's"
        assert caddy.http.get("/api/sitemap.xml").text == "the API's"
        assert caddy.http.get("/docs").text == "the API's"
        assert caddy.http.get("/about").text == "about us"
