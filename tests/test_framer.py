"""Whatever a Framer page can bind, in every JSON answer there is: the rules of its Fetch, kept.

A Fetch takes a value by a path of keys split at `.`, `[` and `]`; null, a missing key, a relative
address or a truth that is not true or false is an error there, and its fallback is shown.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from edge.query import routes
from sync.model import MediaName, Offer
from sync.render.images import Links
from sync.render.site import render
from tests.edge.homes import HOMES, MOMENT, generation
from tests.sync.samples import known, ledger

BARE = known(
    "bare",
    **dict.fromkeys(("address", "street", "town", "outcode", "area", "area_slug"), ""),  # type: ignore[arg-type] # texts
    beds=None,
    baths=None,
    media=(),
    offers=(Offer(channel="sale", pence=0),),
)
FILMED = known(
    "filmed",
    media=(
        MediaName(kind="photo", filename="a.jpg"),
        MediaName(kind="video", filename="private-name.mp4"),
    ),
)
SITES = {
    "filmed": render([FILMED], ledger(FILMED), Links("https://homes.example"), MOMENT),
    "full": render(HOMES, ledger(*HOMES), Links("https://homes.example"), MOMENT),
    "bare": render([BARE], {}, Links("https://homes.example"), MOMENT),
    "empty": render([], {}, Links("https://homes.example"), MOMENT),
}
QUESTIONS: list[tuple[str, dict[str, str]]] = [
    ("/api/properties", {}),
    ("/api/properties", {"channel": "sale", "beds_min": "9"}),
    ("/api/framer/properties", {"per_page": "1", "page": "9"}),
    ("/api/properties/search", {"q": "flat"}),
    ("/api/properties/search", {"q": "xyzzy"}),
    ("/api/properties/suggest", {"q": "ca"}),
    ("/api/properties/suggest", {}),
    ("/api/properties/cut/similar", {}),
    ("/api/revision", {}),
]
NOT_BOUND = {"/openapi.json", "/feed.json"}  # for programs
PAIRS = {  # raw value: what is shown of it
    "price": "price_label",
    "bedrooms": "beds_label",
    "bathrooms": "baths_label",
    "available_from": "available_label",
    "status": "status_label",
    "channel": "channel_label",
    "type": "type_label",
    "furnishing": "furnishing_label",
    "tenure": "tenure_label",
    "duration_s": "duration_label",
    "low": "low_label",
    "median": "median_label",
    "high": "high_label",
}
IMAGE = {"src": str, "srcSet": str, "alt": str, "width": int, "height": int}


def answers() -> Iterator[tuple[str, Any]]:
    """Every JSON answer of a full, a bare and an empty site, by where it is."""
    for name, site in SITES.items():
        for path, body in site.pages.items():
            if "json" in body.content_type and path not in NOT_BOUND:
                yield f"{name}:{path}", msgspec.json.decode(body.data)
        shown = generation(site)
        for path, query in QUESTIONS:
            question = routes.question(path, {key: [value] for key, value in query.items()})
            made = routes.answered(question, shown) if question is not None else None
            if made is not None:
                yield f"{name}:{path}?{query}", msgspec.json.decode(made.body)


EVERY = dict(answers())


def objects(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document and the path of keys to it."""
    if isinstance(value, dict):
        yield where, value
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from objects(inner, f"{where}.{key}")


def fields() -> Iterator[tuple[str, str, Any]]:
    for name, document in EVERY.items():
        for where, one in objects(document):
            for key, value in one.items():
                yield f"{name}{where}.{key}", key, value


def test_there_is_something_to_judge() -> None:
    assert len(EVERY) > 60
    assert {name.partition(":")[0] for name in EVERY} == set(SITES)
    assert sum(1 for _ in fields()) > 5_000


def test_nothing_is_null() -> None:
    assert [where for where, _, value in fields() if value is None] == []
    for document in EVERY.values():
        assert b"null" not in msgspec.json.encode(document)


def test_no_key_is_cut_by_a_path() -> None:
    assert [where for where, key, _ in fields() if re.search(r"[.\[\]]", key)] == []


def test_addresses_are_absolute() -> None:
    for where, key, value in fields():
        if re.search(r"(?:^|_)url$|^src$", key) and value:
            assert re.match(r"https://[a-z0-9.]+(/|$)", value), where
        if key == "srcSet":
            for part in filter(None, value.split(", ")):
                assert re.fullmatch(r"https://\S+ [0-9]+w", part), where
        if key in ("image_url", "url", "src"):
            assert value, where


def test_a_shared_link_has_a_picture_that_every_network_reads_or_an_empty_text() -> None:
    found = [value for _, key, value in fields() if key == "og_image"]

    assert "" in found
    assert any(found)
    assert all(re.fullmatch(r"(https://\S+/[0-9a-f]{32}/[0-9]{2,5}\.jpg)?", one) for one in found)


def test_truths_are_booleans_and_nothing_else_is() -> None:
    for where, key, value in fields():
        named = key.startswith(("is_", "has_")) or key in ("short_let", "match", "value")
        assert isinstance(value, bool) <= named, where
        if key.startswith(("is_", "has_")):
            assert isinstance(value, bool), where


@pytest.mark.parametrize("raw", PAIRS)
def test_what_is_known_is_there_raw_and_ready_to_show(raw: str) -> None:
    found = 0
    for name, document in EVERY.items():
        for _, one in objects(document):
            if PAIRS[raw] in one:
                found += 1
                assert isinstance(one[PAIRS[raw]], str)
                assert raw in one, name
                if one[raw] and raw != "available_from":
                    assert one[PAIRS[raw]], name
    assert found


def test_an_image_is_of_the_shape_a_framer_image_takes() -> None:
    images = [
        one["image"]
        for document in EVERY.values()
        for _, one in objects(document)
        if isinstance(one.get("image"), dict)
    ]

    assert len(images) > 20
    for image in images:
        assert {key: type(image[key]) for key in IMAGE} == IMAGE
        assert image["width"] > 0
        assert image["height"] > 0


def shape(value: Any) -> Any:
    """Keys and kinds of values; a list is a list whatever is in it, a number a number."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key != "json_ld"}
    kind = type(value).__name__
    return "number" if kind in ("int", "float") else kind


def test_an_answer_has_one_shape_however_little_is_in_it() -> None:
    shapes: dict[str, set[str]] = {}
    for name, document in EVERY.items():
        path = name.partition(":")[2].partition("?")[0]
        kind = re.sub(
            r"(/property|/properties|/areas)/(?!featured|search|suggest)[^/]+", r"\1/x", path
        )
        shapes.setdefault(kind, set()).add(repr(shape(document)))

    assert len(shapes) > 10
    assert {kind: found for kind, found in shapes.items() if len(found) > 1} == {}


def test_every_card_and_every_suggestion_has_one_shape() -> None:
    cards = [
        repr(shape(one))
        for name, document in EVERY.items()
        if "/areas" not in name and "/suggest" not in name and "/redirects" not in name
        for one in document.get("items", ())
    ]

    assert len(cards) > 20
    assert len(set(cards)) == 1
