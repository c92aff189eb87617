"""What a question's address becomes: what advertisers add goes, and what is asked most is a file."""

from collections.abc import Iterator

import httpx
import pytest

from edge.query import usual
from tests.stack.front import LIST, Front, front

pytestmark = [pytest.mark.stack]
FILED = f"{usual.PATH}?channel=rent&beds_min=2&sort=price_asc"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("f")) as found:
        files = (address.replace("?", "/") for address, _ in usual.questions())
        found.publish(2, {f"/asked{file}": file.encode() for file in files})
        yield found


@pytest.fixture
def caddy(shared: Front) -> Front:
    shared.upstream.says()
    return shared


def asked(caddy: Front, target: str) -> httpx.Response:
    """For these very bytes, which a client would tidy up."""
    url = httpx.URL(caddy.url).copy_with(raw_path=target.encode())
    return caddy.http.send(httpx.Request("GET", url))


JUNK = [
    "utm_source=a",
    "utm_source=a&utm_medium=b&utm_campaign=c",
    "utm_anything=%C3%A9",
    "gclid=Cj0-x_y",
    "fbclid=IwAR%2F",
    "&&gbraid=1&",
    "gad_source=1&srsltid=AfmBOo",
    "_ga=2.1&_gl=1*x&mc_cid=1&mc_eid=2",
]


@pytest.mark.parametrize("junk", JUNK)
def test_what_advertisers_add_keeps_no_page_from_the_tree(caddy: Front, junk: str) -> None:
    answer = caddy.http.get(f"/api/framer/featured?{junk}")

    assert (answer.status_code, answer.headers["cache-status"]) == (200, "tree; hit")


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("beds_min=2&utm_source=a", "beds_min=2"),
        ("gclid=1&beds_min=2&fbclid=2", "beds_min=2"),
        ("q=garden+flat&wbraid=3&area=camden,hampstead", "area=camden%2Champstead&q=garden+flat"),
        ("utm_source=a&q=%zz", "utm_source=a&q=%zz"),
        ("utm_source=a&q=1;2", "utm_source=a&q=1;2"),
        ("q=utm_source", "q=utm_source"),
        ("gclids=1", "gclids=1"),
        ("beds_min=2&beds_max=1", "beds_min=2&beds_max=1"),
    ],
)
def test_no_edge_sees_what_advertisers_add_to_a_query(caddy: Front, query: str, left: str) -> None:
    caddy.http.send(
        httpx.Request("GET", httpx.URL(f"{caddy.url}{LIST}").copy_with(query=query.encode()))
    )

    assert [seen.target for seen in caddy.upstream.asked] == [f"{LIST}?{left}"]


def test_a_query_that_means_something_is_never_answered_from_the_tree(caddy: Front) -> None:
    for query in ("page=2", "x", "utm_source=a&page=2", "gclid", "=1"):
        answer = caddy.http.get(f"/api/framer/featured?{query}")
        from_tree = answer.headers["cache-status"] == "tree; hit"
        assert from_tree == (query == "gclid"), query


@pytest.mark.parametrize("address", [address for address, _ in usual.questions()])
def test_what_is_asked_most_is_answered_from_its_own_file(caddy: Front, address: str) -> None:
    answer = asked(caddy, address)

    assert answer.headers["cache-status"] == "tree; hit"
    assert answer.text == address.replace("?", "/")
    assert caddy.upstream.asked == []


def test_a_file_is_found_beside_what_advertisers_add(caddy: Front) -> None:
    """With one parameter of our own: Caddy puts those that are left in the order of the alphabet."""
    answer = asked(caddy, f"{usual.PATH}?channel=rent&utm_source=mail")

    assert answer.headers["cache-status"] == "tree; hit"
    assert caddy.upstream.asked == []


@pytest.mark.parametrize(
    "target",
    [
        f"{usual.PATH}?channel=rent&sort=price_asc&beds_min=2",  # in another order
        f"{usual.PATH}?channel=rent&beds_min=9",  # not laid out
        f"{usual.PATH}?channel=rent&beds_min=2&sort=price_asc&page=2",
        f"{usual.PATH}?beds_min=2&channel=rent",
        f"{usual.PATH}?channel=rent&channel=rent",
        f"{usual.PATH}?channel=%72ent",
        f"{usual.PATH}?channel=rent&",
        f"{usual.PATH}?channel=RENT",
        FILED.replace("/api", "/API"),
        FILED.replace("/properties", "/%70roperties"),
        FILED.replace("/framer", "//framer"),
    ],
)
def test_an_edge_is_asked_in_every_other_spelling_as_it_was_spelt(
    caddy: Front, target: str
) -> None:
    answer = asked(caddy, target)

    assert "tree" not in answer.headers.get("cache-status", "")
    assert [seen.target for seen in caddy.upstream.asked] == [target]


def test_where_the_files_lie_is_no_address(caddy: Front) -> None:
    for target in (f"/asked{FILED}", f"/asked{FILED}.json".replace("?", "/")):
        assert asked(caddy, target).status_code == 404
    moved = asked(caddy, FILED.replace("?", "/?"))
    assert (moved.status_code, moved.headers["location"]) == (308, FILED)
    assert caddy.upstream.asked == []
