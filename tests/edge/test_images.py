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
    for name in ("400.avif", "1600.jpg", "document.pdf", "secret.txt"):
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
