"""The contract holds on both kinds of store."""

import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import running_valkey


@pytest.fixture(scope="session", params=["valkey", "redis"])
def valkey_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    server = shutil.which("redis-server") if request.param == "redis" else ""
    assert server is not None, "Redis 7 is needed: deploy/debian.sh installs it"
    with running_valkey(tmp_path_factory.mktemp("v"), server=server) as url:
        yield url
