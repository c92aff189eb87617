"""A generation in memory: what is carried over, and what damage is called."""

import msgspec
import pytest

from edge import table
from edge.query.highlight import prose
from snapshot import DamagedError, Entry, digest, encode
from tests.snapshot.made import entry, generation, row

ONE = generation(1, {"/a": entry(b"a"), "/b": entry(b"b")}, [row()])


def test_consecutive_tables_share_answers_and_rows() -> None:
    first = table.build(*ONE, None)
    manifest, objects = generation(2, {"/a": entry(b"a"), "/c": entry(b"c")}, [row()])

    needed = table.needed(manifest, first)
    second = table.build(manifest, {name: objects[name] for name in needed}, first)

    assert needed == {digest(encode(entry(b"c")))}
    same = manifest.pages["/a"].digest
    assert second.answers[same] is first.answers[same]
    assert second.finder is first.finder


def detail(description: str) -> Entry:
    return entry(msgspec.json.encode({"description": description}))


def test_the_words_of_a_detail_are_read_once_for_as_long_as_it_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[bytes] = []

    def counted(body: bytes) -> str:
        read.append(body)
        return prose(body)

    monkeypatch.setattr(table, "prose", counted)
    pages = {"/api/properties/a": detail("Airy"), "/api/properties/b": detail("Bright")}
    first = table.build(*generation(1, pages), None)
    assert (first.text("a"), first.text("b")) == ("Airy", "Bright")
    changed = {"/api/properties/a": detail("Airy"), "/api/properties/b": detail("Broad")}
    second = table.build(*generation(2, changed), first)

    assert (second.text("a"), second.text("b")) == ("Airy", "Broad")
    assert (second.text("c"), len(second.texts)) == ("", 2)
    assert len(read) == 3


def test_details_are_read_before_a_list_needs_their_words_but_not_galleries() -> None:
    pages = {"/api/properties/a": detail("Airy"), "/api/properties/7": detail("Airy")}
    pages |= {"/api/properties/a/media": entry(b"[]"), "/api/properties/b": detail("Bright")}
    made = table.build(*generation(1, pages), None)
    made.text("b")

    assert list(made.read_on()) == ["Airy"]
    assert list(made.read_on()) == []
    assert sorted(made.texts.values()) == ["Airy", "Bright"]


def test_what_no_path_names_any_more_is_let_go() -> None:
    first = table.build(*ONE, None)
    second = table.build(*generation(2, {"/a": entry(b"a")}), first)

    assert len(second.answers) == 1
    assert second.finder.rows == ()


def test_paths_that_show_the_same_entry_share_one_answer() -> None:
    manifest, objects = generation(1, {"/a": entry(b"a"), "/slug": entry(b"a")})

    assert len(table.build(manifest, objects, None).answers) == 1


def test_a_first_table_needs_everything() -> None:
    manifest, objects = ONE

    assert table.needed(manifest, None) == set(objects)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_damaged_object_is_named(place: int) -> None:
    manifest, objects = ONE
    name = sorted(objects)[place]

    with pytest.raises(DamagedError, match=name):
        table.build(manifest, objects | {name: objects[name] + b"\0"}, None)
    with pytest.raises(DamagedError, match=name):
        table.build(manifest, {k: v for k, v in objects.items() if k != name}, None)


def test_rows_stored_in_place_of_a_page_are_damage() -> None:
    manifest, objects = ONE
    manifest.pages["/index"] = manifest.pages["/a"].__class__(manifest.artefacts["cards"], "", 0)

    with pytest.raises(DamagedError):
        table.build(manifest, objects, None)
    del manifest.pages["/index"]


def test_each_encoding_has_its_own_tag_and_says_what_it_is() -> None:
    stored = table.answer(entry(b"abc", br=b"b", gzip=b"g")).stored

    assert {coding: one.body for coding, one in stored.items()} == {
        "br": b"b",
        "gzip": b"g",
        "identity": b"abc",
    }
    assert len({one.etag for one in stored.values()}) == 3
    assert {coding: one.headers.get("content-encoding") for coding, one in stored.items()} == {
        "br": "br",
        "gzip": "gzip",
        "identity": None,
    }


def test_every_date_it_may_send_is_ready() -> None:
    built = table.build(*ONE, None)

    assert built.modified[1_700_000_000] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert built.manifest.published_at in built.modified
