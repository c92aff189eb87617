"""Years, in small, of a portfolio that never stands still: every table stays as large as its rule says."""

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.state import schema
from sync.state.database import State
from sync.state.records import Held, Run
from sync.state.retention import Keeping
from tests.sync.state.homes import DAY, home, told

SMALL = Keeping(archive_s=40 * DAY, events_each=20, prices_each=5, audit=9, runs=30)
TERM = 50  # passes, one in two days: each limit is reached within one


@pytest.fixture
def small(url: str) -> State:
    """Ten days until a home is archived."""
    made = State(url, 10 * DAY, SMALL)
    made.migrate()
    return made


def counted(state: State) -> Counter[str]:
    with state._engine.reading() as connection:
        return Counter(
            {
                table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in schema.metadata.sorted_tables
            }
        )


def live(state: State, days: range) -> Counter[str]:
    """A home that is there every other day at another price; each third day a new one, for two weeks;
    faults, holds, an operator, and the passes themselves. The most rows of each table."""
    most: Counter[str] = Counter()
    for day in days:
        now = 2 * day * DAY
        flapping = [home("flap", pence=100_000 + day)] * (day % 2)
        passing = [home(f"h{n}") for n in range(day - 6, day + 1) if n % 3 == 0]
        faults = [(f"bad{day}", "rentmonth", "0")]
        if day % 5 == 0:
            state.hold(Held(signature=f"{day}", code="short"), now, faults)
            state.refuse(by="operator", now=now)
        else:
            listings = [home("stays"), *flapping, *passing]
            state.remember(listings, now, faults=faults, rows={"flap": {"day": day}})
            state.slugs({f"slug-of-h{day // 3 * 3}": f"h{day // 3 * 3}"}, now)
        state.record(Run(started_at=now, seconds=1, outcome="published", reason=""))
        if day % 7 == 0:
            most |= counted(state)
    return most


def test_no_table_grows_from_term_to_term(tmp_path: Path) -> None:
    state = State(f"sqlite:///{tmp_path}/state.db", 10 * DAY, SMALL)
    state.migrate()
    live(state, range(1, TERM))
    second = live(state, range(TERM, 2 * TERM))
    third = live(state, range(2 * TERM, 3 * TERM))

    grown = {name for name, rows in third.items() if rows > second[name] + 2}
    assert grown <= {"hold"}  # of which the last thousand are kept
    assert third["run"] == SMALL.runs
    assert third["audit"] <= SMALL.audit + 2
    assert third["archive"] <= 40 / 3 + 5
    assert told(state, "flap")[0] == "first_seen"
    assert len(told(state, "flap")) <= SMALL.events_each + 4
    assert state.prices("flap")[-1].pence >= 100_000 + 3 * TERM - 5
    assert told(state, "stays") == ["first_seen"]
    state.close()


def test_a_home_goes_from_the_archive_with_all_that_was_kept_of_it(small: State) -> None:
    small.remember([home("old"), home("stays")], 0)
    small.slugs({"old-slug": "old"}, 0)
    for day in (1, 2, 20):
        small.remember([home("stays")], day * DAY)
    assert [one.id for one in small.archive()] == ["old"]
    assert small.slugs({}, 0) == {"old-slug": "old"}

    small.remember([home("stays")], 61 * DAY)

    assert (small.archive(), told(small, "old"), small.prices("old")) == ([], [], [])
    assert small.slugs({}, 0) == {}
    small.close()
