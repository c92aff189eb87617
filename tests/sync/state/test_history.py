"""What happened to each home, the archive, and what cannot be read."""

import msgspec
import pytest
import sqlalchemy as sa
import structlog

from sync.model import MediaName, Medium, Offer
from sync.state import schema
from sync.state.database import State
from sync.state.records import Event
from tests.sync.samples import picture
from tests.sync.state.homes import DAY, home, shown, told


def test_a_home_s_story_is_told_in_order(state: State) -> None:
    other = home("other")
    state.remember([home("AB1"), other], 1 * DAY)
    state.remember([home("AB1", pence=90_000), other], 2 * DAY)
    state.remember([home("AB1", pence=90_000, status="under_offer"), other], 3 * DAY)
    for day in (4, 5, 6):
        state.remember([other], day * DAY)
    state.remember([home("AB1", pence=80_000), other], 7 * DAY)

    assert (
        state.events("ab1")
        == state.events("AB1")
        == [
            Event(ref="ab1", at=1 * DAY, kind="first_seen", after="available"),
            Event(
                ref="ab1", at=2 * DAY, kind="price", channel="rent", before="100000", after="90000"
            ),
            Event(ref="ab1", at=3 * DAY, kind="status", before="available", after="under_offer"),
            Event(ref="ab1", at=4 * DAY, kind="missing"),
            Event(ref="ab1", at=5 * DAY, kind="hidden"),
            Event(ref="ab1", at=7 * DAY, kind="returned", before="under_offer", after="available"),
            Event(ref="ab1", at=7 * DAY, kind="status", before="under_offer", after="available"),
            Event(
                ref="ab1", at=7 * DAY, kind="price", channel="rent", before="90000", after="80000"
            ),
        ]
    )
    assert [point.pence for point in state.prices("AB1")] == [100_000, 90_000, 80_000]
    assert told(state, "other") == ["first_seen"]


def test_the_same_list_again_tells_and_changes_nothing(state: State) -> None:
    for now in (1, 2, 3):
        state.remember([home("1"), home("2", status="sold")], now)

    assert told(state, "1") == told(state, "2") == ["first_seen"]
    assert {item.changed_at for item in state.visible()} == {1}


def test_each_channel_s_price_changes_apart(state: State) -> None:
    both = (Offer(channel="rent", pence=100), Offer(channel="sale", pence=900))
    cut = (Offer(channel="rent", pence=100), Offer(channel="sale", pence=800))
    state.remember([home(offers=both)], 1)
    state.remember([home(offers=cut)], 2)

    (event,) = [event for event in state.events("1") if event.kind == "price"]
    assert (event.channel, event.before, event.after) == ("sale", "900", "800")


@pytest.mark.parametrize("status", ["under_offer", "sold", "off_market"])
def test_available_again_is_back_on_the_market(state: State, status: str) -> None:
    for now, word in ((1, "available"), (2, status), (3, "available"), (4, "available")):
        state.remember([home(status=word)], now)

    (item,) = state.visible()
    assert item.returned_at == 3


@pytest.mark.parametrize(("gone_s", "back"), [(DAY - 1, False), (DAY, True)])
def test_a_hidden_home_is_back_on_the_market_after_a_day(
    state: State, gone_s: int, back: bool
) -> None:
    state.remember([home("1"), home("2")], 1)
    for now in (2, 3):
        state.remember([home("2")], now)
    state.remember([home("1"), home("2")], 2 + gone_s)

    item = next(item for item in state.visible() if item.listing.id == "1")
    assert bool(item.returned_at) is back
    assert told(state, "1")[-1] == "returned"


def test_a_home_gone_for_long_is_archived_with_its_facts_and_prices(state: State) -> None:
    stays = home("2")
    state.remember([home("AB1", pence=90_000), stays], 0, rows={"ab1": {"a": 1}, "2": {"b": 2}})
    for day in (1, 2, 90):
        state.remember([stays], day * DAY, rows={"2": {"b": 2}})
        assert state.archive() == []
    state.remember([stays], 91 * DAY, rows={"2": {"b": 2}})

    (gone,) = state.archive()
    assert (gone.id, gone.first_seen) == ("AB1", 0)
    assert (gone.missing_since, gone.archived_at) == (1 * DAY, 91 * DAY)
    assert (gone.address, gone.beds, gone.photo) == ("High Street, Camden", 2, "AB1-1.jpg")
    assert gone.offers == (Offer(channel="rent", pence=90_000),)
    assert [point.pence for point in state.prices("AB1")] == [90_000]
    assert told(state, "AB1") == ["first_seen", "missing", "hidden", "archived"]
    assert state.source_row("AB1") == b""
    assert state.birth() == 0


def test_a_home_comes_back_from_the_archive_with_its_history(state: State) -> None:
    stays = home("2")
    state.remember([home("1"), stays], 0)
    for day in (1, 2, 100):
        state.remember([stays], day * DAY)
    state.remember([home("1", pence=80_000), stays], 200 * DAY)

    back = next(item for item in state.visible() if item.listing.id == "1")
    assert (back.first_seen, back.returned_at) == (0, 200 * DAY)
    assert [point.pence for point in back.prices] == [100_000, 80_000]
    assert state.archive() == []
    assert told(state, "1")[-3:] == ["archived", "returned", "price"]


