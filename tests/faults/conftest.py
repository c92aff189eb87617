"""One stack for the whole suite, whole again before each test; it is made anew if it is not."""

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from bench.reliability.__main__ import LINES
from tests.conftest import eventually
from tests.faults.site import HEALS_S, Site, running_site


@pytest.fixture(scope="session", autouse=True)
def lines() -> None:
    """Each run leaves its own."""
    LINES.unlink(missing_ok=True)


@dataclass
class Ground:
    """Where sites stand, one at a time."""

    factory: pytest.TempPathFactory
    stack: contextlib.ExitStack
    site: Site | None = None

    def whole(self) -> Site:
        if self.site is not None and not self._heals(self.site):
            self.clear()
        if self.site is None:
            self.site = self.stack.enter_context(running_site(self.factory.mktemp("f")))
        return self.site

    def _heals(self, site: Site) -> bool:
        try:
            site.calm()
            eventually(lambda: site.ids() >= set(site.homes), HEALS_S)
            if not site.proven:
                eventually(site.news().arrived, HEALS_S)
        except (AssertionError, httpx.HTTPError, pytest.fail.Exception):
            return False
        return True

    def clear(self) -> None:
        self.stack.close()
        self.site = None


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with contextlib.ExitStack() as stack:
        yield Ground(tmp_path_factory, stack)


@pytest.fixture
def site(ground: Ground) -> Site:
    """All is well with it."""
    whole = ground.whole()
    gc.collect()
    return whole
