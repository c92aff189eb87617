"""The guard: tries with patience, opens after failures, refuses at once, keeps its pace."""

import asyncio
import time
from itertools import pairwise

import pytest

from sync import resilience as module
from sync.errors import UpstreamRejectedError, UpstreamUnavailableError
from sync.progress import Progress
from sync.resilience import CircuitOpenError, Guard, RestingError


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


async def test_calls_keep_their_distance_and_vary_it(monkeypatch: pytest.MonkeyPatch) -> None:
    throws = iter([0.0, 1.0, 0.0, 0.0])
    monkeypatch.setattr(
        module._dice, "uniform", lambda low, high: low + next(throws) * (high - low)
    )
    guard, starts = Guard(pace_s=0.1), []

    async def note() -> None:
        starts.append(time.monotonic())

    for _ in range(4):
        await guard.call(note)

    gaps = [after - before for before, after in pairwise(starts)]
    assert min(gaps) >= 0.1
    assert gaps[1] >= 0.15


async def test_no_hour_has_more_calls_than_the_budget() -> None:
    guard, source = Guard(pace_s=0, per_hour=40), Source()
    for _ in range(10):  # a quarter may go at once
        await guard.call(source)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await guard.call(source)

    budget = guard._budget
    assert budget.max_rate + 3600 * budget.max_rate / budget.time_period <= 40


async def test_a_sick_endpoint_keeps_no_other_away() -> None:
    guard = Guard(pace_s=0, attempts=1, threshold=1, rest_s=60)
    with pytest.raises(UpstreamUnavailableError):
        await guard.call(Source(*down(1)), "media")
    with pytest.raises(CircuitOpenError):
        await guard.call(Source(), "media")

    assert await guard.call(Source(), "list") == "answer"
    assert circuit(guard, "media") == "opened"
    assert circuit(guard, "list") == "closed"


async def test_the_circuit_in_the_metrics_closes_again() -> None:
    guard = Guard(pace_s=0, attempts=1, threshold=1, rest_s=0.05)
    with pytest.raises(UpstreamUnavailableError):
        await guard.call(Source(*down(1)))
    await asyncio.sleep(0.1)
    await guard.call(Source())

    assert circuit(guard, "list") == "closed"


def circuit(guard: Guard, kind: str) -> str:
    (now,) = (
        sample.labels["state"]
        for sample in next(iter(guard.metrics.circuit.collect())).samples
        if sample.labels["kind"] == kind and sample.value
    )
    return now


async def test_what_the_source_asks_for_holds_for_every_kind_of_call() -> None:
    guard, other = Guard(pace_s=0, attempts=1), Source()
    with pytest.raises(UpstreamUnavailableError):
        await guard.call(Source(*down(1, retry_after=600)), "media")
    with pytest.raises(RestingError) as refused:
        await guard.call(other, "list")

    assert other.calls == 0
    assert refused.value.retry_after == pytest.approx(600, abs=1)


async def test_a_short_rest_that_the_source_asks_for_is_waited_for_by_every_kind() -> None:
    guard = Guard(pace_s=0, attempts=1)
    with pytest.raises(UpstreamUnavailableError):
        await guard.call(Source(*down(1, retry_after=0.2)), "media")
    began = time.monotonic()
    await guard.call(Source(), "list")

    assert 0.15 <= time.monotonic() - began < 1


async def test_others_go_while_a_call_waits_for_its_next_try() -> None:
    guard = Guard(pace_s=0, attempts=2, wait_s=30)
    waiting = asyncio.create_task(guard.call(Source(*down(1)), "media"))
    await asyncio.sleep(0.01)

    async with asyncio.timeout(1):
        assert await guard.call(Source(), "list") == "answer"
    waiting.cancel()


async def test_every_try_is_counted_by_what_came_of_it() -> None:
    guard = Guard(pace_s=0, attempts=2, wait_s=0.01)
    await guard.call(Source(*down(1)))
    with pytest.raises(UpstreamRejectedError):
        await guard.call(Source(UpstreamRejectedError("token", "401")))

    counted = {
        sample.labels["outcome"]: sample.value
        for sample in next(iter(guard.metrics.calls.collect())).samples
        if sample.labels["kind"] == "list" and sample.name.endswith("_total")
    }
    assert counted == {"ok": 1, "unavailable": 1, "token": 1}


def test_a_loop_is_stuck_when_it_is_at_work_and_nothing_gets_on() -> None:
    now = 0.0
    progress = Progress(clock=lambda: now)
    with progress.busy("lists"):
        now = 9.0
        assert progress.stuck(10) == []
        now = 11.0
        assert progress.stuck(10) == ["lists"]
        progress.step()
        now = 20.0
        assert progress.stuck(10) == []
        assert progress.age("lists") == 9
    now = 100.0
    assert progress.stuck(10) == []
