"""The guard: tries with patience, opens after failures, refuses at once, keeps its pace."""

import asyncio
import time

import pytest

from sync.errors import UpstreamRejectedError, UpstreamUnavailableError
from sync.resilience import CircuitOpenError, Guard


class Source:
    """Fails as told, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def down(count: int, retry_after: float | None = None) -> list[Exception]:
    return [UpstreamUnavailableError("down", retry_after=retry_after) for _ in range(count)]


async def test_a_failure_that_passes_is_not_seen() -> None:
    source = Source(*down(2))

    assert await Guard(pace_s=0, attempts=3, wait_s=0.01).call(source) == "answer"
    assert source.calls == 3


async def test_the_last_failure_is_raised_when_every_try_fails() -> None:
    source = Source(*down(9))

    with pytest.raises(UpstreamUnavailableError, match="down"):
        await Guard(pace_s=0, attempts=3, wait_s=0.01).call(source)

    assert source.calls == 3


async def test_a_refusal_is_not_tried_again() -> None:
    source = Source(UpstreamRejectedError("token", "401"))

    with pytest.raises(UpstreamRejectedError):
        await Guard(pace_s=0, wait_s=0.01).call(source)

    assert source.calls == 1


async def test_the_circuit_opens_after_failures_and_refuses_at_once() -> None:
    guard = Guard(pace_s=0, attempts=2, wait_s=0.01, threshold=2, rest_s=60)
    source = Source(*down(9))
    for _ in range(2):
        with pytest.raises(UpstreamUnavailableError):
            await guard.call(source)

    began = time.monotonic()
    with pytest.raises(CircuitOpenError):
        await guard.call(source)

    assert source.calls == 4
    assert time.monotonic() - began < 0.05


async def test_a_source_that_asks_for_a_long_wait_is_left_to_the_next_pass() -> None:
    source = Source(UpstreamUnavailableError("busy", retry_after=600))
    with pytest.raises(UpstreamUnavailableError) as raised:
        await Guard(pace_s=0, attempts=3, wait_s=0.01).call(source)

    assert (source.calls, raised.value.retry_after) == (1, 600)


async def test_the_circuit_closes_after_a_rest() -> None:
    guard = Guard(pace_s=0, attempts=1, threshold=1, rest_s=0.1)
    source = Source(*down(1))
    for error in (UpstreamUnavailableError, CircuitOpenError):
        with pytest.raises(error):
            await guard.call(source)
    await asyncio.sleep(0.15)

    assert await guard.call(source) == "answer"


async def test_refusals_do_not_open_the_circuit() -> None:
    guard = Guard(pace_s=0, attempts=1, threshold=1)
    source = Source(UpstreamRejectedError("status", "404"))
    with pytest.raises(UpstreamRejectedError):
        await guard.call(source)

    assert await guard.call(source) == "answer"


async def test_retry_after_replaces_our_own_wait() -> None:
    source = Source(*down(1, retry_after=0.3))
    began = time.monotonic()
    await Guard(pace_s=0, attempts=2, wait_s=0.01).call(source)

    assert 0.3 <= time.monotonic() - began < 1


async def test_calls_keep_their_distance() -> None:
    guard, source = Guard(pace_s=0.1), Source()
    began = time.monotonic()
    for _ in range(4):
        await guard.call(source)

    assert time.monotonic() - began >= 0.28