def test_how_long_a_home_is_kept_whole_is_a_setting(url: str) -> None:
    state = State(url, archive_after_s=10)
    state.migrate()
    state.remember([home("1"), home("2")], 0)
    for now in (1, 2, 11):
        state.remember([home("2")], now)

    assert [gone.id for gone in state.archive()] == ["1"]
    state.close()


def test_off_the_market_for_long_is_still_in_the_list_and_not_archived(state: State) -> None:
    for day in range(0, 400, 100):
        state.remember([home(status="off_market")], day * DAY)

    assert state.archive() == []
    assert state.present() == {"1"}


@pytest.mark.parametrize(
    "payload", [b"", b"rubbish", b"\x81\xa2id\xa1\xff", msgspec.msgpack.encode({"id": 7})]
)
def test_a_home_that_cannot_be_read_is_named_and_unknown_until_it_comes_again(
    state: State, payload: bytes
) -> None:
    state.remember([home("1"), home("2")], 1)
    spoil(state, schema.listing, payload, schema.listing.c.ref == "1")

    with structlog.testing.capture_logs() as said:
        assert shown(state) == ["2"]
    assert [(line["event"], line["record"]) for line in said] == [
        ("record_unreadable", "listing 1")
    ]
    assert state.present() == {"1", "2"}
    state.remember([home("1"), home("2")], 2)
    assert set(shown(state)) == {"1", "2"}
    back = next(item for item in state.visible() if item.listing.id == "1")
    assert (back.first_seen, back.changed_at) == (1, 2)
    assert told(state, "1") == ["first_seen"]


def test_a_home_that_cannot_be_read_and_does_not_come_again_is_archived_all_the_same(
    state: State,
) -> None:
    state.remember([home("1"), home("2")], 1)
    spoil(state, schema.listing, b"rubbish", schema.listing.c.ref == "1")
    for day in (1, 2, 100):
        state.remember([home("2")], day * DAY)

    (gone,) = state.archive()
    assert (gone.id, gone.first_seen, gone.address) == ("1", 1, "")
    spoil(state, schema.archive, b"rubbish", schema.archive.c.ref == "1")
    assert [(one.id, one.first_seen) for one in state.archive()] == [("1", 1)]


def test_a_medium_that_cannot_be_read_is_unknown(state: State) -> None:
    state.keep_medium(Medium(filename="a.jpg", picture=picture()))
    state.keep_medium(Medium(filename="b.jpg", picture=picture()))
    spoil(state, schema.medium, b"rubbish", schema.medium.c.filename == "a.jpg")

    assert set(state.media()) == {"b.jpg"}
    assert state.knows_media()

    spoil(state, schema.medium, b"rubbish", schema.medium.c.filename == "b.jpg")
    assert not state.knows_media()  # and is recalled from beside the pictures


def spoil(state: State, table: sa.Table, payload: bytes, which: sa.ColumnElement[bool]) -> None:
    with state._engine.writing() as connection:
        connection.execute(sa.update(table).where(which).values(payload=payload))


def test_the_files_that_homes_name_hidden_or_archived_are_known(state: State) -> None:
    names = tuple(MediaName(kind="photo", filename=f"{n}.jpg", position=n) for n in range(3))
    state.remember([home("1", media=names[:2]), home("2", media=(names[2],))], 0)
    for day in (1, 2):
        state.remember([home("2", media=(names[2],))], day * DAY)
    assert state.named_media() == {"0.jpg", "1.jpg", "2.jpg"}

    state.remember([home("2", media=(names[2],))], 100 * DAY)
    assert state.named_media() == {"0.jpg", "2.jpg"}  # the archive keeps the first photo


def test_which_files_are_named_is_not_known_while_there_is_a_home_that_cannot_be_read(
    state: State,
) -> None:
    state.remember([home("1"), home("2")], 0)
    spoil(state, schema.listing, b"rubbish", schema.listing.c.ref == "1")

    assert state.named_media() is None


def test_the_latest_row_of_each_home_is_kept_as_it_came(state: State) -> None:
    state.remember([home("AB1")], 1, rows={"ab1": {"propref": "AB1", "rent": "1\x00"}})
    state.remember([home("AB1")], 2, rows={"ab1": {"propref": "AB1", "rent": 2}})

    assert state.source_row("AB1") == b'{"propref":"AB1","rent":2}'
    assert state.source_row("2") == b""


def test_a_row_too_large_to_keep_is_told_by_its_size_and_one_without_a_home_is_not_kept(
    state: State,
) -> None:
    rows = {"1": {"comments": "x" * 70_000}, "stray": {"a": 1}, "x" * 300: {"a": 1}}
    state.remember([home("1")], 1, rows=rows)

    assert msgspec.json.decode(state.source_row("1")) == {"too_large": 70_015}
    assert state.source_row("stray") == b""
