"""kill -9 in the middle of a picture: what can be seen is whole, what is half is cleared."""

import asyncio
import contextlib
import os
import resource
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import pytest

from sync.media import wire
from sync.media.crew import Hand
from sync.media.errors import MediaFailedError
from sync.media.store import Directory
from sync.media.studio import Studio
from tests.sync.media.documents import bomb, plain
from tests.sync.media.documents import saved as saved_pdf
from tests.sync.media.pictures import jpeg, photo, saved
from tests.sync.media.test_crew import READY, Fake, eventually, gone, task

HALF = """
length, = wire.LENGTH.unpack(sys.stdin.buffer.read(4))
task = wire.decode_task(sys.stdin.buffer.read(length))
sys.stdin.buffer.read(task.size)
open(task.folder + "/400.jpg", "wb").write(b"half of it")
"""


def files(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()}


async def test_a_worker_killed_in_the_middle_leaves_nothing_of_its_half(tmp_path: Path) -> None:
    dies = Fake(
        tmp_path, f"if not first: be_a_real_worker()\n{READY}{HALF}os.kill(os.getpid(), 9)"
    )
    root = tmp_path / "m"

    async with Studio(root, workers=1, command=dies.command) as studio:
        picture = await studio.picture(jpeg(400, 300), "photo")

    assert len(dies.pids) == 2
    assert files(root) == {picture.key}
    assert (root / picture.key / "400.jpg").read_bytes().startswith(b"\xff\xd8\xff")


async def test_a_daemon_killed_in_the_middle_leaves_no_half_file_to_be_seen(
    tmp_path: Path,
) -> None:
    root = tmp_path / "m"
    hangs = Fake(tmp_path, f"{READY}{HALF}sys.stdin.read()")
    script = f"""
import asyncio, pathlib
from sync.media.studio import Studio
async def main():
    async with Studio(pathlib.Path({str(root)!r}), workers=1, command={hangs.command!r}) as studio:
        await studio.picture(bytes.fromhex({jpeg(400, 300).hex()!r}), "photo")
asyncio.run(main())
"""
    daemon = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stderr=PIPE)
    assert await eventually(lambda: bool([*root.glob(".making-*/400.jpg")]))

    daemon.kill()
    await daemon.communicate()

    assert not [name for name in files(root) if not name.startswith(".making-")]
    place = Directory(root)
    await asyncio.to_thread(place.open)
    place.close()
    assert files(root) == set()
    assert await gone(hangs.pids[0])


async def test_a_worker_has_a_cap_on_its_memory_and_stands_back_for_others(tmp_path: Path) -> None:
    source, hand = b"\xff\xd8\xff", Hand()
    await hand.ask(task(tmp_path, source), source, 10)
    assert hand._process is not None
    pid = hand._process.pid

    assert resource.prlimit(pid, resource.RLIMIT_AS) == (3 << 30, 3 << 30)
    assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
    await hand.dismiss()


def address_space(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


async def limited(hand: Hand, folder: Path, room: int) -> None:
    """Let the hand's worker have so many bytes more than it has now."""
    await hand.ask(task(folder, b""), b"", 10)  # it is up, having refused to develop nothing
    assert hand._process is not None
    pid = hand._process.pid
    size = address_space(pid)
    resource.prlimit(pid, resource.RLIMIT_AS, (size + room, size + room))


@pytest.mark.parametrize(
    ("room", "progressive"), [(4 << 20, False), (12 << 20, False), (16 << 20, True)]
)
async def test_a_picture_that_needs_more_memory_than_there_is_is_not_called_broken(
    tmp_path: Path, room: int, *, progressive: bool
) -> None:
    source, hand = saved(photo(3000, 2000), "JPEG", progressive=progressive), Hand()
    await limited(hand, tmp_path, room)

    with contextlib.suppress(MediaFailedError):  # it died of it
        answer = await hand.ask(task(tmp_path, source), source, 20)
        assert answer == wire.Failed("memory")

    assert hand._process is None  # the next one begins with a new worker
    small = jpeg(80, 80)
    assert isinstance(await hand.ask(task(tmp_path, small), small, 20), wire.Made)
    await hand.dismiss()


async def test_a_document_that_unpacks_to_more_than_there_is_costs_nothing_but_itself(
    tmp_path: Path,
) -> None:
    source, hand = bomb(96 << 20), Hand()
    await limited(hand, tmp_path, 32 << 20)

    with contextlib.suppress(MediaFailedError):  # it died of it
        answer = await hand.ask(brochure(tmp_path, source), source, 20)
        assert answer in (wire.Rejected("corrupt"), wire.Failed("memory"))

    good = saved_pdf(plain())
    assert isinstance(await hand.ask(brochure(tmp_path, good), good, 20), wire.Cleaned)
    await hand.dismiss()


def brochure(folder: Path, source: bytes) -> wire.Task:
    return msgspec.structs.replace(task(folder, source), kind="pdf", purpose="brochure")
