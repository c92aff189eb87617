"""The same answers over HTTP/1.1, 2 and 3."""

import json

import httpx
import pytest

from tests.stack import http3
from tests.stack.conftest import Demo, certificate

pytestmark = [pytest.mark.stack, pytest.mark.timeout(360)]


@pytest.mark.parametrize("version", [1, 2])
def test_pages_are_served_over_http_1_and_2(healthy: Demo, version: int) -> None:
    with httpx.Client(verify=healthy.tls(), http1=version == 1, http2=version == 2) as client:
        answer = client.get(f"{healthy.url}/api/framer/featured")

    assert answer.http_version == {1: "HTTP/1.1", 2: "HTTP/2"}[version]
    assert "h3=" in answer.headers["alt-svc"]


async def test_pages_are_served_over_http_3(healthy: Demo) -> None:
    port = int(healthy.url.rpartition(":")[2])
    answer = await http3.get(port, "/api/framer/featured", certificate(healthy.state))

    assert answer.headers[":status"] == "200"
    assert json.loads(answer.body)["total"] > 0
