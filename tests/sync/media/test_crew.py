"""Workers that hang, crash or talk nonsense are replaced; pictures go on."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.media import wire
from sync.media.crew import COMMAND, Hand
from sync.media.errors import MediaFailedError
from sync.media.studio import Studio
from tests.sync.media.pictures import jpeg

PREAMBLE = """
import json, os, sys, time
from sync.media import wire
count = sys.argv[1]
with open(count, "a") as file:
    file.write(f"{os.getpid()}\\n")
first = len(open(count).readlines()) == 1
def say(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
def heard():
    length, = wire.LENGTH.unpack(sys.stdin.buffer.read(4))
    sys.stdin.buffer.read(wire.decode_task(sys.stdin.buffer.read(length)).size)
def be_a_real_worker():
    os.execv(sys.executable, [sys.executable, "-m", "sync.media.worker"])
"""
READY = "say(wire.frame(wire.Ready()))\n"


class Fake:
    """A worker that follows a script, and leaves its process ids behind."""

    def __init__(self, folder: Path, script: str) -> None:
        self._count = folder / "starts"
        self.command = (sys.executable, "-c", PREAMBLE + script, str(self._count))

    @property
    def pids(self) -> list[int]:
        return [int(line) for line in self._count.read_text().split()]


def task(folder: Path, source: bytes, patience_s: int = 30) -> wire.Task:
    return wire.Task(
        key="0" * 32,
        kind="jpeg",
        purpose="photo",
        profile="fast",
        folder=str(folder),
        size=len(source),
        patience_s=patience_s,
    )


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def eventually(state: Callable[[], bool]) -> bool:
    """Whether it comes about within five seconds."""

    def wait() -> bool:
        for _ in range(250):
            if state():
                return True
            time.sleep(0.02)
        return False

    return await asyncio.to_thread(wait)


async def gone(pid: int) -> bool:
    return await eventually(lambda: not alive(pid))


async def test_a_hung_worker_is_killed_and_another_one_finishes(tmp_path: Path) -> None:
    hangs_once = Fake(tmp_path, f"if not first: be_a_real_worker()\n{READY}time.sleep(999)")

    async with Studio(tmp_path / "m", workers=1, deadline_s=3, command=hangs_once.command) as it:
        picture = await it.picture(jpeg(400, 300), "photo")
        hung, worked = hangs_once.pids
        assert not alive(hung)
        assert alive(worked)

    assert (tmp_path / "m" / picture.key / "400.jpg").is_file()
    assert await gone(worked)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(f"{READY}time.sleep(999)", "timeout", id="hangs"),
        pytest.param(f"{READY}heard(); os.kill(os.getpid(), 11)", "crash", id="crashes"),
        pytest.param("sys.exit(1)", "crash", id="never starts"),
        pytest.param(f"{READY}heard(); say(b'a traceback')", "crash", id="prints"),
        pytest.param(f"{READY}heard(); say(wire.LENGTH.pack(2) + b'no')", "crash", id="babbles"),
        pytest.param(f"{READY}heard(); {READY}", "crash", id="answers out of turn"),
    ],
)
async def test_two_lost_workers_end_the_attempt(tmp_path: Path, script: str, reason: str) -> None:
    fake = Fake(tmp_path, script + "\nsys.stdin.read()")

    deadline_s = 0.3 if reason == "timeout" else 10.0
    root = tmp_path / "m"
    async with Studio(root, workers=1, deadline_s=deadline_s, command=fake.command) as studio:
        with pytest.raises(MediaFailedError) as caught:
            await studio.picture(jpeg(80, 80), "photo")

    assert caught.value.reason == reason
    assert list((tmp_path / "m").iterdir()) == []


async def test_a_missing_program_is_a_crash_not_a_surprise(tmp_path: Path) -> None:
    async with Studio(tmp_path, command=("/nonexistent",)) as studio:
        with pytest.raises(MediaFailedError, match=r"^crash$"):
            await studio.picture(jpeg(80, 80), "photo")


async def test_a_full_disk_is_not_tried_twice(tmp_path: Path) -> None:
    fake = Fake(tmp_path, f"{READY}heard()\nsay(wire.frame(wire.Failed('disk-full')))\nheard()")

    async with Studio(tmp_path / "m", workers=1, command=fake.command) as studio:
        with pytest.raises(MediaFailedError, match=r"^disk-full$"):
            await studio.picture(jpeg(80, 80), "photo")

    assert len(fake.pids) == 1


async def test_a_worker_that_meets_a_full_disk_says_so_and_lives(tmp_path: Path) -> None:
    source, hand = jpeg(400, 300), Hand()
    (tmp_path / "400.jpg").symlink_to("/dev/full")
    (tmp_path / "good").mkdir()

    assert await hand.ask(task(tmp_path, source), source, 10) == wire.Failed("disk-full")
    assert isinstance(await hand.ask(task(tmp_path / "good", source), source, 10), wire.Made)
    await hand.dismiss()


async def test_a_worker_is_replaced_when_its_time_is_up(tmp_path: Path) -> None:
    pids = set()
    source = b"\xff\xd8\xff"
    hand = Hand(lifetime=2)
    for _ in range(4):
        assert await hand.ask(task(tmp_path, source), source, 10) == wire.Rejected("truncated")
        pids.add(hand._process and hand._process.pid)
    await hand.dismiss()

    assert len(pids - {None}) == 2


async def test_a_worker_knows_none_of_the_daemons_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_RENTMAN_TOKEN", "secret")
    tell = "say(wire.frame(wire.Failed(json.dumps(dict(os.environ)))))"
    hand = Hand(Fake(tmp_path, f"{READY}heard(); {tell}").command)

    answer = await hand.ask(task(tmp_path, b""), b"", 10)
    await hand.dismiss()

    assert isinstance(answer, wire.Failed)
    assert "secret" not in answer.reason
    assert '"VIPS_CONCURRENCY": "1"' in answer.reason
    assert '"MALLOC_ARENA_MAX": "2"' in answer.reason


async def test_leaving_the_studio_ends_a_worker_in_the_middle_of_a_picture(tmp_path: Path) -> None:
    fake = Fake(tmp_path, f"{READY}heard(); time.sleep(999)")
    async with Studio(tmp_path / "m", command=fake.command) as studio:
        waiting = asyncio.create_task(studio.picture(jpeg(80, 80), "photo"))
        assert await eventually((tmp_path / "starts").exists)

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await gone(fake.pids[0])
    assert list((tmp_path / "m").iterdir()) == []


async def test_a_worker_ends_when_its_daemon_is_killed(tmp_path: Path) -> None:
    script = f"""
import asyncio, pathlib
from sync.media.studio import Studio
async def main():
    async with Studio(pathlib.Path({str(tmp_path)!r}), workers=1) as studio:
        await studio.picture(bytes.fromhex({jpeg(80, 80).hex()!r}), "photo")
        print(studio._hands[0]._process.pid, flush=True)
        await asyncio.sleep(999)
asyncio.run(main())
"""
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert daemon.stdout is not None
    worker = int(await daemon.stdout.readline())
    assert alive(worker)

    daemon.kill()
    await daemon.wait()

    assert await gone(worker)
    await daemon.stdout.read()


async def test_an_orphan_deep_in_a_decoder_ends_itself(tmp_path: Path) -> None:
    source = jpeg(1600, 12_800)
    worker = await asyncio.create_subprocess_exec(*COMMAND, stdin=-1, stdout=-1)

    await worker.communicate(wire.frame(task(tmp_path, source, patience_s=1)) + source)

    assert worker.returncode == -signal.SIGALRM
