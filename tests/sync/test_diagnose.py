"""`diagnose` against real faults: it names the part, and says what to do."""

import http.server
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import redis

from snapshot import keys
from sync.commands.diagnose import findings_of
from sync.diagnose import machine
from sync.diagnose.finding import Finding, clock
from tests.conftest import Upstream, free_port, running_valkey
from tests.sync.conftest import Installation, installed


@pytest.fixture
def own(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, pictureless: Upstream
) -> Iterator[Installation]:
    """An installation with a store to break."""
    with running_valkey(tmp_path_factory.mktemp("v"), "--appendonly", "yes") as url:
        made = installed(tmp_path, pictureless, url)
        made.environ |= {"SYNC_CONTACT": "webmaster@homes.example", "SYNC_INTERVAL_S": "900"}
        yield made


@pytest.fixture
def store(own: Installation) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(own.environ["SYNC_REDIS_URL"]) as client:
        yield client


async def found(at: Installation, **changes: str) -> dict[str, Finding]:
    at.environ |= changes
    return {finding.name: finding for finding in await findings_of(at.settings)}


def statuses(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.status for name, finding in findings.items()}


def test_a_sound_installation_is_ok_but_for_its_writer(own: Installation) -> None:
    own.once()
    done = own.sync("diagnose", "--json")

    document = msgspec.json.decode(done.stdout)
    assert (done.returncode, document["ok"]) == (0, True)
    told = {finding["name"]: finding["status"] for finding in document["findings"]}
    parts = {"token", "list", "media", "clock: Rentman", "clock: redis", "redis", "database"}
    parts |= {"settings", "media directory", "database disk", "redis: eviction"}
    assert parts <= told.keys()
    assert {name for name, status in told.items() if status != "ok"} == {
        "media",  # this source has none of its files
        "snapshot: writer",
    }


def test_a_fault_exits_1_and_says_what_to_do(own: Installation) -> None:
    done = own.sync("diagnose", SYNC_RENTMAN_TOKEN="wrong%2Btoken")

    assert done.returncode == 1
    assert (
        "fail token: token: /propertyadvertising.php: HTTP 401\n     Set SYNC_REN" in done.stdout
    )
    assert "fail snapshot: nothing is published" in done.stdout
    assert "wrong" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("taken", "form"),
    [
        ("header-raw", "header as issued"),
        ("header-decoded", "header decoded"),
        ("query", "query"),
    ],
)
async def test_it_tells_which_form_of_the_token_works(
    own: Installation, pictureless: Upstream, taken: str, form: str
) -> None:
    pictureless.admin.post("/admin/settings", json={"token_form": taken})
    try:
        assert (await found(own))["token"].detail == f"accepted: {form}"
    finally:
        pictureless.admin.post("/admin/settings", json={"token_form": "any"})


async def test_pages_instead_of_data(own: Installation, pictureless: Upstream) -> None:
    pictureless.fault("F1", after=1)

    finding = (await found(own))["list"]

    assert (finding.status, "a page instead of data" in finding.advice) == ("fail", True)


async def test_rows_that_cannot_be_used(own: Installation, pictureless: Upstream) -> None:
    ref = pictureless.life("price_cut")["propref"]
    pictureless.fault("F19", variant="unknown", propref=ref)

    finding = (await found(own))["list"]

    assert (finding.status, "1 of them unusable" in finding.detail) == ("warn", True)


@pytest.mark.parametrize(("variant", "reason"), [("html", "type:html"), ("text", "type:text")])
async def test_a_file_that_is_no_picture(
    own: Installation, pictureless: Upstream, variant: str, reason: str
) -> None:
    pictureless.heal()
    pictureless.fault("F14", variant=variant)

    finding = (await found(own))["media"]

    assert (finding.status, finding.detail.endswith(f": {reason}")) == ("warn", True)


async def test_a_picture(own: Installation, pictureless: Upstream) -> None:
    pictureless.heal()

    finding = (await found(own))["media"]

    assert (finding.status, "bytes of jpeg" in finding.detail) == ("ok", True)


async def test_rentman_away(own: Installation) -> None:
    findings = await found(own, SYNC_RENTMAN_URL=f"http://127.0.0.1:{free_port()}")

    assert findings["token"].status == "fail"
    assert "firewall" in findings["token"].advice
    assert "list" not in findings


async def test_redis_down(own: Installation) -> None:
    findings = await found(own, SYNC_REDIS_URL="unix:///nowhere/v.sock")

    assert (findings["redis"].status, findings["database"].status) == ("fail", "warn")
    assert "Start Redis" in findings["redis"].advice


async def test_redis_full(own: Installation, store: redis.Redis) -> None:
    store.config_set("maxmemory", 1)

    findings = await found(own)

    assert findings["redis: writes"].status == "fail"
    assert "raise maxmemory" in findings["redis: writes"].advice
    assert findings["redis: memory"].status == "warn"


async def test_redis_read_only(own: Installation, store: redis.Redis) -> None:
    store.replicaof("127.0.0.1", free_port())

    finding = (await found(own))["redis: writes"]

    assert (finding.status, "primary" in finding.advice) == ("fail", True)


