"""The client's token: in whatever form the service takes it, and told to nobody else."""

import logging
from collections.abc import Callable
from urllib.parse import unquote

import httpx
import pytest

from snapshot.environment import Secret
from sync.errors import UpstreamError, UpstreamRejectedError
from sync.rentman.client import Rentman
from sync.resilience import Guard
from tests.conftest import TOKEN, Upstream
from tests.sync.clients import PAGE, answering


async def test_a_redirect_is_not_followed_with_the_token(brisk: Guard) -> None:
    moved = httpx.Response(302, headers={"location": "http://elsewhere.test/"})
    source = answering(lambda: moved, brisk)

    with pytest.raises(UpstreamRejectedError) as caught:
        await source.listings(PAGE)

    assert caught.value.code == "status"


@pytest.mark.parametrize(
    ("taken", "form"),
    [
        ("header-raw", "header as issued"),
        ("header-decoded", "header decoded"),
        ("query", "query"),
    ],
)
async def test_the_probe_finds_the_form_of_the_token(
    make_client: Callable[..., Rentman], upstream: Upstream, taken: str, form: str
) -> None:
    upstream.admin.post("/admin/settings", json={"token_form": taken})
    try:
        source = make_client()
        assert len(await source.listings(PAGE)) == 30
        assert source._form is not None
        assert source._form.name == form
    finally:
        upstream.admin.post("/admin/settings", json={"token_form": "any"})


@pytest.mark.parametrize("taken", ["any", "query"])
async def test_the_token_is_in_no_log_record_and_no_exception(
    make_client: Callable[..., Rentman],
    upstream: Upstream,
    caplog: pytest.LogCaptureFixture,
    taken: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.admin.post("/admin/settings", json={"token_form": taken})
    said = []
    for variant in ("drop", "hang"):
        source = make_client(timeout_s=0.2)
        await source.listings(PAGE)
        upstream.fault("F23", variant=variant, seconds=0)
        with pytest.raises(UpstreamError) as caught:
            await source.listings(PAGE)
        said.append(str(caught.value))
        upstream.heal()
    upstream.admin.post("/admin/settings", json={"token_form": "any"})

    text = "\n".join([*said, *(record.getMessage() for record in caplog.records)])
    assert not any(token in text for token in (TOKEN, unquote(TOKEN), "demo"))


async def test_an_error_page_that_quotes_the_token_is_not_quoted(brisk: Guard) -> None:
    body = f"{unquote(TOKEN)} is not a token".encode()
    source = answering(lambda: httpx.Response(200, content=body), brisk)

    with pytest.raises(UpstreamRejectedError) as caught:
        await source.listings(PAGE)

    assert "token/1" not in str(caught.value)


@pytest.mark.parametrize("token", ["töken", "to\nken"])
async def test_a_token_that_fits_no_header_is_an_upstream_error_that_hides_it(
    make_client: Callable[..., Rentman], token: str
) -> None:
    with pytest.raises(UpstreamError) as caught:
        await make_client(token=token).listings(PAGE)

    assert "ken" not in str(caught.value).replace("token", "")


async def test_a_wrong_token_is_probed_in_each_form_and_no_more(
    make_client: Callable[..., Rentman],
) -> None:
    source = make_client(token="a%2Bb")

    with pytest.raises(UpstreamRejectedError) as caught:
        await source.listings(PAGE)

    assert caught.value.code == "token"
    assert source.calls == 3


def _ignoring_headers(asked: list[httpx.Request]) -> httpx.MockTransport:
    """A service that takes options from the query alone, as some clients found it."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        limit = int(request.url.params.get("limit", 25))
        page = int(request.url.params.get("page", 1))
        rows = [{"propref": str(n)} for n in range(1, 8)][(page - 1) * limit : page * limit]
        return httpx.Response(200, json=rows)

    return httpx.MockTransport(answer)


async def test_options_go_as_query_too_when_the_service_ignores_them_in_headers(
    brisk: Guard,
) -> None:
    asked: list[httpx.Request] = []
    source = Rentman(
        "http://rentman.test", Secret(TOKEN), brisk, transport=_ignoring_headers(asked)
    )

    assert len(await source.listings(3)) == 7
    assert asked[0].url.params == httpx.QueryParams()
    assert dict(asked[1].url.params) == {"limit": "3", "page": "1", "noimage": "1"}
    assert asked[1].headers["limit"] == "3"
    assert "token" not in asked[1].url.params


async def test_a_form_that_is_refused_later_is_looked_for_anew(
    client: Rentman, upstream: Upstream
) -> None:
    upstream.admin.post("/admin/settings", json={"token_form": "query"})
    try:
        with pytest.raises(UpstreamRejectedError):
            await client.listings(PAGE)

        assert len(await client.listings(PAGE)) == 30
        assert await client.form() == "query"
    finally:
        upstream.admin.post("/admin/settings", json={"token_form": "any"})
