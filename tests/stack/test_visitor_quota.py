"""One address that asks ever new questions, through Caddy and a real edge."""

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from edge.quota import BURST_S
from tests.stack.small import Stack, small_stack

pytestmark = [pytest.mark.stack]
LIST = "/api/framer/properties"
PER_S = 0.5
BURST = int(PER_S * BURST_S)
MANY = 20
LIES = (
    "X-Forwarded-For",
    "X-Real-IP",
    "x_real_ip",
    "Forwarded",
    "True-Client-IP",
    "CF-Connecting-IP",
)
new = count()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("s")
    with small_stack(
        directory, edges=1, EDGE_PROCESSES="1", EDGE_VISITOR_QUERIES_PER_S=str(PER_S)
    ) as stack:
        yield stack


def answers(
    stack: Stack, address: str, targets: list[str], lie: str = ""
) -> Iterator[httpx.Response]:
    """To a visitor from that address, who says of himself in `lie` that he is ever another."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=stack.url, transport=transport) as visitor:
        for number, target in enumerate(targets):
            headers = {lie: f"203.0.113.{number}"} if lie else {}
            yield visitor.get(target, headers=headers)


def questions() -> list[str]:
    return [f"{LIST}?price_min={next(new)}" for _ in range(MANY)]


def test_who_asks_too_much_is_told_when_to_come_back_and_nobody_else_is(stack: Stack) -> None:
    found = list(answers(stack, "127.0.0.2", questions()))
    (other,) = answers(stack, "127.0.0.3", questions()[:1])

    assert [answer.status_code for answer in found[:BURST]] == [200] * BURST
    refused = found[-1]
    assert refused.status_code == 429
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert refused.headers["cache-control"] == "no-store"
    assert refused.headers["access-control-allow-origin"] == "*"
    assert 1 <= int(refused.headers["retry-after"]) <= 1 / PER_S
    assert other.status_code == 200


@pytest.mark.parametrize(("lie", "last"), list(zip(LIES, range(10, 99), strict=False)))
def test_no_header_makes_a_visitor_somebody_else(stack: Stack, lie: str, last: int) -> None:
    found = [answer.status_code for answer in answers(stack, f"127.0.0.{last}", questions(), lie)]

    assert found.count(429) >= MANY // 2
    assert set(found) == {200, 429}


def test_pages_and_answers_that_are_kept_are_not_counted(stack: Stack) -> None:
    asked = [*questions()[:BURST] * MANY, *["/api/a", "/livez"] * MANY]

    assert {answer.status_code for answer in answers(stack, "127.0.0.4", asked)} == {200}


def test_this_machine_itself_is_not_limited(stack: Stack) -> None:
    assert {answer.status_code for answer in answers(stack, "127.0.0.1", questions())} == {200}
