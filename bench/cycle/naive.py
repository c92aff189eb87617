"""A client as it is usually written: every page, then every file that a row names, each time."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

PAGE_SIZE = 50
MEDIA = ("floorplan", "epc", "brochure", *(f"photo{number}" for number in range(1, 10)))
TIMEOUT_S = 60.0


def refresh(url: str, token: str) -> int:
    """The calls that one refresh makes; a file that is refused is a call like any other."""
    calls = 0
    for rows in _pages(url, token):
        calls += 1
        for row in rows:
            known = {key.strip().lower(): value for key, value in row.items()}
            for name in filter(None, map(known.get, MEDIA)):
                calls += 1
                _asked(f"{url}/propertymedia.php", token, filename=str(name))
    return calls


def _pages(url: str, token: str) -> Iterator[list[dict[str, Any]]]:
    page = 1
    while True:
        options = {"limit": str(PAGE_SIZE), "page": str(page), "noimage": "1"}
        rows = json.loads(_asked(f"{url}/propertyadvertising.php", token, **options))
        yield rows
        if len(rows) < PAGE_SIZE:
            return
        page += 1


def _asked(url: str, token: str, **options: str) -> bytes:
    request = urllib.request.Request(url, headers={"token": token, **options})  # noqa: S310 - http, loopback
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return error.read()
