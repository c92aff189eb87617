"""Parts of `sync` for the tests: a state database, a client of the simulated Rentman."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import redis
import redis.asyncio

from snapshot import Publisher
from snapshot.environment import Secret, read
from sync.cycle import Cycle
from sync.gallery import Gallery
from sync.media.studio import Studio
from sync.model import MediaName
from sync.publish import Press
from sync.render.images import Links
from sync.rentman.client import Rentman
from sync.rentman.normalise import listing
from sync.rentman.web import Web
from sync.resilience import Guard
from sync.settings import Settings
from sync.state.database import State
from tests.conftest import ROOT, TOKEN, Upstream, running, running_upstream
from tests.sync.postgres import Postgres, running_postgres
from tests.sync.presses import Clock, Watched, Works
from tests.sync.samples import NOON

BYTECODE = Path(tempfile.gettempdir()) / "rentman-edge-tests-bytecode"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(f"sqlite:///{tmp_path}/state.db")
    made.migrate()
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def brisk() -> Guard:
    """Two quick tries, no pace."""
    return Guard(pace_s=0, attempts=2, wait_s=0.01, threshold=50)


@pytest.fixture
async def make_client_of(brisk: Guard) -> AsyncIterator[Callable[..., Rentman]]:
    made: list[Rentman] = []

    def make(
        upstream: Upstream, guard: Guard = brisk, token: str = TOKEN, timeout_s: float = 5.0
    ) -> Rentman:
        made.append(Rentman(upstream.url, Secret(token), guard, timeout_s=timeout_s))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
def make_client(
    upstream: Upstream, make_client_of: Callable[..., Rentman]
) -> Callable[..., Rentman]:
    return partial(make_client_of, upstream)


@pytest.fixture
async def client(make_client: Callable[..., Rentman]) -> Rentman:
    """Has found the form of its token, so that faults meet the list itself."""
    found = make_client()
    await found.listings(20)
    return found


@pytest.fixture
async def cycle(
    pictureless: Upstream,
    make_client_of: Callable[[Upstream], Rentman],
    state: State,
    store: redis.asyncio.Redis,
    tmp_path: Path,
) -> AsyncIterator[Cycle]:
    source = Web(make_client_of(pictureless), 50)
    press = Press(Publisher(store), "writer", lambda: NOON)
    async with Studio(tmp_path / "media", profile="fast", workers=1) as studio:
        gallery = Gallery(source, studio, state, lambda: NOON)
        links = Links("https://homes.example")
        yield Cycle(source, state, press, gallery, links, clock=lambda: NOON)


@pytest.fixture(scope="module")
def photos(shared_upstream: Upstream) -> list[MediaName]:
    """First photos of the simulator's portfolio."""
    shared_upstream.heal()
    answer = httpx.get(
        f"{shared_upstream.url}/propertyadvertising.php",
        params={"limit": 200, "page": 1, "noimage": 1},
        headers={"token": TOKEN},
    )
    rows = [row for row in answer.json() if str(row.get("photo1", "")).strip().endswith(".jpg")]
    found = [listing(row)[0].media for row in rows if float(row.get("rentmonth") or 0)]
    return [media[0] for media in found if media][:4]


@pytest.fixture
async def gallery(
    client: Rentman, state: State, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gallery]:
    shared: Path = tmp_path_factory.getbasetemp() / "pictures"
    async with Studio(shared, profile="fast", workers=1) as studio:
        yield Gallery(Web(client, 50), studio, state, lambda: NOON)


@pytest.fixture
def works(store: redis.asyncio.Redis) -> Works:
    publisher, clock = Watched(store), Clock()
    return Works(Press(publisher, "writer", clock), publisher, clock, store)


@dataclass
class Installation:
    """`python -m sync` with its own media, state and, when asked, store."""

    directory: Path
    environ: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-W", "error", "-m", "sync", *words]

    def sync(self, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words),
            env=os.environ | self.environ | changes,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    def once(self, **changes: str) -> tuple[int, Any]:
        """Exit code and report of `once --json`."""
        done = self.sync("once", "--json", **changes)
        assert "Traceback" not in done.stderr, done.stderr
        (line,) = done.stdout.splitlines()
        return done.returncode, msgspec.json.decode(line)

    @contextlib.contextmanager
    def daemon(self, log: Path | None = None) -> "Iterator[subprocess.Popen[bytes]]":
        with running(self.command("run"), self.environ, log) as process:
            yield process

    @property
    def settings(self) -> Settings:
        return read(Settings, "SYNC_", self.environ)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """A simulated Rentman with few listings, which tests may change."""
    with running_upstream(tmp_path_factory.mktemp("few"), "--listings", "8") as upstream:
        yield upstream


@pytest.fixture
def pictureless(few: Upstream) -> Upstream:
    """Healthy, but it has none of the files that its listings name: passes are quick."""
    few.heal()
    few.fault("F13")
    return few


@pytest.fixture
def installation(tmp_path: Path, pictureless: Upstream, valkey_url: str) -> Installation:
    """A fresh one, on an empty store."""
    redis.Redis.from_url(valkey_url).flushall()
    return installed(tmp_path, pictureless, valkey_url)


def installed(directory: Path, upstream: Upstream, redis_url: str) -> Installation:
    environ = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(BYTECODE),  # compiled once for all the processes of the tests
        "SYNC_RENTMAN_URL": upstream.url,
        "SYNC_RENTMAN_TOKEN": TOKEN,
        "SYNC_REDIS_URL": redis_url,
        "SYNC_DATABASE_URL": f"sqlite:///{directory}/sync.db",
        "SYNC_MEDIA_DIR": str(directory / "media"),
        "SYNC_PUBLIC_URL": "https://homes.example",
        "SYNC_PACE_S": "0",
        "SYNC_CALLS_PER_HOUR": "1000000",
        "SYNC_PICTURE_PROFILE": "fast",
        "SYNC_PICTURE_WORKERS": "1",
    }
    return Installation(directory, environ)
