"""`python -m sync run` as a real process: it stops at once, leaves nothing behind, and heals."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
import redis

from snapshot import keys
from sync.commands import remembered
from sync.daemon import HEAL_S
from tests.conftest import Upstream, eventually, running_valkey
from tests.sync.conftest import Installation, installed


def generation(redis_url: str) -> int:
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        return int(client.hget(keys.POINTER, "generation") or 0)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_sigterm_ends_it_quickly_with_zero_and_leaves_no_child(
    installation: Installation, pictureless: Upstream, valkey_url: str
) -> None:
    pictureless.heal()
    with installation.daemon() as process:
        eventually(lambda: children(process.pid))  # a picture is being made
        workers = children(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
        assert time.monotonic() - began < 3
    eventually(lambda: not any(map(alive, workers)), 3)
    assert generation(valkey_url) >= 1
    assert not redis.Redis.from_url(valkey_url).exists(keys.LEASE)


def test_after_kill_nine_a_restart_carries_on(
    installation: Installation, pictureless: Upstream, valkey_url: str
) -> None:
    pictureless.heal()
    with installation.daemon() as process:
        eventually(lambda: children(process.pid))
        workers = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(5)
    eventually(lambda: not any(map(alive, workers)), 5)
    pictureless.fault("F13")
    pictureless.life("price_cut")
    before = generation(valkey_url)

    with installation.daemon():
        eventually(lambda: generation(valkey_url) > before, 15)
        assert installation.sync("verify").returncode == 0
        refused = installation.sync("once")
    assert "another sync is at work" in refused.stderr


def test_a_store_that_comes_back_empty_is_filled_within_seconds_under_a_higher_number(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, pictureless: Upstream
) -> None:
    place = tmp_path_factory.mktemp("d")
    log = tmp_path / "daemon.log"
    with contextlib.ExitStack() as stack:
        with running_valkey(place) as url:
            stack.enter_context(installed(tmp_path, pictureless, url).daemon(log))
            before = eventually(lambda: generation(url))
        with running_valkey(place):
            began = time.monotonic()
            after = eventually(lambda: generation(url), 15)
            assert time.monotonic() - began < 12
            assert after > before
    assert "Traceback" not in log.read_text()
    assert log.read_text().count("StoreUnavailableError") < 10


def test_a_source_that_is_away_at_the_start_is_waited_for(
    installation: Installation, pictureless: Upstream, valkey_url: str, tmp_path: Path
) -> None:
    pictureless.fault("F1")
    installation.environ["SYNC_INTERVAL_S"] = "0.5"
    with installation.daemon(tmp_path / "daemon.log"):
        eventually(lambda: b"not_an_array" in (tmp_path / "daemon.log").read_bytes())
        assert generation(valkey_url) == 0
        pictureless.admin.delete("/admin/faults", params={"mode": "F1"})
        eventually(lambda: generation(valkey_url) == 1)


def test_sigterm_ends_it_quickly_while_the_source_hangs(
    installation: Installation, pictureless: Upstream, valkey_url: str
) -> None:
    pictureless.fault("F6")
    pictureless.admin.delete("/admin/requests")
    with installation.daemon() as process:
        eventually(lambda: requests(pictureless)["in_flight"])
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
        assert time.monotonic() - began < 3
    assert not redis.Redis.from_url(valkey_url).exists(keys.LEASE)


def test_of_two_daemons_one_works_and_the_other_takes_over_when_it_is_killed(
    tmp_path: Path, pictureless: Upstream, installation: Installation, valkey_url: str
) -> None:
    other = installed(tmp_path / "other", pictureless, valkey_url)
    other.directory.mkdir()
    for each in (installation, other):
        each.environ |= {"SYNC_LEASE_S": "3", "SYNC_INTERVAL_S": "0.5"}
    log = tmp_path / "other.log"
    with installation.daemon() as first, other.daemon(log) as second:
        eventually(lambda: generation(valkey_url))
        owner = writer(valkey_url)
        eventually(lambda: b"standing_by" in log.read_bytes() or owner in log.read_text())
        victim, heir = (second, first) if owner in log.read_text() else (first, second)
        pictureless.life("price_cut")
        eventually(lambda: generation(valkey_url) > 1)
        assert writer(valkey_url) == owner

        os.kill(victim.pid, signal.SIGKILL)
        victim.wait(5)
        before = generation(valkey_url)
        pictureless.life("price_cut")
        eventually(lambda: generation(valkey_url) > before, 10)  # the lease, and a pass

        assert writer(valkey_url) != owner
        assert heir.poll() is None


def test_the_one_that_stands_by_asks_the_source_nothing(
    installation: Installation, pictureless: Upstream, valkey_url: str, tmp_path: Path
) -> None:
    redis.Redis.from_url(valkey_url).set(keys.LEASE, "another/1")
    pictureless.admin.delete("/admin/requests")
    log = tmp_path / "daemon.log"
    with installation.daemon(log):
        eventually(lambda: b"standing_by" in log.read_bytes())
        assert requests(pictureless)["calls"] == 0
        redis.Redis.from_url(valkey_url).delete(keys.LEASE)
        eventually(lambda: generation(valkey_url) == 1)


async def test_an_operator_s_word_on_a_held_list_is_noticed_within_seconds(
    installation: Installation, pictureless: Upstream, tmp_path: Path
) -> None:
    installation.once()
    pictureless.fault("F3")
    log = tmp_path / "daemon.log"
    with installation.daemon(log):
        eventually(lambda: b'"held"' in log.read_bytes())
        await remembered.confirm(installation.settings)
        eventually(lambda: b'"unchanged"' in log.read_bytes(), 10)  # homes stay for one more list


def test_a_list_that_is_held_is_not_asked_for_again_before_the_interval_is_over(
    installation: Installation, pictureless: Upstream, tmp_path: Path
) -> None:
    """The hold that a pass makes is no operator's word, for which the wait would end."""
    installation.once()
    pictureless.fault("F3")
    installation.environ["SYNC_INTERVAL_S"] = "900"
    log = tmp_path / "daemon.log"
    with installation.daemon(log):
        eventually(lambda: b'"held"' in log.read_bytes())
        before = requests(pictureless)["calls"]
        time.sleep(2.5 * HEAL_S)

        assert requests(pictureless)["calls"] == before


def requests(upstream: Upstream) -> dict[str, int]:
    return dict(upstream.admin.get("/admin/state").json()["requests"]["all"])


def writer(redis_url: str) -> str:
    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        held = client.get(keys.LEASE)
    return held.decode().rpartition("/")[0] if isinstance(held, bytes) else ""
