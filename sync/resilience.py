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
WAIT_MAX_S = 30.0  # within one call; a source that asks for more is left to the next pass


class Guard:
    """Calls go out at least `pace_s` apart, each tried `attempts` times.

    `threshold` failed calls in a row open the circuit for `rest_s` seconds.
    """

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
        try:
            async with await self._breakers.get_breaker(CIRCUIT):
                return await self._patiently(send)
        except OpenedState as error:
            raise CircuitOpenError("the circuit is open after repeated failures") from error

    async def _patiently(self, send: Callable[[], Awaitable[T]]) -> T:
        async for attempt in stamina.retry_context(
            on=_patience,
            attempts=self._attempts,
            timeout=None,
            wait_initial=self._wait_s,
            wait_max=WAIT_MAX_S,
        ):
            with attempt:
                if self._limiter is not None:
                    await self._limiter.acquire()
                return await send()
        raise AssertionError("retry_context ends by returning or raising")


class CircuitOpenError(UpstreamUnavailableError):
    """Not even asked: the source is resting."""


def _patience(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds when the source said so."""
    if not isinstance(error, UpstreamUnavailableError) or isinstance(error, CircuitOpenError):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= WAIT_MAX_S else False
