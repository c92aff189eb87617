"""Whatever a home goes through, its story is one that can be read from its events alone."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sync.model import Channel, Listing, Status
from sync.state import changes
from sync.state.records import Archived, Event, Remembered
from tests.sync.state.homes import DAY, home

STATUSES: tuple[Status, ...] = ("available", "under_offer", "sold", "off_market")
SEEN = st.builds(
    lambda pence, status: home(pence=pence, status=status),
    st.sampled_from([0, 100, 200]),
    st.sampled_from(STATUSES),
)
LISTS = st.lists(st.none() | SEEN, min_size=1, max_size=12)  # None: a list without it
ARCHIVE_AFTER_S = 3 * DAY


def lived(
    lists: Sequence[Listing | None],
) -> tuple[Remembered | None, Archived | None, list[Event]]:
    """A list a day, from the home's first."""
    remembered, archived, events = None, None, list[Event]()
    prices: dict[Channel, int] = {}
    for day, listing in enumerate([home(pence=100), *lists]):
        now = day * DAY
        change = None
        if listing is not None and remembered is not None:
            change = changes.seen(remembered, listing, now, prices)
        elif listing is not None:
            change = changes.arrived(listing, now, prices, archived)
            archived = None
        elif remembered is not None:
            change = changes.absent(remembered, now)
        if listing is not None:
            points = changes.price_points(listing, now, prices)
            prices |= {point.channel: point.pence for point in points}
        if change is not None:
            remembered = change[0]
            events += change[1]
        if remembered is not None and changes.is_gone(remembered, now, ARCHIVE_AFTER_S):
            archived, event = changes.archived(remembered, now)
            remembered = None
            events.append(event)
    return remembered, archived, events


@given(LISTS)
def test_a_home_is_in_one_place_and_its_first_day_never_moves(
    lists: list[Listing | None],
) -> None:
    remembered, archived, events = lived(lists)

    assert (remembered is None) != (archived is None)
    place = remembered or archived
    assert place is not None
    assert place.first_seen == 0
    assert [event.kind for event in events].count("first_seen") == 1


@given(LISTS)
def test_one_absence_hides_nothing_and_two_do(lists: list[Listing | None]) -> None:
    remembered, _, _ = lived(lists)
    away = 0
    for listing in reversed(lists):
        if listing is not None:
            break
        away += 1

    assert (remembered is None) == (away >= 4)
    if remembered is not None:
        assert remembered.missing == away
        assert (remembered.missing_since > 0) == (away > 0)


@given(LISTS)
def test_each_price_and_status_follows_from_the_one_before(
    lists: list[Listing | None],
) -> None:
    _, _, events = lived(lists)
    price, status, shelved = "100", "available", False
    for event in events:
        match event.kind:
            case "price":
                assert event.before == price != event.after
                price = event.after
            case "status":
                assert event.before == status != event.after
                status = event.after
            case "archived":
                shelved = True
            case "returned":
                assert event.before == status
                if shelved:  # else an event of its own tells of another status
                    status, shelved = event.after, False


@given(LISTS)
def test_a_home_is_back_only_when_it_was_away_and_is_available(
    lists: list[Listing | None],
) -> None:
    remembered, _, events = lived(lists)
    if remembered is None or not remembered.returned_at:
        return

    then = {event.kind: event.after for event in events if event.at == remembered.returned_at}
    assert "available" in (then.get("status"), then.get("returned"))
