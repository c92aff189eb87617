"""How the source is called: one call at a time, paced, within a budget, retried with patience, and
left alone when it is down or asks for it.

stamina retries, purgatory breaks the circuits, aiolimiter keeps the budget; wired here and nowhere
else. Each kind of call has a circuit of its own, so that a sick media endpoint keeps no list away.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import stamina
import structlog
from aiolimiter import AsyncLimiter
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from sync.errors import UpstreamError, UpstreamRejectedError, UpstreamUnavailableError
from sync.metrics import Metrics
from sync.progress import Progress

T = TypeVar("T")
log = structlog.stdlib.get_logger("sync.resilience")
WAIT_MAX_S = 30.0  # within one call; a source that asks for more is left to the next pass
JITTER = 0.5  # of the pace, at most, on top of it
BURST = 4  # a quarter of the hour's calls may go at once ...
REFILL_S = 3600 / (BURST - 1)  # ... and the rest spread, so that no hour has more
_dice = random.SystemRandom()


class Guard:
    """Between two calls are `pace_s` at least; `per_hour` at most; each is tried `attempts` times.

    `threshold` failed calls of a kind in a row open its circuit for `rest_s` seconds.
    """

    def __init__(  # noqa: PLR0913 - one place for all the rules
        self,
        *,
        pace_s: float,
        per_hour: int = 1000,
        attempts: int = 3,
        wait_s: float = 1.0,
        threshold: int = 5,
        rest_s: float = 900.0,
        metrics: Metrics | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.metrics = metrics or Metrics()
        self.progress = progress or Progress()
        self._pace_s = pace_s
        self._budget = AsyncLimiter(per_hour / BURST, REFILL_S)
        self._attempts = attempts
        self._wait_s = wait_s
        self._one = asyncio.Lock()
        self._next_at = 0.0  # monotonic: the pace
        self._quiet_until = 0.0  # monotonic: the source asked not to be called before
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=threshold, default_ttl=rest_s, exclude=[UpstreamRejectedError]
        )
        self._breakers.add_listener(self._circuit_changed)

    async def call(self, send: Callable[[], Awaitable[T]], kind: str = "list") -> T:
        """The answer, or `UpstreamUnavailableError` once every try has failed."""
        self._respect(kind)
        try:
            async with await self._breakers.get_breaker(kind):
                return await self._patiently(send, kind)
        except OpenedState as error:
            self.metrics.calls.labels(kind, "circuit_open").inc()
            raise CircuitOpenError("the circuit is open after repeated failures") from error

    async def _patiently(self, send: Callable[[], Awaitable[T]], kind: str) -> T:
        async for attempt in stamina.retry_context(
            on=_patience,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._wait_s,
            wait_max=WAIT_MAX_S,
        ):
            with attempt:
                if attempt.num > 1:
                    self.metrics.retries.labels(kind).inc()
                async with self._one:  # held for one try: others may go while we wait for the next
                    await self._turn(kind)
                    return await self._try(send, kind)
        raise AssertionError("retry_context ends by returning or raising")

    async def _turn(self, kind: str) -> None:
        """Wait as long as politeness asks."""
        if asked := self._respect(kind):
            await self._waited("asked", asyncio.sleep(asked))
        await self._waited("budget", self._budget.acquire())
        if (pause := self._next_at - time.monotonic()) > 0:
            await self._waited("pace", asyncio.sleep(pause))

    def _respect(self, kind: str) -> float:
        """Seconds that the source asked for and that are left; an error when they are too many."""
        left = max(self._quiet_until - time.monotonic(), 0.0)
        if left > WAIT_MAX_S:
            self.metrics.calls.labels(kind, "asked_to_wait").inc()
            raise RestingError(f"it asked to be left alone for {left:.0f} s more", left)
        return left

    async def _waited(self, reason: str, wait: Awaitable[None]) -> None:
        began = time.monotonic()
        await wait
        self.metrics.waits.labels(reason).inc(time.monotonic() - began)

    async def _try(self, send: Callable[[], Awaitable[T]], kind: str) -> T:
        began, outcome = time.monotonic(), "cancelled"
        try:
            answer = await send()
        except UpstreamError as error:
            outcome = _outcome(error)
            log.info("call_failed", kind=kind, reason=str(error))
            if wait := getattr(error, "retry_after", None):
                self._quiet_until = time.monotonic() + wait
            raise
        else:
            outcome = "ok"
            return answer
        finally:
            self.progress.step()
            self.metrics.calls.labels(kind, outcome).inc()
            now = time.monotonic()
            self.metrics.call_seconds.labels(kind).observe(now - began)
            self._next_at = now + self._pace_s * _dice.uniform(1, 1 + JITTER)

    def _circuit_changed(self, kind: str, event: str, change: Any) -> None:
        if event == "state_changed":
            self.metrics.show_circuit(kind, change.state)
            tell = log.info if change.state == "closed" else log.warning
            tell("circuit", kind=kind, state=change.state)


class RestingError(UpstreamUnavailableError):
    """Not even asked: the source has said when it wants to be."""


class CircuitOpenError(UpstreamUnavailableError):
    """Not even asked: the source is resting."""


def _outcome(error: UpstreamError) -> str:
    return error.code if isinstance(error, UpstreamRejectedError) else "unavailable"


def _patience(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds when the source said so."""
    if not isinstance(error, UpstreamUnavailableError):
        return False
    if isinstance(error, RestingError | CircuitOpenError):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= WAIT_MAX_S else False
