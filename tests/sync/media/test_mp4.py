"""A video keeps its pictures and its sound, byte for byte and place for place, and nothing else that tells."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.media.errors import MediaRejectedError
from sync.media.mp4 import Shown, clean
from tests.sync.media.films import CANARY, DATE, PICTURES, PLACES, SOUND, TURNED, box, film, full

GPS = box(b"udta", box(b"\xa9xyz", b"\0\x0f\x15\xc7", CANARY), box(b"loci", CANARY))
NOTE = (box(b"meta", CANARY), box(b"uuid", b"GoPro Telemetry!", CANARY), GPS, box(b"frea", CANARY))
EVERYWHERE = dict.fromkeys(("trak", "mdia", "minf", "stbl", "entry"), NOTE)


def refusal(source: bytes) -> str:
    with pytest.raises(MediaRejectedError) as caught:
        clean(source)
    return caught.value.reason


def claimed(source: bytes, kind: bytes, size: int) -> bytes:
    at = source.index(kind) - 4
    return source[:at] + size.to_bytes(4, "big") + source[at + 4 :]


def test_a_plain_one_plays_as_long_and_as_large_as_it_did() -> None:
    made, shown = clean(film(PICTURES, SOUND))

    assert shown == Shown(width=640, height=360, duration_s=6)
    assert made.count(PICTURES.data + SOUND.data) == 1


@pytest.mark.parametrize("index_first", [False, True], ids=["index behind", "index first"])
def test_nothing_that_tells_of_place_device_or_date_is_left_wherever_it_stood(
    index_first: bool,
) -> None:
    pictures, sound = replace(PICTURES, notes=EVERYWHERE), replace(SOUND, notes=EVERYWHERE)
    source = film(
        pictures,
        sound,
        index=(*NOTE, box(b"free", CANARY)),
        behind=b"".join(NOTE) + box(b"skip", CANARY),
        between=CANARY,
        index_first=index_first,
    )
    assert source.count(CANARY) > 60

    made, _ = clean(source)

    for trace in (CANARY, DATE, b"GoPro", b"CNRY"):
        assert trace not in made, trace
    assert len(made) == len(source)
    for track in (pictures, sound):
        assert made.index(track.data) == source.index(track.data)


def test_a_track_of_places_goes_with_all_its_samples_and_the_others_stay() -> None:
    made, shown = clean(film(PICTURES, PLACES, SOUND))

    assert shown.width == 640
    assert (CANARY in made, b"mett" in made) == (False, False)
    assert (made.count(PICTURES.data), made.count(SOUND.data)) == (1, 1)
    assert made.count(b"trak") == 2


@pytest.mark.parametrize(
    "codec", [b"mp4v", b"encv", b"jpeg", b"drmi"], ids=lambda codec: codec.decode()
)
def test_a_second_track_of_pictures_that_no_browser_knows_goes_too(codec: bytes) -> None:
    other = replace(PICTURES, codec=codec, samples=(b"secret frame",))

    made, _ = clean(film(PICTURES, other))

    assert b"secret frame" not in made
    assert refusal(film(other)) == "codec"


def test_one_that_was_held_upright_is_as_tall_as_it_is_shown() -> None:
    _, shown = clean(film(replace(PICTURES, turn=TURNED)))

    assert (shown.width, shown.height) == (360, 640)


@pytest.mark.parametrize(
    "track",
    [
        replace(PICTURES, version=1),
        replace(PICTURES, wide=True),
        replace(PICTURES, per_chunk=2),
        replace(PICTURES, samples=(b"four", b"five"), same_size=4),
        replace(PICTURES, samples=tuple(b"%03d" % n for n in range(700)), per_chunk=7),
    ],
    ids=["64-bit dates", "64-bit places", "two in a chunk", "of one size", "many"],
)
def test_the_tables_of_samples_are_read_however_they_are_written(track: object) -> None:
    assert isinstance(track, type(PICTURES))
    made, shown = clean(film(track, PLACES, between=CANARY))

    assert (made.count(track.data), made.count(CANARY), shown.duration_s) == (1, 0, 6)


def test_what_is_shorter_than_a_second_lasts_one() -> None:
    assert clean(film(ticks=2))[1].duration_s == 1


def test_a_box_that_reaches_to_the_end_and_one_of_64_bits_are_boxes() -> None:
    source = film(index_first=True)
    endless = claimed(source, b"mdat", 0)
    long = source + b"\0\0\0\1uuid" + (16 + len(CANARY)).to_bytes(8, "big") + CANARY

    assert clean(endless)[0] == claimed(clean(source)[0], b"mdat", 0)
    assert CANARY not in clean(long)[0]


HOSTILE = {
    "cut short in the media data": (film()[:50], "truncated"),
    "cut short in the index": (film()[:-9], "truncated"),
    "an index without its data": (film(index_first=True)[:-42], "truncated"),
    "no index": (film()[: film().index(b"moov") - 4], "corrupt"),
    "two indexes": (film() + film()[film().index(b"moov") - 4 :], "corrupt"),
    "a box larger than the one around it": (claimed(film(), b"tkhd", 9999), "corrupt"),
    "a box smaller than its header": (claimed(film(), b"tkhd", 4), "corrupt"),
    "a 64-bit box of nothing": (film() + b"\0\0\0\1free" + bytes(8), "corrupt"),
    "half a 64-bit header": (film() + b"\0\0\0\1free" + bytes(3), "truncated"),
    "more boxes than any film has": (film() + box(b"free") * 3000, "corrupt"),
    "boxes in boxes in boxes": (film(index=(b"\0\0\0\x08trak" * 3000,)), "corrupt"),
    "in fragments": (film() + box(b"moof", b"x"), "fragmented"),
    "to be continued": (film(index=(box(b"mvex"),)), "fragmented"),
    "sound alone": (film(SOUND), "no-video"),
    "places alone": (film(PLACES), "no-video"),
    "samples in another file": (film(replace(PICTURES, reference=b"file:///home")), "corrupt"),
    "no duration": (film(ticks=0), "corrupt"),
    "a year long": (film(ticks=1 << 31), "corrupt"),
    "tiny": (film(replace(PICTURES, size=(32, 32))), "too-small"),
    "huge": (film(replace(PICTURES, size=(9000, 360))), "pixels"),
    "no samples": (film(replace(PICTURES, samples=())), "corrupt"),
    "a billion samples": (
        film(replace(PICTURES, samples=(b"four",), same_size=1 << 30)),
        "truncated",
    ),
    "two tables of sizes": (
        film(replace(PICTURES, notes={"stbl": (full(b"stsz", bytes(8)),)})),
        "corrupt",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_played_or_trusted_is_refused_with_a_reason(name: str) -> None:
    source, reason = HOSTILE[name]

    assert refusal(source) == reason


def test_tables_that_claim_more_than_they_hold_are_refused() -> None:
    for kind in (b"stsc", b"stsz", b"stco"):
        source = film()
        at = source.index(kind) + (12 if kind == b"stsz" else 8)
        for claim in (4, 1 << 20, (1 << 32) - 1):
            assert refusal(source[:at] + claim.to_bytes(4, "big") + source[at + 4 :]) == "corrupt"


def test_runs_of_chunks_that_go_back_are_refused() -> None:
    source = film()
    at = source.index(b"stsc") + 12

    for first in (0, 2, 9):
        assert refusal(source[:at] + first.to_bytes(4, "big") + source[at + 4 :]) == "corrupt"


RICH = film(
    replace(PICTURES, notes=EVERYWHERE, per_chunk=2), SOUND, PLACES, index=NOTE, between=CANARY
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(RICH) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    st.integers(0, len(RICH)),
)
@settings(max_examples=400, deadline=None)
def test_any_damage_is_refused_by_name_or_makes_a_file_of_the_same_length_that_is_clean(
    damage: list[tuple[int, int]], end: int
) -> None:
    broken = bytearray(RICH)
    for at, value in damage:
        broken[at] = value
    for source in (bytes(broken), bytes(broken[:end])):
        try:
            made, shown = clean(source)
        except MediaRejectedError:
            continue
        assert len(made) == len(source)
        assert clean(made) == (made, shown)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_noise_is_refused_by_name(noise: bytes) -> None:
    with pytest.raises(MediaRejectedError):
        clean(noise)


SAMPLES = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=12).map(tuple)


@given(SAMPLES, SAMPLES, SAMPLES, st.integers(1, 4), st.booleans(), st.binary(max_size=20))
@settings(max_examples=200, deadline=None)
def test_every_byte_of_pictures_and_sound_stays_and_every_other_of_the_media_data_is_nothing(
    seen: tuple[bytes, ...],
    heard: tuple[bytes, ...],
    told: tuple[bytes, ...],
    per_chunk: int,
    index_first: bool,
    between: bytes,
) -> None:
    pictures, sound = (
        replace(PICTURES, samples=seen, per_chunk=per_chunk),
        replace(SOUND, samples=heard),
    )
    places = replace(PLACES, samples=told)
    source = film(pictures, places, sound, between=between, index_first=index_first)

    made, _ = clean(source)

    blank = bytes(len(between))
    kept = pictures.data + blank + bytes(len(places.data)) + blank + sound.data + blank
    assert len(made) == len(source)
    at = source.index(b"mdat") + 4
    assert made[at : at + len(kept)] == kept
    assert clean(made)[0] == made
