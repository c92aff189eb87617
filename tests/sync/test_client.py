"""The client against the simulated Rentman: whole lists or nothing, whatever it answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import UpstreamError, UpstreamRejectedError, UpstreamUnavailableError
from sync.rentman import client as module
from sync.rentman.client import Rentman
from sync.rentman.fields import Row
from sync.resilience import Guard
from tests.conftest import Upstream
from tests.sync.clients import PAGE, answering

ALL = 30  # listings


NOT_ARRAYS = [
    ("F1", "html"),
    ("F1", "notice"),
    ("F1", "login"),
    ("F2", "null"),
    ("F2", "object"),
    ("F2", "string"),
    ("F2", "number"),
    ("F7", "login"),
]


async def test_the_whole_list_comes_page_by_page(client: Rentman) -> None:
    rows = await client.listings(PAGE)

    assert len({Row(row).reference() for row in rows}) == len(rows) == 30
    assert not any("photo1binary" in row for row in rows)


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(("mode", "variant"), NOT_ARRAYS)
async def test_an_answer_that_is_no_array_fails_the_list(
    client: Rentman, upstream: Upstream, mode: str, variant: str, page: int
) -> None:
    upstream.fault(mode, variant=variant, page=page)

    with pytest.raises(UpstreamRejectedError) as caught:
        await client.listings(PAGE)

    assert caught.value.code == "not_an_array"


@pytest.mark.parametrize("variant", ["html", "truncated", "503", "500", "object"])
async def test_a_failure_on_page_two_fails_the_list(
    client: Rentman, upstream: Upstream, variant: str
) -> None:
    upstream.fault("F4", variant=variant, seconds=0)

    with pytest.raises(UpstreamError):
        await client.listings(PAGE)


@pytest.mark.parametrize("page", [1, 2])
async def test_truncated_json_fails_the_list(
    client: Rentman, upstream: Upstream, page: int
) -> None:
    upstream.fault("truncated", page=page)

    with pytest.raises(UpstreamRejectedError) as caught:
        await client.listings(PAGE)

    assert caught.value.code == "not_json"


async def test_a_byte_order_mark_is_no_fault(client: Rentman, upstream: Upstream) -> None:
    upstream.fault("bom")

    assert len(await client.listings(PAGE)) == 30


async def test_an_empty_first_page_is_an_empty_list_for_the_guards_to_judge(
    client: Rentman, upstream: Upstream
) -> None:
    upstream.fault("F3")

    assert await client.listings(PAGE) == []


async def test_a_repeated_page_ends_the_list(client: Rentman, upstream: Upstream) -> None:
    upstream.fault("F5")
    before = client.calls

    assert len(await client.listings(ALL)) == ALL
    assert client.calls - before == 3  # the last asks for one row more than that


async def test_a_repeated_page_behind_which_there_are_rows_fails_the_list(
    client: Rentman, upstream: Upstream
) -> None:
    """Where `page` is not honoured, asking for the page after the last proves nothing."""
    upstream.fault("F5")

    with pytest.raises(UpstreamRejectedError, match="cut_short"):
        await client.listings(PAGE)


async def test_an_empty_page_in_the_middle_fails_the_list(
    client: Rentman, upstream: Upstream
) -> None:
    upstream.fault("F3", page=2)

    with pytest.raises(UpstreamRejectedError, match="cut_short"):
        await client.listings(PAGE)


@pytest.mark.parametrize("variant", ["duplicate", "shift", "forms"])
async def test_duplicate_references_are_one_row(
    client: Rentman, upstream: Upstream, variant: str
) -> None:
    upstream.fault("F21", variant=variant)
    references = [Row(row).reference() for row in await client.listings(PAGE)]

    assert len(references) == len(set(references))
    assert len(references) in (29, 30)  # a shifted list may hide one


async def test_a_row_without_reference_fails_the_list(client: Rentman, upstream: Upstream) -> None:
    upstream.fault("noref")

    with pytest.raises(UpstreamRejectedError) as caught:
        await client.listings(PAGE)

    assert caught.value.code == "no_reference"


@pytest.mark.parametrize("variant", ["401", "403"])
async def test_a_revoked_token_is_asked_about_once(
    client: Rentman, upstream: Upstream, variant: str
) -> None:
    upstream.fault("F7", variant=variant)
    before = client.calls

    with pytest.raises(UpstreamRejectedError) as caught:
        await client.listings(PAGE)

    assert caught.value.code == "token"
    assert client.calls - before == 1


@pytest.mark.parametrize("variant", ["503", "500", "502", "drop"])
async def test_one_server_error_is_tried_again(
    client: Rentman, upstream: Upstream, variant: str
) -> None:
    upstream.fault("F8", variant=variant, times=1, seconds=0)

    assert len(await client.listings(PAGE)) == 30


@pytest.mark.parametrize("variant", ["503", "drop"])
async def test_a_source_that_stays_down_is_unavailable(
    client: Rentman, upstream: Upstream, variant: str
) -> None:
    upstream.fault("F23", variant=variant, seconds=0)
    before = client.calls

    with pytest.raises(UpstreamUnavailableError):
        await client.listings(PAGE)

    assert client.calls - before == 2  # the guard's tries


async def test_retry_after_is_waited_for(client: Rentman, upstream: Upstream) -> None:
    upstream.fault("429", seconds=1, times=1)
    began = time.monotonic()

    assert len(await client.listings(PAGE)) == 30
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(("mode", "options"), [("F6", {}), ("F23", {"variant": "hang"})])
async def test_no_answer_in_time_is_unavailable(
    make_client: Callable[..., Rentman], upstream: Upstream, mode: str, options: dict[str, str]
) -> None:
    upstream.fault(mode, **options)
    began = time.monotonic()

    with pytest.raises(UpstreamUnavailableError):
        await make_client(timeout_s=0.2).listings(PAGE)

    assert time.monotonic() - began < 2


async def test_a_slow_answer_is_an_answer(client: Rentman, upstream: Upstream) -> None:
    upstream.fault("F6", variant="slow", seconds=0.2, times=1)

    assert len(await client.listings(PAGE)) == 30


async def _drip() -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(0.02)


async def test_an_answer_that_drips_for_ever_is_cut_off(brisk: Guard) -> None:
    source = answering(lambda: httpx.Response(200, content=_drip()), brisk)

    with pytest.raises(UpstreamUnavailableError, match="TimeoutError"):
        await source.listings(PAGE)


async def test_an_endless_answer_is_not_kept_in_memory(
    brisk: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BODY_MAX", 1000)
    source = answering(lambda: httpx.Response(200, content=b"[" + b" " * 2000 + b"]"), brisk)

    with pytest.raises(UpstreamRejectedError) as caught:
        await source.listings(PAGE)

    assert caught.value.code == "too_large"


async def test_json_nested_beyond_reason_fails_the_list(brisk: Guard) -> None:
    body = b'[{"propref":1,"x":' + b"[" * 100_000
    source = answering(lambda: httpx.Response(200, content=body), brisk)

    with pytest.raises(UpstreamRejectedError) as caught:
        await source.listings(PAGE)

    assert caught.value.code == "not_json"


async def test_there_is_never_more_than_one_call_at_a_time(
    client: Rentman, upstream: Upstream
) -> None:
    upstream.admin.delete("/admin/requests")
    async with asyncio.TaskGroup() as group:
        for name in ("nothing-1.jpg", "nothing-2.jpg", "nothing-3.jpg"):
            group.create_task(client.media(name))
        group.create_task(client.listings(PAGE))
        group.create_task(client.listings(PAGE))

    assert upstream.admin.get("/admin/state").json()["requests"]["all"]["max_concurrent"] == 1


async def test_a_file_the_source_does_not_have_is_none(client: Rentman) -> None:
    assert await client.media("nothing.jpg") is None


async def test_references_that_come_twice_are_counted(
    client: Rentman, upstream: Upstream, brisk: Guard
) -> None:
    await client.listings(PAGE)
    assert brisk.metrics.duplicates._value.get() == 0
    upstream.fault("F21", variant="duplicate")
    await client.listings(PAGE)

    assert brisk.metrics.duplicates._value.get() >= 1


async def test_what_breaks_the_contract_is_no_good_call(
    client: Rentman, upstream: Upstream, brisk: Guard
) -> None:
    upstream.fault("F1")
    with pytest.raises(UpstreamRejectedError):
        await client.listings(PAGE)

    assert brisk.metrics.calls.labels("list", "not_an_array")._value.get() == 1


@pytest.mark.parametrize(
    ("text", "date", "wait"),
    [
        ("7", "", 7),
        ("0", "", 0),
        ("99999", "", module.RETRY_AFTER_MAX_S),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 30),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", 30),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "", 0),  # long past
        ("Sun, 06 Nov 2094 08:49:37 GMT", "", module.RETRY_AFTER_MAX_S),
        ("soon", "", None),
        ("-1", "", None),
        ("", "", None),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str, date: str, wait: float | None) -> None:
    assert module._retry_after(text, date) == wait


@given(st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\d+"), st.text())
def test_no_header_is_too_odd_to_read(text: str, date: str) -> None:
    wait = module._retry_after(text, date)

    assert wait is None or 0 <= wait <= module.RETRY_AFTER_MAX_S
