"""One writer at a time: whoever works renews its lease meanwhile, and stops when it has lost it."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

import pytest
import redis
import redis.asyncio

from snapshot import LeaseLostError, Publisher, StoreUnavailableError, keys
from sync.publish import Press
from sync.tenure import Tenure, as_writer
from tests.conftest import Upstream, eventually
from tests.sync.conftest import Installation
from tests.sync.presses import site
from tests.sync.samples import NOON

LEASE_S = 0.3


class Slow(Publisher):
    """A real publisher that takes longer to send than a lease lasts."""

    async def send(self, objects: Mapping[str, bytes]) -> None:
        await asyncio.sleep(3 * LEASE_S)
        await super().send(objects)


def press(client: redis.asyncio.Redis, owner: str, kind: type[Publisher] = Publisher) -> Press:
    return Press(kind(client), owner, lambda: NOON, lease_s=LEASE_S)


async def takes_it(other: Press) -> None:
    """Compete for the lease until it can be had."""
    while True:
        with contextlib.suppress(LeaseLostError):
            await other.hold_lease()
            return
        await asyncio.sleep(LEASE_S / 10)


async def test_a_publish_longer_than_the_lease_does_not_lose_it(
    store: redis.asyncio.Redis,
) -> None:
    ours = press(store, "ours", Slow)
    rival = asyncio.create_task(takes_it(press(store, "theirs")))

    made = await as_writer(ours, lambda: ours.publish(site("1"), "test", ""))

    assert made is not None
    await rival  # the lease was let go of at the end, and not before
    assert await ours.current() == 1


async def test_without_renewal_it_is_refused_by_the_fencing_token(
    store: redis.asyncio.Redis,
) -> None:
    ours, theirs = press(store, "ours", Slow), press(store, "theirs")
    rival = asyncio.create_task(takes_it(theirs))

    with pytest.raises(LeaseLostError):
        await ours.publish(site("1"), "test", "")

    await rival
    assert await ours.current() == 0


async def test_who_lost_the_lease_and_has_it_again_publishes_nothing_of_before(
    store: redis.asyncio.Redis,
) -> None:
    ours, theirs = press(store, "ours", Slow), press(store, "theirs")
    publishing = asyncio.create_task(ours.publish(site("1"), "test", ""))
    await takes_it(theirs)
    await theirs.release()
    await ours.hold_lease()

    with pytest.raises(LeaseLostError):
        await publishing
    assert await ours.current() == 0


async def test_work_ends_when_another_has_become_the_writer(store: redis.asyncio.Redis) -> None:
    ours, ended = press(store, "ours"), asyncio.Event()

    async def work() -> None:
        await store.set(keys.LEASE, "theirs/9")
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(LeaseLostError, match="another may be the writer"):
        await as_writer(ours, work)
    assert ended.is_set()
    assert await store.get(keys.LEASE) == b"theirs/9"


async def test_what_work_raises_is_what_its_caller_hears(store: redis.asyncio.Redis) -> None:
    async def work() -> None:
        raise StoreUnavailableError("gone")

    with pytest.raises(StoreUnavailableError, match="gone"):
        await as_writer(press(store, "ours"), work)
    assert not await store.exists(keys.LEASE)


class Hung(Publisher):
    """A store that takes what it is sent and never answers."""

    async def renew(self, *_: object) -> None:
        await asyncio.sleep(60)


async def test_a_store_that_hangs_ends_the_tenure_with_the_lease(
    store: redis.asyncio.Redis,
) -> None:
    tenure = Tenure(press(store, "ours", Hung))
    await tenure.renew()
    assert tenure.writing.is_set()

    with pytest.raises(StoreUnavailableError):
        await tenure.renew()
    tenure.expire()
    assert tenure.writing.is_set()  # a third of the lease's time has passed
    await asyncio.sleep(LEASE_S)
    tenure.expire()
    assert not tenure.writing.is_set()


async def test_who_was_asleep_for_longer_than_the_lease_begins_a_new_term(
    store: redis.asyncio.Redis,
) -> None:
    tenure = Tenure(press(store, "ours"))
    await tenure.renew()
    working = asyncio.create_task(tenure.idle.wait())
    await asyncio.sleep(1.2 * LEASE_S)

    assert await tenure.renew()
    assert await working  # whatever was under way is given up
    assert tenure.terms == 2


def test_a_daemon_that_loses_the_lease_fetches_no_further_picture(
    installation: Installation, pictureless: Upstream, valkey_url: str, tmp_path: Path
) -> None:
    pictureless.heal()
    pictureless.fault("F14")  # no time is spent on making pictures
    pictureless.admin.post("/admin/settings", json={"media_latency": 0.2}).raise_for_status()
    log = tmp_path / "log"
    try:
        with redis.Redis.from_url(valkey_url) as client, installation.daemon(log):
            eventually(lambda: media_calls(pictureless) > 2)
            client.set(keys.LEASE, "another/99")
            eventually(lambda: "standing_by" in log.read_text())
            before = media_calls(pictureless)
            with pytest.raises(pytest.fail.Exception):  # never more than the one under way
                eventually(lambda: media_calls(pictureless) > before + 1, 1.5)

            client.delete(keys.LEASE)
            eventually(lambda: media_calls(pictureless) > before + 1)
    finally:
        pictureless.admin.post("/admin/settings", json={"media_latency": 0})


def media_calls(upstream: Upstream) -> int:
    return int(upstream.admin.get("/admin/state").json()["requests"]["media"]["calls"])
