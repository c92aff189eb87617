"""Redis is never asked by a visitor's request, so nothing that happens to it is seen by one."""

import time

import pytest

from tests.conftest import eventually
from tests.faults.site import Site
from tests.faults.trial import trial

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]
HOLD_S = 2.0
SILENT_S = 6.0  # past the time that a client waits for a silent store
SPOILED = {
    "refused": "refuse",
    "reset": "reset",
    "hung": "hang",
    "one-way": "half",
    "slow": "slow",
    "cut": "cut",
    "garbage": "garbage",
}


@pytest.mark.parametrize(
    "name",
    [
        name if name == "refused" else pytest.param(name, marks=pytest.mark.long)
        for name in SPOILED
    ],
)
def test_a_way_to_the_store_that_is(site: Site, name: str) -> None:
    with trial(site, f"store {name}") as going:
        site.all_ways(SPOILED[name])
        going.hold(SILENT_S if name in ("hung", "one-way") else HOLD_S)
        site.all_ways("pass")
        going.healed()
        going.recovered()


def test_one_edge_that_is_cut_off_follows_the_other_s_files(site: Site) -> None:
    """Or visitors would be sent from one generation to another, for as long as it lasts."""
    with trial(site, "store cut off from one edge") as going:
        site.ways["edge-1"].set("hang")
        going.hold(HOLD_S)
        eventually(going.news[0].arrived, 10)
        time.sleep(1)
        site.all_ways("pass")
        going.healed()
        going.recovered()


@pytest.mark.long
def test_a_store_that_is_frozen(site: Site) -> None:
    with trial(site, "store frozen") as going:
        site.parts["valkey"].freeze()
        going.hold(HOLD_S)
        site.parts["valkey"].thaw()
        going.healed()
        going.recovered()


def test_a_store_that_is_killed_and_comes_back_empty(site: Site) -> None:
    before = site.generation()
    with trial(site, "store killed") as going:
        site.parts["valkey"].down()
        going.hold(HOLD_S)
        site.parts["valkey"].start()
        going.healed()
        going.recovered()
    assert site.generation() > before
    assert site.verified()


@pytest.mark.long
def test_a_store_that_is_read_only(site: Site) -> None:
    with trial(site, "store read-only") as going, site.store as client:
        client.replicaof("127.0.0.1", "1")
        going.hold(HOLD_S)
        client.replicaof("NO", "ONE")
        going.healed()
        going.recovered()


@pytest.mark.long
def test_a_store_that_is_full(site: Site) -> None:
    with trial(site, "store full") as going, site.store as client:
        client.config_set("maxmemory", 1)
        going.hold(HOLD_S)
        client.config_set("maxmemory", 0)
        going.healed()
        going.recovered()


@pytest.mark.long
def test_a_store_that_evicts_what_is_published(site: Site) -> None:
    with trial(site, "store evicting") as going, site.store as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", 1)
        going.hold(HOLD_S)
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
        going.healed()
        going.recovered()
    assert site.verified()


@pytest.mark.long
def test_a_store_that_is_flushed(site: Site) -> None:
    with trial(site, "store flushed") as going, site.store as client:
        client.flushall()
        going.hold(HOLD_S)
        going.healed()
        going.recovered()
    assert site.verified()


@pytest.mark.long
def test_a_failover_to_a_primary_that_is_generations_behind(site: Site) -> None:
    """What the old one had is put back under the feet of all: nobody follows it down."""
    with site.store as client:
        old = {name: client.dump(name) for name in client.scan_iter("{edge}:*")}
        behind = site.stored()
        for _ in range(3):
            eventually(site.news().arrived)
        assert site.stored() >= behind + 3
        with trial(site, "store failed over") as going:
            site.all_ways("reset")
            client.flushall()
            for name, value in old.items():
                client.restore(name, 0, value)
            site.all_ways("pass")
            going.healed()
            going.hold(HOLD_S)
            going.recovered()
    assert site.stored() > behind + 3


@pytest.mark.long
def test_a_store_that_cannot_save_and_refuses_writes(site: Site) -> None:
    """As when its disk is full."""
    with trial(site, "store disk full") as going, site.store as client:
        client.config_set("dir", "/proc/self")
        client.config_set("save", "1 1")
        client.set("x", "y")
        eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
        going.hold(HOLD_S)
        client.config_set("save", "")
        client.config_set("dir", str(site.directory / "valkey"))
        going.healed()
        going.recovered()
