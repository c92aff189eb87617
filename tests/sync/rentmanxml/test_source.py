"""Uploads as they really arrive: in halves, again, too big, with media before and after them."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.errors import UnusableSettingError, UpstreamRejectedError, UpstreamUnavailableError
from sync.media.errors import MediaRejectedError
from sync.rentmanxml import shelf
from sync.rentmanxml.folder import KEPT_S, TAKEN, Folder
from sync.rentmanxml.source import RentmanXml
from sync.source import File, Intake
from tests.sync.rentmanxml.conftest import LIMIT, SETTLE_S, Clock
from tests.sync.rentmanxml.made import document, home
from tests.sync.samples import NOON


def upload(drop: Path, name: str, data: bytes) -> Path:
    (drop / name).write_bytes(data)
    return drop / name


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def photos(intake: Intake) -> list[str]:
    return [name.filename for listing in intake.listings for name in listing.media]


def ids(intake: Intake) -> list[str]:
    return [listing.id for listing in intake.listings]


def with_photo(*items: str) -> bytes:
    return document(home(f"<Media>{''.join(items)}</Media>"))


PHOTO = "<Item Caption='Kitchen'>A.jpg</Item>"


async def test_an_upload_is_taken_and_moved_aside(source: RentmanXml, drop: Path) -> None:
    upload(drop, "rentman.xml", document(home(), home(Refnumber="43")))
    intake = await source.listings()

    assert ids(intake) == ["42", "43"]
    assert (intake.as_of, source.calls) == (NOON, 1)
    assert names(drop) == [TAKEN]
    assert (drop / TAKEN / intake.delivery).read_bytes() == document(home(), home(Refnumber="43"))


async def test_it_counts_until_the_next_one_comes_and_over_a_restart(
    source: RentmanXml, watching: Callable[[], RentmanXml], drop: Path, clock: Clock
) -> None:
    upload(drop, "rentman.xml", document(home()))
    first = await source.listings()
    clock.now += 3600

    assert await watching().listings() == first
    upload(drop, "rentman.xml", document(home(Refnumber="43")))
    second = await source.listings()
    assert (ids(second), second.as_of) == (["43"], NOON + 3600)


async def test_the_same_bytes_uploaded_again_are_another_delivery(
    source: RentmanXml, drop: Path
) -> None:
    deliveries = []
    for _ in range(3):
        upload(drop, "rentman.xml", document(home()))
        deliveries.append((await source.listings()).delivery)

    assert deliveries == sorted(set(deliveries))


async def test_a_crash_before_an_upload_is_removed_does_not_make_two_of_it(
    source: RentmanXml, watching: Callable[[], RentmanXml], drop: Path, clock: Clock
) -> None:
    path = upload(drop, "rentman.xml", document(home()))
    os.utime(path, (NOON - 60, NOON - 60))
    first = await source.listings()
    clock.now += 60
    upload(drop, "rentman.xml", document(home()))
    os.utime(path, (NOON - 60, NOON - 60))

    assert await watching().listings() == first
    assert names(drop) == [TAKEN]


async def test_before_the_first_upload_there_is_nothing_to_use(source: RentmanXml) -> None:
    with pytest.raises(UpstreamUnavailableError, match="nothing has been uploaded"):
        await source.listings()


async def test_an_upload_that_still_grows_is_left_alone(source: RentmanXml, drop: Path) -> None:
    upload(drop, "rentman.xml", document(home()))
    before = await source.listings()
    path = upload(drop, "rentman.xml", b"")

    async def grow() -> None:
        for byte in document(home(Refnumber="43"))[:40]:
            with path.open("ab") as file:
                file.write(bytes([byte]))
            await asyncio.sleep(SETTLE_S / 5)

    async with asyncio.TaskGroup() as group:
        growing = group.create_task(grow())
        assert await source.listings() == before
        assert not growing.done()
    assert path.exists()


async def test_one_that_stopped_halfway_is_refused_and_its_completion_taken(
    source: RentmanXml, drop: Path
) -> None:
    whole = document(home(), home(Refnumber="43"))
    path = upload(drop, "rentman.xml", whole[:-40])

    with pytest.raises(UpstreamRejectedError, match=r"the upload of [-0-9: ]+ UTC: not_xml"):
        await source.listings()
    assert path.exists()
    upload(drop, "rentman.xml", whole)
    assert ids(await source.listings()) == ["42", "43"]


async def test_a_refused_upload_leaves_what_was_taken(
    source: RentmanXml, watching: Callable[[], RentmanXml], drop: Path
) -> None:
    upload(drop, "rentman.xml", document(home()))
    before = await source.listings()
    path = upload(drop, "rentman.xml", b"<!DOCTYPE Rentman><Rentman><Properties/></Rentman>")
    with pytest.raises(UpstreamRejectedError, match="doctype"):
        await source.listings()

    path.unlink()
    assert await watching().listings() == before


async def test_one_that_is_too_large_is_refused_without_being_read_whole(
    source: RentmanXml, drop: Path
) -> None:
    upload(drop, "rentman.xml", b" " * LIMIT + document())

    with pytest.raises(UpstreamRejectedError, match="too_large"):
        await source.listings()


async def test_of_several_uploads_the_youngest_counts(source: RentmanXml, drop: Path) -> None:
    for age, name in enumerate(("c.XML", "a.xml", "b.xml")):
        path = upload(drop, name, document(home(Refnumber=str(age))))
        os.utime(path, (NOON - age, NOON - age))

    assert ids(await source.listings()) == ["0"]
    assert ids(await source.listings()) == ["0"]
    assert names(drop) == [TAKEN]
    assert len(list((drop / TAKEN).glob("*-overtaken-*.xml"))) == 2


async def test_what_was_taken_is_kept_a_week_and_the_newest_for_ever(
    source: RentmanXml, drop: Path, clock: Clock
) -> None:
    upload(drop, "rentman.xml", document(home()))
    first = await source.listings()
    clock.now += 60
    upload(drop, "rentman.xml", document(home()))
    second = await source.listings()
    kept = drop / TAKEN

    clock.now = NOON + KEPT_S
    await source.listings()
    assert (kept / first.delivery).exists()
    clock.now = NOON + 10 * KEPT_S
    assert (await source.listings()).delivery == second.delivery
    assert [path.name for path in kept.glob("*.xml")] == [second.delivery]


async def test_a_clock_set_back_does_not_bring_an_old_delivery_back(
    source: RentmanXml, drop: Path, clock: Clock
) -> None:
    upload(drop, "rentman.xml", document(home()))
    await source.listings()
    clock.now -= 86_400
    upload(drop, "rentman.xml", document(home(Refnumber="43")))

    assert ids(await source.listings()) == ["43"]


@pytest.mark.parametrize("make", [os.symlink, lambda _target, path: os.mkfifo(path)])
async def test_links_and_pipes_are_no_uploads(
    source: RentmanXml, drop: Path, tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    upload(drop, "rentman.xml", with_photo(PHOTO))
    upload(tmp_path, "elsewhere", document(home(Refnumber="43")))
    make(tmp_path / "elsewhere", drop / "younger.xml")
    make(tmp_path / "elsewhere", drop / "A.jpg")

    intake = await source.listings()
    assert (ids(intake), photos(intake)) == (["42"], ["A.jpg"])
    assert await source.media("A.jpg") is None


@pytest.mark.parametrize("swap", ["another file", "a link"])
async def test_a_file_that_is_swapped_after_the_look_is_not_read(
    source: RentmanXml, drop: Path, tmp_path: Path, swap: str
) -> None:
    path = upload(drop, "rentman.xml", document(home()))
    source.folder.look()
    await asyncio.sleep(SETTLE_S)
    still, _ = source.folder.look()
    path.rename(tmp_path / "elsewhere")
    if swap == "a link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        upload(drop, "rentman.xml", document(home()))

    with pytest.raises(OSError, match=r"has changed|symbolic links"):
        source.folder.read("rentman.xml", still["rentman.xml"], LIMIT)


async def test_a_bad_property_is_in_quarantine_and_the_others_go_on(
    source: RentmanXml, drop: Path
) -> None:
    bad = (home(Refnumber="7.00", Rentorbuy="9"), home(Refnumber=""), home(Refnumber=" "))
    upload(drop, "rentman.xml", document(home(), *bad, home(Refnumber="43", Status="New")))
    intake = await source.listings()

    assert ids(intake) == ["42", "43"]
    told = [(it.id, it.field) for it in intake.quarantine]
    assert told == [("7", "Rentorbuy"), ("", "Refnumber"), ("", "Refnumber")]
    assert intake.warnings == {"Status": 1}


async def test_of_two_properties_with_one_reference_the_last_counts(
    source: RentmanXml, drop: Path
) -> None:
    upload(drop, "rentman.xml", document(home(Refnumber="a1"), home(Refnumber="A1", Beds="3")))

    assert [(it.id, it.beds) for it in (await source.listings()).listings] == [("A1", 3)]


async def test_a_picture_beside_it_is_served_with_its_caption(
    source: RentmanXml, watching: Callable[[], RentmanXml], drop: Path
) -> None:
    upload(drop, "a.JPG", b"one")
    upload(drop, "rentman.xml", with_photo(PHOTO, "<Item Caption='12 High Street'>B.png</Item>"))
    upload(drop, "B.png", b"two")
    first, second = photos(await source.listings())

    for each in (source, watching()):
        file, other = await each.media(first), await each.media(second)
        assert (file, other) == (File(b"one", "Kitchen"), File(b"two", ""))


async def test_a_picture_that_arrives_later_has_another_name_and_so_has_a_changed_one(
    source: RentmanXml, drop: Path
) -> None:
    upload(drop, "rentman.xml", with_photo(PHOTO))
    called = photos(await source.listings())
    for data in (b"one", b"two"):  # of one size: only what is in it tells them apart
        upload(drop, "A.jpg", data)
        called += photos(await source.listings())
    upload(drop, "rentman.xml", with_photo(PHOTO.replace("Kitchen", "Garden")))
    called += photos(await source.listings())

    assert called[0] == "A.jpg"
    assert len(set(called)) == 4
    file = await source.media(called[-1])
    assert file == File(b"two", "Garden")
    assert [await source.media(name) for name in called[:-1]] == [None] * 3


async def test_a_picture_that_is_gone_or_being_written_keeps_its_name(
    source: RentmanXml, watching: Callable[[], RentmanXml], drop: Path
) -> None:
    upload(drop, "A.jpg", b"one")
    upload(drop, "rentman.xml", with_photo(PHOTO))
    (name,) = photos(await source.listings())

    (drop / "A.jpg").unlink()
    assert photos(await watching().listings()) == [name]
    assert await source.media(name) is None
    still, _ = source.folder.look()
    upload(drop, "A.jpg", b"tw")  # seen for the first time by the look within
    assert photos(await asyncio.to_thread(source._taken, still)) == [name]


async def test_a_picture_that_is_too_large_is_rejected(
    source: RentmanXml, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MAX_BYTES", 10)
    upload(drop, "A.jpg", b"x" * 11)
    upload(drop, "rentman.xml", with_photo(PHOTO))
    (name,) = photos(await source.listings())

    with pytest.raises(MediaRejectedError, match="too-large"):
        await source.media(name)


async def test_a_damaged_index_is_made_anew(
    source: RentmanXml, watching: Callable[[], RentmanXml], drop: Path
) -> None:
    upload(drop, "A.jpg", b"one")
    upload(drop, "rentman.xml", with_photo(PHOTO))
    before = photos(await source.listings())
    upload(drop / TAKEN, "media.json", b"\xff{")

    assert photos(await watching().listings()) == before


async def test_a_folder_that_went_away_is_worth_another_try(
    source: RentmanXml, drop: Path, tmp_path: Path
) -> None:
    await asyncio.to_thread(drop.rename, tmp_path / "away")

    with pytest.raises(UpstreamUnavailableError, match="the folder of uploads: No such file"):
        await source.listings()


async def test_a_folder_that_never_was_is_a_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(UnusableSettingError, match=r"SYNC_XML_DIR: .*nowhere"):
        await RentmanXml(Folder(tmp_path / "nowhere", SETTLE_S), LIMIT).open()
