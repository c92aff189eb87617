"""A pass may die anywhere: the next one finds everything, and nothing is there twice.

For every n, a real pass is killed by SIGKILL just before its n-th effect on the outside, and
another one is made. What is left must be what one undisturbed pass leaves, or what two leave: the
killed one either has not been, or has been whole.
"""

from collections.abc import Iterator

import pytest
import redis

from tests.conftest import Upstream, running_upstream
from tests.sync.conftest import Installation, installed
from tests.sync.crash.world import Kept, World
from tests.sync.postgres import Postgres
from tests.sync.samples import NOON

FIRST, KILLED, AGAIN = NOON, NOON + 900, NOON + 1800
CHANGES = ("price_cut", "under_offer", "withdrawn", "new_listing")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """A few homes, answered at once."""
    with running_upstream(tmp_path_factory.mktemp("source"), "--listings", "4") as upstream:
        manner = {"list_latency": 0, "media_latency": 0}
        upstream.admin.post("/admin/settings", json=manner).raise_for_status()
        yield upstream


@pytest.fixture(scope="module")
def installation(
    source: Upstream, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    return installed(tmp_path_factory.mktemp("i"), source, valkey_url)


@pytest.fixture(scope="module")
def valkey(valkey_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_url) as client:
        yield client


@pytest.fixture(scope="module")
def base(source: Upstream, installation: Installation, valkey: redis.Redis) -> Kept:
    """A published site whose source has changed since; no file is wanted, for none was there."""
    source.fault("F13")
    valkey.flushall()
    world = World(installation, valkey)
    world.migrate()  # in one transaction, which has its own tests
    world.run(FIRST)
    published = world.keep()
    for event in CHANGES:
        source.life(event)
    world.run(FIRST)
    return published.but(medium=world.keep().tables["medium"])


@pytest.fixture
def world(base: Kept, source: Upstream, installation: Installation, valkey: redis.Redis) -> World:
    source.heal()
    made = World(installation, valkey)
    made.restore(base)
    return made


@pytest.fixture
def world_on_postgres(world: World, base: Kept, postgres: Postgres) -> Iterator[World]:
    name = postgres.create()
    environ = world.installation.environ | {"SYNC_DATABASE_URL": postgres.url(name)}
    made = World(Installation(world.installation.directory, environ), world.store)
    made.migrate()
    made.restore(base)
    yield made
    postgres.drop(name)


def die_everywhere(world: World, since: int = 1, times: int | None = None) -> None:
    """Kill a pass at each of its effects; or `times` from a later one, when the list is in."""
    kept, before = world.keep(), world.look()
    world.run(AGAIN)
    one = world.look()
    world.restore(kept)
    effects = world.run(KILLED)
    whole = world.look()
    world.run(AGAIN)
    two = world.look()
    seen: list[Kept] = []
    found = None
    for fatal in range(1, effects + 1)[since - 1 :][:times]:
        if found != kept:
            world.restore(kept)
        assert world.run(KILLED, fatal) == -1
        if (found := world.keep()) in seen:
            continue  # the same world again would only have the same future
        seen.append(found)
        found, left = None, world.look()
        world.run(AGAIN)
        after = world.look()
        assert since > 1 or left.pages in (before.pages, whole.pages), fatal
        assert (after.rows, after.pages) in ((one.rows, one.pages), (two.rows, two.pages)), fatal
        assert before.generation <= left.generation <= after.generation <= two.generation + 1
        assert before.runs < after.runs <= two.runs, fatal
    assert effects > since + 10
    assert len(seen) > 4


def test_a_pass_with_changes(world: World) -> None:
    die_everywhere(world)


def test_a_pass_with_changes_on_postgresql(world_on_postgres: World) -> None:
    die_everywhere(world_on_postgres)


def test_the_first_pass_of_all(world: World, base: Kept) -> None:
    known = {"medium": base.tables["medium"]}
    known["note"] = [row for row in base.tables["note"] if row["name"] == "writer"]
    world.restore(Kept({name: known.get(name, []) for name in base.tables}, {}, []))

    die_everywhere(world)


def test_a_list_that_is_held(world: World, source: Upstream) -> None:
    source.fault("F3")

    die_everywhere(world)


def test_a_list_that_an_operator_let_in(world: World, source: Upstream) -> None:
    source.fault("F3")
    world.run(FIRST)
    with world.state() as state:
        state.confirm(by="operator", now=FIRST)

    die_everywhere(world)


def test_a_picture_on_its_way(world: World) -> None:
    world.run(FIRST)
    kept = world.keep()
    listed = world.run(FIRST)
    known = kept.tables["medium"]
    (wanted, *_) = (row for row in known if row["filename"].endswith(".jpg"))
    world.restore(kept.but(medium=[row for row in known if row != wanted]))

    die_everywhere(world, since=listed, times=6)
