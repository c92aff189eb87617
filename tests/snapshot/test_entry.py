"""The wire format: equal values have equal bytes, old bytes stay readable, bad bytes have one name.

`GOLDEN=1 pytest tests/snapshot` writes the golden files anew; a changed one needs a new `FORMAT`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshot import (
    FORMAT,
    DamagedError,
    Entry,
    Manifest,
    NewerFormatError,
    Page,
    Row,
    Rows,
    decode_entry,
    decode_manifest,
    decode_rows,
    digest,
    encode,
)
from tests.snapshot.made import entry, generation, row

GOLDEN = Path(__file__).parents[1] / "golden"
DECODERS: tuple[Callable[[bytes, str], object], ...] = (decode_entry, decode_manifest, decode_rows)

KNOWN: dict[str, Any] = {
    "entry": Entry(
        content_type="application/json",
        etag='"0123456789abcdef0123"',
        cache_control="public, max-age=30",
        surrogate_keys=("property-42", "cards"),
        body=b'{"id":"42","title":"Caf\xc3\xa9 Row"}',
        br=b"\x0b\x02\x80br\x03",
        gzip=b"\x1f\x8b\x08\x00",
    ),
    "manifest": Manifest(
        generation=7,
        published_at=1_700_000_000,
        reason="cycle",
        source_digest="a" * 40,
        counts={"listings": 1, "cards": 2},
        pages={
            "/api/framer/property/42": Page("b" * 40, '"0123456789abcdef0123"', 1_690_000_000),
            "/api/framer/property/café": Page("c" * 40, '"x"', 0),
        },
        artefacts={"cards": "d" * 40},
    ),
    "rows": Rows(rows=(row(), row(id="43", channel="sale", bedrooms=-1, price=2**40))),
}

BY_NAME = list(zip(KNOWN, DECODERS, strict=True))

digests = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
moments = st.integers(0, 2**37)
entries = st.builds(
    Entry,
    status=st.sampled_from([200, 404, 410]),
    content_type=st.just("text/plain"),
    etag=st.from_regex(r'"[a-z0-9]{1,20}"', fullmatch=True),
    cache_control=st.just("no-store"),
    surrogate_keys=st.lists(st.text(), max_size=3).map(tuple),
    body=st.binary(),
    br=st.binary(),
    zstd=st.binary(),
    gzip=st.binary(),
)
manifests = st.builds(
    Manifest,
    generation=st.integers(1, 2**62),
    published_at=moments,
    reason=st.text(),
    source_digest=st.text(),
    counts=st.dictionaries(st.text(), st.integers(0, 2**62), max_size=3),
    pages=st.dictionaries(
        st.text(), st.builds(Page, digest=digests, etag=st.text(), modified=moments), max_size=3
    ),
    artefacts=st.dictionaries(st.text(), digests, max_size=3),
)
numbers = st.integers(-(2**63), 2**63 - 1)
rows = st.builds(
    Row,
    price=numbers,
    bedrooms=numbers,
    bathrooms=numbers,
    first_seen=numbers,
    **{name: st.text() for name in Row.__struct_fields__ if Row.__annotations__[name] is str},
    card=st.binary(),
)


@given(entries)
def test_an_entry_survives_the_wire(made: Entry) -> None:
    data = encode(made)

    assert decode_entry(data, digest(data)) == made


@given(manifests)
def test_a_manifest_survives_the_wire(made: Manifest) -> None:
    data = encode(made)

    assert decode_manifest(data, digest(data)) == made


@given(st.lists(rows, max_size=3).map(tuple))
def test_rows_survive_the_wire(made: tuple[Row, ...]) -> None:
    data = encode(Rows(rows=made))

    assert decode_rows(data, digest(data)) == made


@given(entries)
def test_equal_values_have_equal_bytes(made: Entry) -> None:
    again = Entry(**{name: getattr(made, name) for name in reversed(Entry.__struct_fields__)})

    assert encode(again) == encode(made)


@pytest.mark.parametrize("name", KNOWN)
def test_todays_encoding_is_the_golden_one(name: str) -> None:
    file = GOLDEN / f"{name}.hex"
    if os.environ.get("GOLDEN"):
        file.write_text(encode(KNOWN[name]).hex("\n", -32) + "\n")

    assert encode(KNOWN[name]) == bytes.fromhex(file.read_text())


@pytest.mark.parametrize(("name", "decode"), BY_NAME)
def test_golden_bytes_still_decode(name: str, decode: Callable[[bytes, str], object]) -> None:
    data = bytes.fromhex((GOLDEN / f"{name}.hex").read_text())
    wanted = KNOWN[name]

    assert decode(data, digest(data)) == (wanted.rows if name == "rows" else wanted)


def test_a_manifest_names_pages_and_artefacts_as_what_it_needs() -> None:
    manifest, objects = generation(1, {"/a": entry(b"a"), "/b": entry(b"a")}, [row()])

    assert manifest.digests() == set(objects)
    assert len(objects) == 2


@pytest.mark.parametrize("decode", DECODERS)
def test_bytes_of_another_digest_are_damaged(decode: Callable[[bytes, str], object]) -> None:
    with pytest.raises(DamagedError, match="does not match"):
        decode(encode(entry()), "0" * 40)


@pytest.mark.parametrize("name", KNOWN)
@given(data=st.data())
def test_an_altered_byte_is_damage(name: str, data: st.DataObject) -> None:
    good = encode(KNOWN[name])
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] ^= data.draw(st.integers(1, 255))

    for decode in DECODERS:
        with pytest.raises(DamagedError):
            decode(bytes(bad), digest(good))


@pytest.mark.parametrize(("name", "decode"), BY_NAME)
def test_every_truncation_is_damage_even_under_its_own_digest(
    name: str, decode: Callable[[bytes, str], object]
) -> None:
    good = encode(KNOWN[name])

    for length in range(len(good)):
        with pytest.raises(DamagedError):
            decode(good[:length], digest(good[:length]))


@given(st.binary(max_size=200))
def test_random_bytes_are_damaged_or_newer_and_nothing_else(data: bytes) -> None:
    for decode in DECODERS:
        with pytest.raises((DamagedError, NewerFormatError)):
            decode(data, digest(data))


@pytest.mark.parametrize(
    "data",
    [
        b"\x91" * 200_000,  # nested too deep
        b"\x82\xa6format\x01\xa4rows\xdd\xff\xff\xff\xff",  # promises 2**32 rows
        b"\x81\xa6format\xc6\xff\xff\xff\xff",
        b"\x82\xa6format\x01\xa6reason\xa2\xff\xfe",  # not UTF-8
    ],
)
def test_hostile_bytes_are_damaged(data: bytes) -> None:
    for decode in DECODERS:
        with pytest.raises(DamagedError):
            decode(data, digest(data))


@pytest.mark.parametrize(("name", "decode"), BY_NAME)
def test_a_newer_format_is_refused_by_name(
    name: str, decode: Callable[[bytes, str], object]
) -> None:
    data = encode(msgspec.structs.replace(KNOWN[name], format=FORMAT + 1))

    with pytest.raises(NewerFormatError, match=f"format {FORMAT + 1}"):
        decode(data, digest(data))


def test_an_unknown_shape_of_a_newer_format_is_newer_rather_than_damaged() -> None:
    data = msgspec.msgpack.encode({"format": FORMAT + 1, "surprise": [1, 2]})

    with pytest.raises(NewerFormatError):
        decode_entry(data, digest(data))


@pytest.mark.parametrize(
    "change",
    [
        {"content_type": "text/html\r\nset-cookie: a=b"},
        {"content_type": ""},
        {"cache_control": "no-store\n"},
        {"etag": "unquoted"},
        {"etag": 'W/"weak"'},
        {"etag": '"a"b"'},
        {"status": 99},
        {"status": 1000},
    ],
)
def test_an_entry_that_could_not_be_sent_is_damaged(change: dict[str, Any]) -> None:
    data = encode(entry(**change))

    with pytest.raises(DamagedError):
        decode_entry(data, digest(data))


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_entry_whose_status_has_no_content_is_damaged(status: int) -> None:
    data = msgspec.msgpack.encode(msgspec.structs.asdict(entry()) | {"status": status})

    with pytest.raises(DamagedError, match=str(status)):
        decode_entry(data, digest(data))


@pytest.mark.parametrize(
    "change",
    [
        {"published_at": 2**40},
        {"published_at": -1},
        {"generation": 0},
        {"pages": {"/": Page("a" * 40, '"a"', 2**40)}},
        {"pages": {"/": Page("../" * 13 + "a", '"a"', 1)}},
        {"artefacts": {"cards": "../CURRENT"}},
    ],
)
def test_a_manifest_whose_dates_numbers_or_names_cannot_be_is_damaged(
    change: dict[str, Any],
) -> None:
    data = encode(msgspec.structs.replace(KNOWN["manifest"], **change))

    with pytest.raises(DamagedError):
        decode_manifest(data, digest(data))
