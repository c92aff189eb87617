"""Base64 in every shape it has been seen in, and in a few that must not pass."""

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sync.media.base64text import decode
from sync.media.errors import MediaRejectedError

LIMIT = 1_000_000
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 3
PLAIN = base64.b64encode(JPEG).decode()


def wrapped(text: str, width: int = 76, line_break: str = "\n") -> str:
    return line_break.join(text[at : at + width] for at in range(0, len(text), width))


def test_a_video_encoded_twice_is_one_again() -> None:
    film = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"
    twice = base64.b64encode(base64.b64encode(film)).decode()

    assert decode(twice, max_bytes=LIMIT) == film


def outcome(text: str) -> bytes:
    """The bytes, or none of them when the text was rejected for what it is."""
    try:
        return decode(text, max_bytes=LIMIT)
    except MediaRejectedError as error:
        return {"base64": b"", "empty": b""}[error.reason]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param(f"\ufeff \n{PLAIN}\r\n", id="surrounded by blanks"),
        pytest.param(wrapped(PLAIN), id="line feeds every 76 characters"),
        pytest.param(wrapped(PLAIN, line_break="\r\n\t"), id="folded lines"),
        pytest.param(wrapped(PLAIN, line_break="\\r\\n"), id="line breaks escaped twice"),
        pytest.param(PLAIN.replace("/", "\\/"), id="slashes escaped twice"),
        pytest.param(PLAIN.replace("+", " "), id="plus signs lost in a form"),
        pytest.param(base64.urlsafe_b64encode(JPEG).decode(), id="URL alphabet"),
        pytest.param(PLAIN.rstrip("="), id="no padding"),
        pytest.param(PLAIN + "==", id="too much padding"),
        pytest.param(f"data:image/jpeg;base64,{PLAIN}", id="data URI"),
        pytest.param(f"DATA:;Base64, {PLAIN}", id="data URI, odd case"),
        pytest.param(base64.b64encode(PLAIN.encode()).decode(), id="encoded twice"),
    ],
)
def test_damage_with_a_known_cause_is_undone(text: str) -> None:
    assert decode(text, max_bytes=LIMIT) == JPEG


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(None, "base64", id="null"),
        pytest.param(7, "base64", id="a number"),
        pytest.param(JPEG, "base64", id="bytes"),
        pytest.param("", "empty", id="nothing"),
        pytest.param(" \r\n", "empty", id="blanks"),
        pytest.param("data:image/jpeg;base64,", "empty", id="data URI of nothing"),
        pytest.param("data:image/svg+xml,<svg/>", "base64", id="data URI of text"),
        pytest.param("<html>Fatal error</html>", "base64", id="a web page"),
        pytest.param("AAAAA", "base64", id="one character too many"),
        pytest.param("AAAA*?!AAAA", "base64", id="junk inside"),
        pytest.param("AA==AAAA", "base64", id="padding inside"),
        pytest.param("ÿØÿà", "base64", id="bytes read as Latin-1"),
        pytest.param("A" * 1_400_000, "too-large", id="one byte of text too many"),
        pytest.param("A" * 3_000_000, "too-large", id="far too long"),
    ],
)
def test_the_rest_is_rejected_with_a_reason(text: object, reason: str) -> None:
    with pytest.raises(MediaRejectedError) as caught:
        decode(text, max_bytes=LIMIT)

    assert caught.value.reason == reason


@given(data=st.binary(min_size=1, max_size=300), width=st.integers(1, 80))
def test_any_bytes_survive_any_wrapping(data: bytes, width: int) -> None:
    assume(not data.startswith((b"/9j/", b"iVBOR", b"UklGR", b"R0lGOD", b"JVBER", b"AAAA")))
    encoded = "data:;base64," + wrapped(base64.b64encode(data).decode(), width)

    assert decode(encoded, max_bytes=LIMIT) == data


@given(text=st.text(max_size=300) | st.text("ABab01+/-_= \r\n\t\\,:;data", max_size=300))
def test_any_text_gives_bytes_or_a_rejection(text: str) -> None:
    assert len(outcome(text)) <= len(text)


@given(cut=st.integers(1, len(PLAIN) - 1))
def test_half_a_string_gives_the_first_bytes_or_a_rejection(cut: int) -> None:
    assert JPEG.startswith(outcome(PLAIN[:cut]))
