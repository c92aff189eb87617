"""Backups of a real installation: what comes back is what was there, byte by byte."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from deploy.backup.vault import Vault
from snapshot import Publisher, connect, digest
from tests.conftest import ROOT, eventually
from tests.edge.conftest import running_edge
from tests.sync.conftest import Installation
from tests.sync.postgres import HOME, PACKAGE, Postgres

KEYS = [f"{number:032x}" for number in (1, 2)]


def backup(installation: Installation, *words: str) -> "subprocess.CompletedProcess[str]":
    vault = str(installation.directory / "vault")
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "deploy.backup", *words, "--vault", vault],
        env=os.environ | installation.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def made(installation: Installation) -> str:
    """The name of a backup that was just made."""
    done = backup(installation, "make")
    assert done.returncode == 0, done.stderr
    return done.stdout.partition(": ")[0]


def database(installation: Installation) -> list[str]:
    with contextlib.closing(sqlite3.connect(installation.directory / "sync.db")) as open_one:
        return list(open_one.iterdump())


def media(installation: Installation) -> dict[str, str]:
    root = installation.directory / "media"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for key in KEYS
        for path in sorted((root / key).glob("*"))
    }


def snapshot(installation: Installation) -> dict[str, object]:
    """The pointer, the history, and each object with the digest of what it holds."""

    async def read() -> dict[str, object]:
        client = connect(installation.environ["SYNC_REDIS_URL"])
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


def lose_everything(installation: Installation) -> None:
    for name in ("sync.db", "sync.db-wal", "sync.db-shm"):
        (installation.directory / name).unlink(missing_ok=True)
    shutil.rmtree(installation.directory / "media", ignore_errors=True)
    redis.Redis.from_url(installation.environ["SYNC_REDIS_URL"]).flushall()


@pytest.fixture
def filled(installation: Installation) -> Iterator[Installation]:
    """Two generations, and finished pictures as sync lays them down."""
    assert installation.once()[0] == 0
    for key in KEYS:
        place = installation.directory / "media" / key
        place.mkdir(parents=True)
        for width in (400, 800):
            (place / f"{width}.webp").write_bytes(os.urandom(2000))
        (place / "picture.json").write_text("{}")
    return installation


def test_what_comes_back_is_what_was_there(filled: Installation) -> None:
    before = database(filled), media(filled), snapshot(filled)
    name = made(filled)
    lose_everything(filled)

    done = backup(filled, "restore")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{name} is back")
    assert (database(filled), media(filled), snapshot(filled)) == before
    assert filled.sync("verify").returncode == 0
    with running_edge(filled.directory, filled.environ["SYNC_REDIS_URL"]) as edge:
        assert eventually(edge.generation) == 1
    assert filled.once() == (0, filled.once()[1])  # nothing is published anew


def test_it_is_made_beside_a_daemon_at_work_but_not_restored(filled: Installation) -> None:
    with filled.daemon():
        eventually(
            lambda: "lease" in str(redis.Redis.from_url(filled.environ["SYNC_REDIS_URL"]).keys())
        )
        name = made(filled)
        refused = backup(filled, "restore", "--replace")

    assert refused.returncode == 1
    assert "another sync is at work" in refused.stderr
    assert backup(filled, "check", name).returncode == 0


def test_what_has_not_changed_is_not_copied_again(filled: Installation) -> None:
    made(filled)
    pools = [filled.directory / "vault" / name for name in ("media", "objects")]
    before = {path: path.stat().st_mtime_ns for pool in pools for path in pool.rglob("*")}

    eventually(lambda: len({made(filled), *Vault(filled.directory / "vault").names()}) > 1)

    assert {path: path.stat().st_mtime_ns for pool in pools for path in pool.rglob("*")} == before


@pytest.mark.parametrize(
    "victim", ["*/state.db", "*/manifests/*", "objects/*/*", "media/*/400.webp"]
)
@pytest.mark.parametrize("how", ["altered", "gone"])
def test_a_damaged_backup_is_noticed_and_not_restored(
    filled: Installation, victim: str, how: str
) -> None:
    made(filled)
    path = min((filled.directory / "vault").glob(victim))
    if how == "gone":
        path.unlink()
    else:
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 1
        path.write_bytes(body)
    lose_everything(filled)

    checked, restored = backup(filled, "check"), backup(filled, "restore")

    assert (checked.returncode, restored.returncode) == (1, 1)
    assert "1 faults" in checked.stdout
    assert "is not restored" in restored.stderr
    assert not (filled.directory / "sync.db").exists()


def test_a_database_that_is_there_is_moved_aside_when_told(filled: Installation) -> None:
    made(filled)
    before = database(filled)

    assert "--replace moves it aside" in backup(filled, "restore").stderr
    done = backup(filled, "restore", "--replace")

    assert done.returncode == 0, done.stderr
    assert "keeps it" in done.stdout  # the store's snapshot
    assert database(filled) == before
    assert len(list(filled.directory.glob("sync.db.before-*"))) >= 1


def test_numbers_go_on_above_what_edges_have_served(filled: Installation) -> None:
    made(filled)
    lose_everything(filled)

    assert backup(filled, "restore", "--above", "41").returncode == 0
    assert filled.sync("rollback", "1").returncode == 0

    pointer = snapshot(filled)["pointer"]
    assert getattr(pointer, "generation", 0) > 41


def test_old_backups_go_with_what_only_they_had(filled: Installation) -> None:
    vault = Vault(filled.directory / "vault")
    made(filled)
    shutil.rmtree(filled.directory / "media" / KEYS[0])
    eventually(lambda: made(filled) and len(vault.names()) == 2)

    vault.keep(1)

    assert len(vault.names()) == 1
    assert not (vault.root / "media" / KEYS[0]).exists()
    assert (vault.root / "media" / KEYS[1]).exists()
    assert backup(filled, "check").returncode == 0


def test_a_list_says_what_each_is(filled: Installation) -> None:
    name = made(filled)

    assert backup(filled, "list").stdout.startswith(f"{name}: generation 1 and 0 before it")


def test_without_a_backup_it_says_so(filled: Installation) -> None:
    assert "there is no backup" in backup(filled, "restore").stderr


def test_a_database_on_a_server_comes_back_too(filled: Installation, postgres: Postgres) -> None:
    tools = Path(PACKAGE).parent / HOME / "bin"
    filled.environ |= {
        "SYNC_DATABASE_URL": postgres.url(postgres.create()),
        "PATH": f"{tools}:{os.environ['PATH']}",
    }
    assert filled.once()[0] == 0
    before = filled.sync("status", "--json").stdout
    made(filled)

    filled.environ["SYNC_DATABASE_URL"] = postgres.url(postgres.create())
    done = backup(filled, "restore")

    assert done.returncode == 0, done.stderr
    assert filled.sync("status", "--json").stdout == before
