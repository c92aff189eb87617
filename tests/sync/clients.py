"""Clients for tests, of services that answer as they are told."""

from collections.abc import Callable

import httpx

from snapshot.environment import Secret
from sync.rentman.client import Rentman
from sync.resilience import Guard
from tests.conftest import TOKEN

PAGE = 20  # rows; the simulated Rentman of these tests has 30


def answering(make: Callable[[], httpx.Response], guard: Guard) -> Rentman:
    transport = httpx.MockTransport(lambda _request: make())
    return Rentman("http://rentman.test", Secret(TOKEN), guard, timeout_s=0.2, transport=transport)
