"""Pictures from the media directory, and nothing else from anywhere."""

from pathlib import Path

import pytest

from edge import images
from edge.message import Reply, Request

NAME = "0123456789abcdef" * 2


@pytest.fixture
def media(tmp_path: Path) -> Path:
    directory = tmp_path / "media"
    (directory / NAME).mkdir(parents=True)
    for name in ("400.avif", "1600.jpg", "document.pdf", "video.mp4", "video.json", "secret.txt"):
        (directory / NAME / name).write_bytes(name.encode())
    (tmp_path / "400.jpg").write_bytes(b"outside")
    (directory / NAME / "800.jpg").mkdir()
    return directory


def ask(media: Path, name: str, **headers: str) -> Reply:
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return images.read(media, Request("GET", images.PREFIX + name, {}, sent.get))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("400.avif", "image/avif"),
        ("1600.jpg", "image/jpeg"),
        ("document.pdf", "application/pdf"),
        ("video.mp4", "video/mp4"),
    ],
)
def test_a_picture_is_sent_for_ever(media: Path, name: str, kind: str) -> None:
    answer = ask(media, f"{NAME}/{name}")

    assert (answer.status, answer.body) == (200, name.encode())
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_picture_the_client_has_is_confirmed(media: Path) -> None:
    tag = ask(media, f"{NAME}/400.avif").headers["etag"]

    answer = ask(media, f"{NAME}/400.avif", if_none_match=tag)

    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in answer.headers


def test_a_picture_that_is_gone_is_not_confirmed(media: Path) -> None:
    assert ask(media, f"{NAME}/999.jpg", if_none_match="*").status == 404


@pytest.mark.parametrize(
    "name",
    [
        "",
        NAME,
        f"{NAME}/",
        f"{NAME}/800.jpg",  # a directory
        f"{NAME}/secret.txt",
        f"{NAME}/video.json",
        f"{NAME}/video.mp4.json",
        f"{NAME}/400.avif\n",
        f"{NAME}/400.AVIF",
        f"{NAME}/../../400.jpg",
        f"{NAME}/..%2f..%2f400.jpg",
        f"{NAME}/%2e%2e/%2e%2e/400.jpg",
        f"../{NAME}/400.avif",
        "../400.jpg",
        "/etc/passwd",
        f"{NAME.upper()}/400.avif",
        f"{NAME}\x00/400.avif",
        f"{NAME}/٤٠٠.avif",
    ],
)
def test_any_other_name_is_unknown(media: Path, name: str) -> None:
    answer = ask(media, name)

    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


def part(media: Path, asked: str, method: str = "GET", **headers: str) -> Reply:
    sent = {"range": asked} | {key.replace("_", "-"): value for key, value in headers.items()}
    path = f"{images.PREFIX}{NAME}/video.mp4"  # its nine bytes are its name
    return images.read(media, Request(method, path, {}, sent.get))


@pytest.mark.parametrize(
    ("asked", "body", "where"),
    [
        ("bytes=0-", b"video.mp4", "0-8"),
        ("bytes=0-0", b"v", "0-0"),
        ("Bytes=6-7", b"mp", "6-7"),
        ("bytes=6-99", b"mp4", "6-8"),
        ("bytes=-3", b"mp4", "6-8"),
        ("bytes=-99", b"video.mp4", "0-8"),
    ],
)
def test_a_part_is_sent_as_such(media: Path, asked: str, body: bytes, where: str) -> None:
    answer = part(media, asked)

    assert (answer.status, answer.body) == (206, body)
    assert answer.headers["content-range"] == f"bytes {where}/9"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=9-", "bytes=99-100", "bytes=-0"])
def test_a_part_that_there_is_not_is_refused(media: Path, asked: str) -> None:
    answer = part(media, asked)

    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */9")
    assert answer.headers["cache-control"] == "no-store"
    assert b"/problems/range-not-satisfiable" in answer.body
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "asked",
    ["bytes=", "bytes=-", "bytes=3-1", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b", "bytes=٤-"],
)
def test_what_cannot_be_read_as_a_part_asks_for_the_whole(media: Path, asked: str) -> None:
    assert part(media, asked).status == 200


def test_a_part_is_for_get_and_of_the_file_that_the_client_has_begun(media: Path) -> None:
    tag = part(media, "bytes=0-1").headers["etag"]

    assert part(media, "bytes=0-1", if_range=tag).status == 206
    assert part(media, "bytes=0-1", if_range='"another"').status == 200
    assert part(media, "bytes=0-1", method="HEAD").status == 200
    assert part(media, "bytes=0-1", if_none_match=tag).status == 304
