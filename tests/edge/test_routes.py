"""Addresses that are answered by a query, through the whole reply."""

import msgspec
import pytest

from edge import table
from edge.message import Reply, Request
from edge.query import routes
from edge.reply import View, reply
from snapshot import DamagedError, Manifest, NewerFormatError, digest, encode
from tests.edge.homes import published
from tests.snapshot.made import PUBLISHED, generation

SITE = published()


def built(**changes: object) -> tuple[Manifest, dict[str, bytes]]:
    manifest, objects = generation(3, {}, SITE.rows)
    index = encode(msgspec.structs.replace(SITE.index, **changes))
    manifest.artefacts["index"] = digest(index)
    return manifest, objects | {digest(index): index}


VIEW = View(table.build(*built(moved={"old-slug": "new-slug"}), None))


def ask(path: str, query: dict[str, list[str]] | None = None, view: View = VIEW) -> Reply:
    return reply(view, Request("GET", path, query or {}, dict[str, str]().get), PUBLISHED, 3600)


def test_similar_homes_are_cards_by_reference_and_by_slug() -> None:
    found = msgspec.json.decode(ask("/api/properties/CUT/similar").body)
    slug = SITE.index.slugs[[row.id for row in SITE.rows].index("cut")]

    assert found["items"][0]["id"] == "later"
    assert found["total"] == len(found["items"]) > 2
    assert ask(f"/api/properties/{slug}/similar").body == ask("/api/properties/cut/similar").body
    assert ask("/api/properties/none/similar").status == 404


def test_the_revision_is_small_and_kept_for_seconds() -> None:
    answer = ask("/api/revision")

    assert answer.headers["cache-control"] == "public, max-age=5"
    assert msgspec.json.decode(answer.body) == {
        "generation": 3,
        "published_at": "2023-11-14T22:13:23Z",
    }


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/properties/search", {}),
        ("/api/properties/search", {"q": [""]}),
        ("/api/properties/suggest", {"sort": ["newest"]}),
        ("/api/properties/suggest", {"limit": ["21"]}),
        ("/api/revision", {"since": ["1"]}),
        ("/api/properties/cut/similar", {"limit": ["1"]}),
        ("/api/properties", {"cursor": ["abcd"]}),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(path: str, query: dict[str, list[str]]) -> None:
    answer = ask(path, query)

    assert answer.status == 400
    assert msgspec.json.decode(answer.body)["parameter"] in {*query, "q"}


def test_the_same_question_in_any_spelling_is_kept_once() -> None:
    view = View(table.build(*built(), None))
    for q in ("St John's", "st johns", "SAINT  JOHNS"):
        ask("/api/properties", {"q": [q], "utm_source": ["x"]}, view)
        ask("/api/properties/search", {"q": [q]}, view)

    assert len(view.results.kept) == 1


def test_a_query_string_is_read_again_only_when_it_is_long() -> None:
    short, long = {"q": ["flat"]}, {"ids": [",".join(f"{n:09}" for n in range(50)) + "," * 100]}

    assert routes.question("/api/properties", short) is routes.question("/api/properties", short)
    first, again = (routes.question("/api/properties", long) for _ in range(2))
    assert first == again
    assert first is not again


def test_what_is_asked_for_again_outlives_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.results.RESULTS", 3)
    view = View(table.build(*built(), None))
    for page in ("1", "2", "3", "1", "4"):
        ask("/api/properties", {"page": [page]}, view)

    assert sorted(one.page for one in view.results.kept if hasattr(one, "page")) == [1, 3, 4]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/properties/old-slug", "/api/properties/new-slug"),
        ("/api/properties/old-slug/media", "/api/properties/new-slug/media"),
        ("/api/properties/old-slug/similar", "/api/properties/new-slug/similar"),
        ("/api/framer/property/old-slug", "/api/framer/property/new-slug"),
    ],
)
def test_a_former_slug_leads_to_the_present_one(path: str, place: str) -> None:
    answer = ask(path)

    assert (answer.status, answer.headers["location"]) == (308, place)
    assert ask("/api/framer/property/none").status == 404
    assert ask("/old-slug").status == 404


def test_a_list_has_links_and_only_a_list() -> None:
    assert 'rel="first"' in ask("/api/properties").headers["link"]
    assert "link" not in ask("/api/revision").headers


def test_an_index_of_other_cards_is_damage() -> None:
    for changes in ({"count": 3}, {"slugs": ("a",)}, {"similar": ((99,),) * len(SITE.rows)}):
        with pytest.raises(DamagedError):
            table.build(*built(**changes), None)


def test_an_index_of_a_newer_release_is_refused_by_name() -> None:
    with pytest.raises(NewerFormatError):
        table.build(*built(format=2), None)


def test_a_snapshot_without_an_index_still_has_its_list() -> None:
    view = View(table.build(*generation(3, {}, SITE.rows), None))

    assert msgspec.json.decode(ask("/api/properties", view=view).body)["total"] == len(SITE.rows)
    assert msgspec.json.decode(ask("/api/properties/cut/similar", view=view).body)["items"] == []


def test_an_artefact_of_a_later_release_is_not_even_asked_for() -> None:
    manifest, _ = built()
    manifest.artefacts["later"] = "f" * 40

    assert "f" * 40 not in table.needed(manifest, None)
