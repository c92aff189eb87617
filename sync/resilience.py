"""How the source is called: paced, retried with patience, and left alone when it is down.

stamina retries, purgatory breaks the circuit, aiolimiter spaces the calls; wired here and nowhere
else.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
from aiolimiter import AsyncLimiter
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from sync.errors import UpstreamRejectedError, UpstreamUnavailableError

T = TypeVar("T")
CIRCUIT = "rentman"


class Guard:
    """Calls go out at least `pace_s` apart; `attempts` tries each; `threshold` failures open."""

    def __init__(
        self,
        *,
        pace_s: float,
        attempts: int = 3,
        wait_s: float = 1.0,
        threshold: int = 5,
        rest_s: float = 900.0,
    ) -> None:
        self._limiter = AsyncLimiter(1, pace_s) if pace_s else None
        self._attempts = attempts
        self._wait_s = wait_s
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=threshold, default_ttl=rest_s, exclude=[UpstreamRejectedError]
        )

    async def call(self, send: Callable[[], Awaitable[T]]) -> T:
        """The answer, or `UpstreamUnavailableError` once every try has failed."""
        async for attempt in stamina.retry_context(
            on=_patience,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._wait_s,
            wait_max=30.0,
        ):
            with attempt:
                return await self._once(send)
        raise AssertionError("retry_context ends by returning or raising")

    async def _once(self, send: Callable[[], Awaitable[T]]) -> T:
        if self._limiter is not None:
            await self._limiter.acquire()
        try:
            async with await self._breakers.get_breaker(CIRCUIT):
                return await send()
        except OpenedState as error:
            raise CircuitOpenError("the circuit is open after repeated failures") from error


class CircuitOpenError(UpstreamUnavailableError):
    """Not even asked: the source is resting."""


def _patience(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds when the source said so."""
    if not isinstance(error, UpstreamUnavailableError) or isinstance(error, CircuitOpenError):
        return False
    return error.retry_after if error.retry_after is not None else True
