"""What visitors tell is counted: by kind, by second, over processes."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from bench.load.recorder import LATE_S, Recorder
from bench.load.records import Told
from bench.load.tally import PAGE, PICTURE, Second


def recording(late_s: int = 0, *, users: int = 0, counts: bool = True) -> Recorder:
    """Heard by nobody: to import Locust would change the sockets of all tests."""
    event = SimpleNamespace(add_listener=lambda _: None)
    names = ("test_start", "request", "user_error", "report_to_master", "worker_report")
    hub = SimpleNamespace(**dict.fromkeys(names, event))
    environment = SimpleNamespace(events=hub, runner=SimpleNamespace(user_count=users))
    return Recorder(cast("Any", environment), late_s=late_s, counts=counts)


def heard(
    recorder: Recorder, name: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> None:
    answer = SimpleNamespace(status_code=status, headers=headers)
    recorder.heard(name=name, response_time=1.0, response_length=9, response=answer)


def test_what_visitors_tell_is_counted_by_kind_and_by_second() -> None:
    recorder = recording()
    heard(recorder, "list", headers={"cache-status": "tree; hit", "content-length": "7"})
    heard(recorder, "revisit", 304)
    heard(recorder, PICTURE)

    told = msgspec.convert(recorder.end(), Told)

    assert [told.kinds[name].requests for name in ("list", "revisit", PICTURE)] == [1, 1, 1]
    assert (told.kinds["list"].hits, told.kinds["list"].bytes) == (1, 7)
    assert (told.kinds["revisit"].unchanged, told.totals[PAGE].unchanged) == (1, 1)
    assert told.totals[PAGE].requests == told.settled[PAGE].requests == 2
    assert sum(one.requests for one in told.seconds) == 3


def test_seconds_in_which_nobody_counted_have_as_many_visitors_as_the_last() -> None:
    """As results of before have them, when a master counted as its workers reported."""
    counted = [
        Second(at=at, requests=1, errors=0, users=users, p50_ms=1, p99_ms=1)
        for at, users in enumerate((0, 50, 0, 0, 100, 0))
    ]
    told = Told(totals={}, kinds={}, seconds=counted, faults={})

    assert (told.visitors, told.visitor_seconds) == (100, 50 * 3 + 100 * 2)


def test_a_visitor_whose_script_fails_is_an_error() -> None:
    recorder = recording()
    recorder.failed(exception=KeyError("items"))
    told = msgspec.convert(recorder.end(), Told)

    assert told.totals[PAGE].errors == 1
    assert told.faults == {"visitor: KeyError('items')": 1}


def test_visitors_are_counted_in_each_second_also_where_nothing_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("bench.load.recorder.monotonic", lambda: now)
    recorder = recording(users=30)
    heard(recorder, "list")
    now = 103.0
    sent: dict[str, Any] = {}
    recorder._report("", sent)
    again: dict[str, Any] = {}
    recorder._report("", again)

    assert sent["users"] == {"0": 30, "1": 30, "2": 30, "3": 30}
    assert again["users"] == {}


def test_what_workers_send_adds_up_on_their_master() -> None:
    """Which does not count itself: it hears of its workers' visitors with what these tell."""
    workers = recording(LATE_S, users=150), recording(LATE_S, users=150)
    master = recording(LATE_S, users=7, counts=False)
    for worker in workers:
        heard(worker, "list")
        worker.failed(exception=ValueError("odd"))
        worker.arrived()
        sent: dict[str, Any] = {}
        worker._report("", sent)
        master._reported("", msgspec.json.decode(msgspec.json.encode(sent)))
        assert worker.kinds == {}

    told = msgspec.convert(master.end(), Told)

    assert (told.totals[PAGE].requests, told.totals[PAGE].errors) == (2, 2)
    assert [one.requests for one in told.seconds] == [2]
    assert told.faults == {"visitor: ValueError('odd')": 2}
    assert (told.arrivals, told.visitors) == (2, 300)
