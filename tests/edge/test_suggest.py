"""What is offered while somebody types."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edge.homes import asked, generation, published
from tests.sync.samples import known

PATH = "/api/properties/suggest"


def offered(**query: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["label"]) for one in asked(path=PATH, **query)["items"]]


def first(**query: str) -> Any:
    return asked(path=PATH, **query)["items"][0]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("bel", [("area", "Belsize Park"), ("station", "Belsize Park")]),
        ("belsize p", [("area", "Belsize Park"), ("station", "Belsize Park")]),
        ("park", [("area", "Belsize Park"), ("station", "Belsize Park")]),
        ("nw", [("outcode", "NW1"), ("outcode", "NW3")]),
        ("st j", [("street", "St John's Gardens")]),
        ("street j", [("street", "St John's Gardens")]),
        ("saint johns", [("street", "St John's Gardens")]),
        ("high", [("street", "High Street")]),
        ("camdne", [("area", "Camden")]),
        ("NW3 2", [("outcode", "NW3")]),
        ("nw3 2ab", [("outcode", "NW3")]),
        ("nw32", [("outcode", "NW3")]),
        ("nw32ab", [("outcode", "NW3")]),
        ("john's", [("street", "St John's Gardens")]),
        ("xyzzy", []),
        ("'\"*", []),
        ("", []),
    ],
)
def test_places_are_offered_as_they_are_typed(q: str, found: list[tuple[str, str]]) -> None:
    assert offered(q=q) == found


def test_a_suggestion_leads_to_the_homes_it_counts() -> None:
    for typed in ("cam", "nw", "high", "bel", "st"):
        for channel in ({}, {"channel": "rent"}, {"channel": "sale"}):
            for one in asked(path=PATH, q=typed, **channel)["items"]:
                query = dict(parse_qsl(one["query"]))
                assert asked(**query, **channel)["total"] == one["count"] > 0, one


def test_only_the_channel_asked_for_is_counted() -> None:
    assert first(q="camden")["count"] == 4
    assert first(q="camden", channel="sale")["count"] == 1
    assert offered(q="belsize", channel="sale") == []


def test_what_was_typed_is_marked() -> None:
    assert first(q="st j")["pieces"] == [
        {"text": "St", "match": True},
        {"text": " ", "match": False},
        {"text": "J", "match": True},
        {"text": "ohn's Gardens", "match": False},
    ]


def test_the_likeliest_come_first_and_no_more_than_asked_for() -> None:
    homes = [known(f"{n}", street=f"Ash Road {'abcdefghijk'[n]}") for n in range(11)]
    homes += [known(f"x{n}", street="Ashley Road") for n in range(2)]
    shown = generation(published(homes))
    found = asked(shown, path=PATH, q="ash", limit="5")

    assert found["total"] == len(found["items"]) == 5
    assert found["items"][0]["label"] == "Ashley Road"


@given(st.text(max_size=100))
def test_no_typing_does_harm(q: str) -> None:
    for one in asked(path=PATH, q=q)["items"]:
        assert "".join(piece["text"] for piece in one["pieces"]) == one["label"]
