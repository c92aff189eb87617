"""Backups of a real installation: what comes back is what was there, byte by byte."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from deploy.backup.__main__ import main
from deploy.backup.vault import Vault
from snapshot import Publisher, connect, digest
from tests.conftest import Upstream, eventually
from tests.edge.conftest import running_edge
from tests.sync.conftest import Installation, installed
from tests.sync.postgres import HOME, PACKAGE, Postgres

KEYS = [f"{number:032x}" for number in (1, 2)]


@dataclass
class Told:
    code: int
    out: str
    err: str


@dataclass
class Kept:
    """An installation whose backups are made in this process: a start costs seconds."""

    installation: Installation
    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.directory = self.installation.directory

    def backup(self, *words: str) -> Told:
        for name, value in self.installation.environ.items():
            self.monkeypatch.setenv(name, value)
        self.capture.readouterr()
        code = main([*words, "--vault", str(self.directory / "vault")])
        return Told(code, *self.capture.readouterr())

    def make(self) -> str:
        """The name of a backup that was just made."""
        done = self.backup("make")
        assert done.code == 0, done.err
        return done.out.partition(": ")[0]


def store_of(kept: Kept) -> str:
    return kept.installation.environ["SYNC_REDIS_URL"]


def database(kept: Kept) -> list[str]:
    with contextlib.closing(sqlite3.connect(kept.directory / "sync.db")) as open_one:
        return list(open_one.iterdump())


def media(kept: Kept) -> dict[str, str]:
    root = kept.directory / "media"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for key in KEYS
        for path in sorted((root / key).glob("*"))
    }


def snapshot(kept: Kept) -> dict[str, object]:
    """The pointer, the history, and each object with the digest of what it holds."""

    async def read() -> dict[str, object]:
        client = connect(store_of(kept))
        try:
            reader = Publisher(client)
            history = await reader.history()
            names = set()
            for pointer in history:
                names |= (await reader.manifest(pointer.manifest)).digests()
            objects = await reader.objects(names)
            found = {name: digest(data) for name, data in objects.items()}
            return {"pointer": await reader.pointer(), "history": history, "objects": found}
        finally:
            await client.aclose()

    return asyncio.run(read())


def lose_everything(kept: Kept) -> None:
    for name in ("sync.db", "sync.db-wal", "sync.db-shm"):
        (kept.directory / name).unlink(missing_ok=True)
    shutil.rmtree(kept.directory / "media", ignore_errors=True)
    redis.Redis.from_url(store_of(kept)).flushall()


@pytest.fixture(scope="module")
def published(
    tmp_path_factory: pytest.TempPathFactory, few: Upstream, valkey_url: str
) -> tuple[Path, dict[str, bytes]]:
    """A state database after one pass, finished pictures, and what was then in the store."""
    few.heal()
    few.fault("F13")
    client = redis.Redis.from_url(valkey_url)
    client.flushall()
    directory = tmp_path_factory.mktemp("published")
    assert installed(directory, few, valkey_url).once()[0] == 0
    for key in KEYS:
        place = directory / "media" / key
        place.mkdir(parents=True)
        for width in (400, 800):
            (place / f"{width}.webp").write_bytes(os.urandom(2000))
        (place / "picture.json").write_text("{}")
    keys = [key for key in client.scan_iter() if not key.endswith(b":lease")]
    return directory, {key: client.dump(key) or b"" for key in keys}


@pytest.fixture
def filled(
    published: tuple[Path, dict[str, bytes]],
    tmp_path: Path,
    few: Upstream,
    valkey_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Kept:
    directory, stored = published
    shutil.copytree(directory, tmp_path, dirs_exist_ok=True)
    client = redis.Redis.from_url(valkey_url)
    client.flushall()
    for key, value in stored.items():
        client.restore(key, 0, value)
    return Kept(installed(tmp_path, few, valkey_url), capsys, monkeypatch)


def test_what_comes_back_is_what_was_there(filled: Kept) -> None:
    before = database(filled), media(filled), snapshot(filled)
    name = filled.make()
    lose_everything(filled)

    done = filled.backup("restore")

    assert done.code == 0, done.err
    assert done.out.startswith(f"{name} is back")
    assert (database(filled), media(filled), snapshot(filled)) == before
    with running_edge(filled.directory, store_of(filled)) as edge:
        assert eventually(edge.generation) == 1


def test_pictures_that_come_back_may_be_read_by_those_who_show_them(filled: Kept) -> None:
    """The vault is for `sync` alone, and so are the directories in it."""
    old = os.umask(0o077)  # as the unit that makes backups has it
    try:
        filled.make()
    finally:
        os.umask(old)
    lose_everything(filled)

    assert filled.backup("restore").code == 0
    for key in KEYS:
        place = filled.directory / "media" / key
        assert place.stat().st_mode & 0o777 == 0o750
        assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o640}


def test_it_is_made_beside_a_daemon_at_work_but_not_restored(filled: Kept) -> None:
    with filled.installation.daemon():
        eventually(lambda: redis.Redis.from_url(store_of(filled)).exists("{edge}:lease"))
        name = filled.make()
        refused = filled.backup("restore", "--replace")

    assert refused.code == 1
    assert "another sync is at work" in refused.err
    assert filled.backup("check", name).code == 0


def test_what_has_not_changed_is_not_copied_again(filled: Kept) -> None:
    name = filled.make()
    pools = [filled.directory / "vault" / pool for pool in ("media", "objects")]
    before = {path: path.stat().st_mtime_ns for pool in pools for path in pool.rglob("*")}
    (filled.directory / "vault" / name).rename(filled.directory / "vault" / "earlier")

    filled.make()

    assert {path: path.stat().st_mtime_ns for pool in pools for path in pool.rglob("*")} == before


@pytest.mark.parametrize(
    "victim", ["*/state.db", "*/manifests/*", "objects/*/*", "media/*/400.webp"]
)
@pytest.mark.parametrize("how", ["altered", "gone"])
def test_a_damaged_backup_is_noticed_and_not_restored(filled: Kept, victim: str, how: str) -> None:
    filled.make()
    path = min((filled.directory / "vault").glob(victim))
    if how == "gone":
        path.unlink()
    else:
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 1
        path.write_bytes(body)
    lose_everything(filled)

    checked, restored = filled.backup("check"), filled.backup("restore")

    assert (checked.code, restored.code) == (1, 1)
    assert "1 faults" in checked.out
    assert "is not restored" in restored.err
    assert not (filled.directory / "sync.db").exists()


def test_a_database_that_is_there_is_moved_aside_when_told(filled: Kept) -> None:
    filled.make()
    before = database(filled)

    assert "--replace moves it aside" in filled.backup("restore").err
    done = filled.backup("restore", "--replace")

    assert done.code == 0, done.err
    assert "keeps it" in done.out  # the store's snapshot
    assert database(filled) == before
    assert list(filled.directory.glob("sync.db.before-*"))


def test_numbers_go_on_above_what_edges_have_served(filled: Kept) -> None:
    filled.make()
    lose_everything(filled)

    assert filled.backup("restore", "--above", "41").code == 0
    assert filled.installation.sync("rollback", "1").returncode == 0

    assert getattr(snapshot(filled)["pointer"], "generation", 0) > 41


def test_old_backups_go_with_what_only_they_had(filled: Kept) -> None:
    vault = Vault(filled.directory / "vault")
    (vault.root / filled.make()).rename(vault.root / "2000-01-01T00-00-00Z")
    shutil.rmtree(filled.directory / "media" / KEYS[0])
    name = filled.make()
    assert len(vault.names()) == 2

    vault.keep(1)

    assert vault.names() == [name]
    assert not (vault.root / "media" / KEYS[0]).exists()
    assert (vault.root / "media" / KEYS[1]).exists()
    assert filled.backup("check").code == 0


def test_a_list_says_what_each_is(filled: Kept) -> None:
    name = filled.make()

    assert filled.backup("list").out.startswith(f"{name}: generation 1 and 0 before it")


def test_without_a_backup_it_says_so(filled: Kept) -> None:
    assert "there is no backup" in filled.backup("restore").err


def test_a_database_on_a_server_comes_back_too(filled: Kept, postgres: Postgres) -> None:
    tools = Path(PACKAGE).parent / HOME / "bin"
    installation = filled.installation
    installation.environ |= {
        "SYNC_DATABASE_URL": postgres.url(postgres.create()),
        "PATH": f"{tools}:{os.environ['PATH']}",
    }
    assert installation.once()[0] == 0
    before = installation.sync("status", "--json").stdout
    filled.make()

    installation.environ["SYNC_DATABASE_URL"] = postgres.url(postgres.create())
    done = filled.backup("restore")

    assert done.code == 0, done.err
    assert installation.sync("status", "--json").stdout == before
