"""An outside judge of every public address, as the real site has them: REDbot calls nothing bad."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.edge.test_redbot import verdicts
from tests.stack.conftest import Demo

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]
QUERIES = {"/api/properties/search": "?q=flat", "/api/properties/suggest": "?q=a"}
TOGETHER = 3


def addresses(demo: Demo) -> list[str]:
    """Those that the site's own document names, of one home and one area."""
    home = demo.client.get("/api/framer/featured").json()["items"][0]
    area = demo.client.get("/api/areas").json()["items"][0]
    documented = demo.client.get("/openapi.json").json()["paths"]
    found = [
        path.format(key=home["slug"], slug=area["slug"]) + QUERIES.get(path, "")
        for path in documented
    ]
    return [*found, "/openapi.json", "/docs", "/api/properties?page=2&sort=price_asc"]


def test_no_public_address_does_anything_bad(healthy: Demo) -> None:
    port = healthy.parts()["edge-1"].environ["EDGE_PORT"]
    paths = addresses(healthy)
    with ThreadPoolExecutor(TOGETHER) as pool:
        judged = dict(
            zip(
                paths,
                pool.map(lambda path: verdicts(f"http://127.0.0.1:{port}{path}"), paths),
                strict=True,
            )
        )

    assert len(judged) > 18
    assert all(judged.values())
    bad = {
        path: [note for note, level in notes.items() if level == "BAD"]
        for path, notes in judged.items()
    }
    assert {path: notes for path, notes in bad.items() if notes} == {}
