"""What is asked most is laid out as files, as the edge would answer it."""

from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec
import redis.asyncio

from edge.layout import ASKED
from edge.query import select, usual
from edge.query.parameters import ListQuery
from edge.tags import tag
from tests.conftest import eventually
from tests.edge.conftest import running_edge
from tests.edge.trees import PAGES
from tests.snapshot.made import publish, row


def test_each_is_spelt_as_a_page_writes_it() -> None:
    """Its parameters in the order in which they are declared; the usual order of homes may be said."""
    order = [field.name for field in msgspec.structs.fields(ListQuery)]
    for address, asked in usual.questions():
        assert isinstance(asked, ListQuery)
        given = dict(parse_qsl(urlsplit(address).query))
        assert list(given) == sorted(given, key=order.index)
        assert select.written(asked) == urlsplit(address).query.replace("&sort=newest", "")


async def test_the_file_is_what_the_edge_answers(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    homes = [row(id=f"R{beds}", bedrooms=beds, price=1000 - beds) for beds in range(7)]
    await publish(store, 1, PAGES, homes)
    shown = tmp_path / "tree" / "live"
    with running_edge(tmp_path, valkey_url) as edge:
        eventually((tmp_path / "tree" / "GENERATION").exists)
        totals = []
        for address, _ in usual.questions():
            path, _, query = address.partition("?")
            for coding, end in (("identity", ""), ("gzip", ".gz")):
                file = shown / f"{ASKED}{path}/{query}.json{end}".lstrip("/")
                request = edge.http.build_request(
                    "GET", address, headers={"accept-encoding": coding}
                )
                answer = edge.http.send(request, stream=True)
                assert b"".join(answer.iter_raw()) == file.read_bytes()
                seen = file.stat()
                assert tag(seen.st_mtime_ns, seen.st_size) == answer.headers["etag"]
            totals.append(edge.http.get(address).json()["total"])

        assert len({*totals}) > 5
        files = [path for path in shown.joinpath(ASKED.strip("/")).rglob("*") if path.is_file()]
        assert len(files) == 2 * len(totals)


async def test_a_flip_makes_them_anew(
    store: redis.asyncio.Redis, valkey_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "tree" / "live" / "asked" / "api/framer/properties" / "channel=rent.json"
    with running_edge(tmp_path, valkey_url):
        for number in (1, 2):
            await publish(store, number, PAGES, [row(id=f"R{n}") for n in range(number)])
            eventually(partial(counts, file, number))


def counts(file: Path, number: int) -> bool:
    """Away between, for as long as flips come quickly."""
    return file.exists() and msgspec.json.decode(file.read_bytes())["total"] == number
