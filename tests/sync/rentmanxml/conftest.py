"""A folder of uploads, and the source that watches it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sync.rentmanxml.folder import Folder
from sync.rentmanxml.source import RentmanXml
from tests.sync.samples import NOON

SETTLE_S = 0.05
LIMIT = 100_000  # bytes


class Clock:
    """Wall time as the test wants it."""

    def __init__(self) -> None:
        self.now: float = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """Where uploads arrive."""
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(drop: Path, clock: Clock) -> Callable[[], RentmanXml]:
    """Makes a source as another process would find the folder."""

    def make() -> RentmanXml:
        made = RentmanXml(Folder(drop, SETTLE_S), LIMIT, clock)
        made.folder.open()
        made._shelf.open()
        return made

    return make


@pytest.fixture
def source(watching: Callable[[], RentmanXml]) -> RentmanXml:
    return watching()
