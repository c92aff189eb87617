"""Studios for the tests: a fresh one, and one per module where a table of pictures goes through."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sync.media.studio import Studio


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with Studio(tmp_path / "media", profile="fast", workers=2) as studio:
        yield studio


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_studio(shared_root: Path) -> AsyncIterator[Studio]:
    async with Studio(shared_root, profile="fast", workers=1, deadline_s=10.0) as studio:
        yield studio
