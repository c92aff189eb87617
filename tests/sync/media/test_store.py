"""A key's directory is complete or absent, whatever happened before."""

import json
from pathlib import Path

import msgspec
import pytest

from sync.media.errors import MediaFailedError
from sync.media.model import Document, Picture, Video
from sync.media.store import Directory, disk_errors, picture_of, video_of, write

KEY = "a" * 32
PICTURE = Picture(
    key=KEY,
    width=500,
    height=400,
    variants={"jpg": (400, 500)},
    blurhash="",
    color="#000000",
    placeholder="",
)


@pytest.fixture
def store(tmp_path: Path) -> Directory:
    store = Directory(tmp_path)
    store.open()
    return store


def make(store: Directory, marker: bytes = b"jpeg") -> None:
    folder = store.begin(KEY)
    for name in ("400.jpg", "500.jpg"):
        write(folder / name, marker)
    write(folder / "picture.json", msgspec.json.encode(PICTURE))
    store.publish(folder, KEY)


def test_a_published_picture_is_found(store: Directory) -> None:
    make(store)

    assert store.find_picture(KEY) == PICTURE


@pytest.mark.parametrize("missing", ["400.jpg", "500.jpg", "picture.json"])
def test_a_picture_with_a_file_missing_is_not_found_and_can_be_made_again(
    store: Directory, tmp_path: Path, missing: str
) -> None:
    make(store)
    (tmp_path / KEY / missing).unlink()

    assert store.find_picture(KEY) is None
    make(store, b"again")
    assert store.find_picture(KEY) == PICTURE
    assert (tmp_path / KEY / "400.jpg").read_bytes() == b"again"
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


@pytest.mark.parametrize("sidecar", [b"", b"{", b"{}", b'{"key": 1}'])
def test_a_damaged_sidecar_counts_as_none(
    store: Directory, tmp_path: Path, sidecar: bytes
) -> None:
    make(store)
    (tmp_path / KEY / "picture.json").write_bytes(sidecar)

    assert store.find_picture(KEY) is None


def test_a_sidecar_of_another_picture_counts_as_none(store: Directory, tmp_path: Path) -> None:
    make(store)
    other = json.loads((tmp_path / KEY / "picture.json").read_bytes()) | {"key": "b" * 32}
    (tmp_path / KEY / "picture.json").write_text(json.dumps(other))

    assert store.find_picture(KEY) is None


def test_opening_clears_what_a_crash_left_and_nothing_else(
    store: Directory, tmp_path: Path
) -> None:
    store.begin(KEY)
    (tmp_path / "notes").mkdir()
    make(store)
    store.close()

    Directory(tmp_path).open()

    assert {path.name for path in tmp_path.iterdir()} == {KEY, "notes"}


def test_opening_leaves_the_work_of_another_process_alone(store: Directory) -> None:
    folder = store.begin(KEY)

    Directory(folder.parent).open()

    assert folder.is_dir()


def test_a_full_disk_has_a_reason_of_its_own() -> None:
    with pytest.raises(MediaFailedError, match=r"^disk-full$"), disk_errors():
        write(Path("/dev/full"), b"data")


def test_other_trouble_with_the_disk_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(MediaFailedError, match=r"^disk$"):
        Directory(tmp_path / "file").open()


def test_a_document_is_found_once_it_is_published(store: Directory) -> None:
    assert store.find_document(KEY) is None
    folder = store.begin(KEY)
    write(folder / "document.pdf", b"%PDF-1.4")
    store.publish(folder, KEY)

    assert store.find_document(KEY) == Document(key=KEY, extension="pdf")


def test_a_video_is_found_once_both_its_files_are_there(store: Directory) -> None:
    video = Video(key=KEY, width=640, height=360, duration_s=6)
    for missing in ("video.mp4", "video.json"):
        folder = store.begin(KEY)
        write(folder / "video.json", msgspec.json.encode(video))
        write(folder / "video.mp4", b"ftyp")
        (folder / missing).unlink()
        store.publish(folder, KEY)
        assert store.find_video(KEY) is None

    folder = store.begin(KEY)
    write(folder / "video.json", msgspec.json.encode(video))
    write(folder / "video.mp4", b"ftyp")
    store.publish(folder, KEY)

    assert store.find_video(KEY) == video
    assert (store.find_picture(KEY), store.find_document(KEY)) == (None, None)


def test_what_is_kept_can_be_listed_and_removed(store: Directory, tmp_path: Path) -> None:
    make(store)
    (tmp_path / "notes").mkdir()
    store.begin("b" * 32)
    assert store.kept() == {KEY}

    store.remove({KEY})

    assert store.kept() == set()
    assert (tmp_path / "notes").is_dir()


def test_what_nothing_names_is_remembered_until_the_note_is_damaged(
    store: Directory, tmp_path: Path
) -> None:
    assert store.unnamed() == {}
    store.set_unnamed({KEY: 5})
    assert store.unnamed() == {KEY: 5}

    for damaged in (b"{", b'{"\xff":1}'):
        (tmp_path / ".unnamed.json").write_bytes(damaged)
        assert store.unnamed() == {}


@pytest.mark.parametrize("sidecar", [b"{", b'{"key":"\xff"}', b"[" * 9999])
def test_a_sidecar_that_cannot_be_read_is_no_picture_and_no_fault(sidecar: bytes) -> None:
    assert picture_of(sidecar, KEY) is None
    assert video_of(sidecar, KEY) is None