@pytest.mark.parametrize(
    ("policy", "status"), [("allkeys-lru", "fail"), ("volatile-ttl", "warn"), ("noeviction", "ok")]
)
async def test_an_eviction_policy_that_would_forget_the_site(
    own: Installation, store: redis.Redis, policy: str, status: str
) -> None:
    store.config_set("maxmemory-policy", policy)

    assert (await found(own))["redis: eviction"].status == status


async def test_a_store_that_keeps_nothing_on_disk(own: Installation, store: redis.Redis) -> None:
    store.config_set("appendonly", "no")
    assert (await found(own))["redis: persistence"].status == "warn"
    store.config_set("save", "60 1")
    assert (await found(own))["redis: persistence"].detail == "rdb"


async def test_a_store_that_keeps_its_configuration_to_itself(
    own: Installation, store: redis.Redis
) -> None:
    store.acl_setuser("sync", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-config"])
    url = own.environ["SYNC_REDIS_URL"].replace("unix://", "unix://sync:any@")

    assert (await found(own, SYNC_REDIS_URL=url))["redis: persistence"].detail == "aof"


@pytest.mark.parametrize(("free", "status"), [(1e8, "fail"), (1e9, "warn"), (1e10, "ok")])
async def test_a_disk_that_fills(
    own: Installation, monkeypatch: pytest.MonkeyPatch, free: float, status: str
) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda _: free)
    own.settings.media_dir.mkdir()

    findings = await found(own)

    assert {findings[name].status for name in ("media directory", "database disk")} == {status}


async def test_a_published_site_with_a_hole_pinned_and_old(
    own: Installation, store: redis.Redis
) -> None:
    own.once()
    store.hdel(keys.ENTRIES, store.hkeys(keys.ENTRIES)[0])
    store.set(keys.PIN, "rollback to 1")
    store.set(keys.SOURCE, b'{"checked_at":"","checked_at_s":1,"outcome":"failed"}')
    store.set(keys.LEASE, "there:abc/7")

    findings = await found(own)

    assert findings["snapshot"].detail.endswith("1 objects are missing")
    assert (
        statuses(findings).items()
        >= {
            "snapshot": "fail",
            "snapshot: pin": "warn",
            "snapshot: age": "warn",
            "snapshot: writer": "ok",
        }.items()
    )
    assert findings["snapshot: writer"].detail == "there:abc"
    store.delete(keys.MANIFESTS)
    assert "DamagedError" in (await found(own))["snapshot"].detail


async def test_a_media_directory_that_cannot_be_written(own: Installation) -> None:
    finding = (await found(own, SYNC_MEDIA_DIR="/proc/media"))["media directory"]

    assert (finding.status, "rights" in finding.advice) == ("fail", True)


async def test_a_database_that_cannot_be_read_or_is_of_another_release(
    own: Installation, tmp_path: Path
) -> None:
    (tmp_path / "other.db").write_bytes(b"no database at all" * 100)
    broken = await found(own, SYNC_DATABASE_URL=f"sqlite:///{tmp_path}/other.db")
    (tmp_path / "empty.db").touch()
    empty = await found(own, SYNC_DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")

    assert (broken["database"].status, empty["database"].status) == ("fail", "warn")
    assert "migrates" in empty["database"].advice


async def test_settings_that_do_not_fit_together(own: Installation) -> None:
    findings = await findings_of(
        msgspec.structs.replace(
            own.settings, contact="", public_url="http://homes.example", timeout_s=400.0
        )
    )
    advice = " ".join(item.advice for item in findings if item.name == "settings")

    for word in ("reach you", "visitors", "SYNC_STALL_S"):
        assert word in advice


async def test_a_folder_of_uploads_is_looked_at_and_left_as_it_is(
    own: Installation, store: redis.Redis, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    old = msgspec.json.encode({"checked_at_s": int(time.time()) - 90_000})
    changes = {"SYNC_SOURCE": "xml", "SYNC_XML_DIR": str(drop), "SYNC_CONTACT": ""}
    own.once()
    store.set(keys.SOURCE, old)
    findings = await found(own, **changes)

    assert list(drop.iterdir()) == []
    assert (findings["uploads"].status, findings["settings"].status) == ("warn", "ok")
    assert findings["snapshot: age"].detail.startswith("the last good upload is 9")
    assert "scheduled in Rentman" in findings["snapshot: age"].advice

    (drop / "taken").mkdir()
    (drop / "taken" / f"{int(time.time()) - 7200:012}-0123456789ab.xml").touch()
    assert (await found(own))["uploads"].detail == "the last was taken 2.0 hours ago"


class HourAhead(http.server.BaseHTTPRequestHandler):
    """A source with an empty list and a wrong clock."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + 3600)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Quietly."""


@pytest.fixture
async def hour_ahead() -> AsyncIterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), HourAhead) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_a_clock_that_is_off(own: Installation, hour_ahead: str) -> None:
    findings = await found(own, SYNC_RENTMAN_URL=hour_ahead)

    assert findings["clock: Rentman"].status == "fail"
    assert "NTP" in findings["clock: Rentman"].advice
    assert findings["clock: redis"].status == "ok"
    assert findings["list"].detail == "page 1 is empty"


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(4.9, "ok"), (-4.9, "ok"), (-6, "warn"), (119, "warn"), (120, "fail")],
)
def test_how_far_a_clock_may_be_off(ahead: float, status: str) -> None:
    assert clock("clock", ahead, "it").status == status
