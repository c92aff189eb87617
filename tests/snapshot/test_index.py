"""The index on the wire: sets of rows, what cards alone tell, and what is no index of these cards."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapshot import DamagedError, Index, Suggestion, decode_index, digest, encode
from snapshot.index import bitset, bitsets, of_rows, pack, unpack
from tests.snapshot.made import row

GOLDEN = Path(__file__).parents[1] / "golden" / "index.hex"
sets = st.integers(1, 300).flatmap(
    lambda count: st.tuples(st.just(count), st.sets(st.integers(0, count - 1)))
)


@given(sets)
def test_a_set_of_rows_survives_packing(given_set: tuple[int, set[int]]) -> None:
    count, rows = given_set
    number = sum(1 << row for row in rows)

    assert int.from_bytes(bitset(rows, count), "little") == number
    assert unpack(pack(sorted(rows), count), count) == number


def test_few_rows_are_packed_as_gaps_and_many_as_bits() -> None:
    assert len(pack([7, 9_000], 10_000)) < 10
    assert len(pack(range(0, 10_000, 2), 10_000)) <= 10_000 // 8 + 3


@given(st.binary(max_size=40), st.integers(0, 20))
def test_rows_beyond_the_last_are_never_found(bits: bytes, count: int) -> None:
    assert unpack(encode_bin(bits), count) < 1 << count
    assert unpack(pack([0, 5, 50], 60), count) < 1 << count


def encode_bin(bits: bytes) -> bytes:
    return b"\xc4" + bytes([len(bits)]) + bits  # msgpack's bin 8


def test_a_column_of_several_values_is_a_set_for_each() -> None:
    assert bitsets([("a", "b"), (), ("b",)]) == {"a": b"\x01", "b": b"\x05"}
    assert bitsets(["x", "", "x"]) == {"x": b"\x05"}


def test_cards_alone_tell_values_labels_and_prices() -> None:
    found = of_rows([row(area="Bow", area_label="Bow", bedrooms=-5), row(channel="sale")])

    assert found.values["channel"] == {"rent": b"\x01", "sale": b"\x02"}
    assert found.values["bedrooms"] == {"-1": b"\x01", "2": b"\x02"}
    assert found.labels["area"] == {"bow": "Bow", "hampstead": "Hampstead"}
    assert found.numbers["price"] == (150_000, 150_000)


def test_an_index_survives_the_wire() -> None:
    made = of_rows([row(), row(id="43")])
    data = encode(made)

    assert decode_index(data, digest(data), 2) == made


ONE = of_rows([row()])


def changed(**changes: Any) -> Index:
    return msgspec.structs.replace(ONE, **changes)


def test_todays_encoding_is_the_golden_one_and_still_decodes() -> None:
    """`GOLDEN=1` writes it anew; a changed one needs a new `FORMAT`."""
    known = msgspec.structs.replace(
        of_rows([row(), row(id="43", channel="sale", bedrooms=-1, price=2**40)]),
        words={"place": {"camden": pack([0, 1], 2)}, "kind": {}, "text": {"garden": pack([1], 2)}},
        centres={"nw3": (51.55, -0.16)},
        suggestions=(Suggestion("area", "camden", "Camden", 1, 1),),
        similar=((1,), ()),
        slugs=("a-42", "b-43"),
        moved={"old-42": "a-42"},
    )
    if os.environ.get("GOLDEN"):
        GOLDEN.write_text(encode(known).hex("\n", -32) + "\n")
    data = bytes.fromhex(GOLDEN.read_text())

    assert encode(known) == data
    assert decode_index(data, digest(data), 2) == known


@pytest.mark.parametrize(
    "made",
    [
        changed(count=2),
        changed(numbers={"price": (1,)}),
        changed(values={}),
        changed(numbers=ONE.numbers | {"price": ()}),
        changed(slugs=("a", "b")),
        changed(similar=((1,),)),
        changed(similar=((-1,),)),
        changed(values=ONE.values | {"type": {"flat": b"\xff"}}),
        changed(values=ONE.values | {"bedrooms": {"two": b"\x01"}}),
    ],
)
def test_an_index_that_could_make_an_answer_fail_is_damage(made: Index) -> None:
    data = encode(made)

    with pytest.raises(DamagedError, match=digest(data)):
        decode_index(data, digest(data), 1)
