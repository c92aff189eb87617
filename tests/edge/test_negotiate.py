"""Content codings and conditional requests, by RFC 9110."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.negotiate import KEPT_LENGTH, PREFERENCE, acceptable, choose, not_modified

ALL = dict.fromkeys(PREFERENCE)
PLAIN = {"identity": None}
TAG = '"abc"'
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"  # 1_700_000_000


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, zstd;q=0.8, gzip;q=0.8", "zstd"),
        ("br;q=0, *", "zstd"),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("identity", "identity"),
        ("identity;q=0.5, br;q=0.4", "identity"),
        ("gzip ; Q=0.3 , br; q=0.2", "gzip"),
        ("identity;q=0, *;q=0", None),
        ("*;q=0", None),
        ("deflate", "identity"),
        ("compress, deflate;q=1.0", "identity"),
    ],
)
def test_the_best_stored_coding_is_chosen(accept: str | None, chosen: str | None) -> None:
    assert choose(ALL, accept) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [("br, gzip", "identity"), ("gzip, identity;q=0", None), ("gzip, *;q=0", None)],
)
def test_identity_is_acceptable_unless_refused(accept: str, chosen: str | None) -> None:
    assert choose(PLAIN, accept) == chosen


@pytest.mark.parametrize(
    "accept", ["br;q=", "br;q=x", "br;q=2", "br;q=-1", "br;q=nan", "br;q=inf", ";;,,=", "br;q=٣"]
)
def test_a_malformed_weight_refuses_only_its_coding(accept: str) -> None:
    assert choose(ALL, accept) == "identity"


@given(st.text(max_size=2 * KEPT_LENGTH))
def test_any_header_has_an_answer(accept: str) -> None:
    assert set(acceptable(accept)) <= set(PREFERENCE)


def test_a_long_header_is_read_but_not_remembered() -> None:
    padding = "x-unheard-of;q=0.1, " * 20

    assert choose(ALL, padding + "gzip") == "gzip"
    assert choose(ALL, "a," * 100_000) == "identity"


@pytest.mark.parametrize(
    ("sent", "current"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ("*", True),
        ('"x", W/"y" ,"abc"', True),
        ('"x"', False),
        ("abc", False),
        ('"ABC"', False),
        ('w/"abc"', False),
        ("", False),
        (",,", False),
    ],
)
def test_if_none_match_compares_weakly_and_reads_lists(sent: str, current: bool) -> None:
    assert not_modified(sent, None, TAG, 0) is current


def test_if_none_match_alone_decides_when_both_are_sent() -> None:
    assert not_modified('"other"', DATE, TAG, 1) is False
    assert not_modified(TAG, "Thu, 01 Jan 1970 00:00:00 GMT", TAG, 1_700_000_000) is True


@pytest.mark.parametrize(
    ("modified", "current"),
    [(1_699_999_999, True), (1_700_000_000, True), (1_700_000_001, False), (0, False)],
)
def test_if_modified_since_is_to_the_second(modified: int, current: bool) -> None:
    assert not_modified(None, DATE, TAG, modified) is current


def test_a_date_in_the_form_of_asctime_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert not_modified(None, "Tue Nov 14 22:13:20 2023", TAG, 1_700_000_000) is True
        assert not_modified(None, "Tue Nov 14 22:13:19 2023", TAG, 1_700_000_000) is False
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "date",
    [
        "",
        " ",
        "yesterday",
        "0",
        "Tue, 99 Nov 2023 22:13:20 GMT",
        "Tue, 14 Nov 99999 22:13:20 GMT",
        "Tue, 14 Nov 0000 22:13:20 GMT",
        "Tue, 14 Nov 2023 22:13:20 +9999999999",
        "9" * 5_000,
    ],
)
def test_an_unreadable_date_is_ignored(date: str) -> None:
    assert not_modified(None, date, TAG, 2**37) is False


words = st.sampled_from(["Tue,", "14", "Nov", "2023", "22:13:20", "GMT", "-0000", ":", "٣", "1e9"])


@given(st.text() | st.lists(words | st.text(max_size=3), max_size=8).map(" ".join))
def test_any_conditional_header_has_an_answer(sent: str) -> None:
    assert not_modified(sent, None, TAG, 1) in (True, False)
    assert not_modified(None, sent, TAG, 1) in (True, False)
