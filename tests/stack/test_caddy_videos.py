"""Videos through Caddy: whole or in parts, and for ever."""

import random
from collections.abc import Iterator

import httpx
import pytest

from tests.stack.front import Front, front

pytestmark = [pytest.mark.stack]
KEY = "cd" * 16
VIDEO = f"/api/framer/images/{KEY}/video.mp4"
DATA = random.Random(7).randbytes(5000)


def place(caddy: Front, name: str, data: bytes) -> None:
    folder = caddy.tree.parent / "media" / KEY
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


@pytest.fixture(scope="module")
def caddy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("f")) as found:
        place(found, "video.mp4", DATA)
        place(found, "video.json", b"{}")
        yield found


def ask(caddy: Front, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return caddy.http.get(VIDEO, headers=sent)


def test_a_video_is_sent_for_ever_as_what_it_is_and_may_be_asked_for_in_parts(
    caddy: Front,
) -> None:
    answer = ask(caddy)

    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-status"] == "files; hit"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("0-", 0, 4999),
        ("0-1", 0, 1),
        ("4990-", 4990, 4999),
        ("-3", 4997, 4999),
        ("7-99999", 7, 4999),
    ],
)
def test_a_part_is_sent_as_such(caddy: Front, asked: str, first: int, last: int) -> None:
    answer = ask(caddy, range=f"bytes={asked}")

    assert (answer.status_code, answer.content) == (206, DATA[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/5000"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_part_of_another_version_is_answered_with_the_whole(caddy: Front) -> None:
    tag = ask(caddy).headers["etag"]

    assert ask(caddy, range="bytes=0-1", if_range=tag).status_code == 206
    assert ask(caddy, range="bytes=0-1", if_range='"another"').status_code == 200


def test_a_part_behind_the_end_is_refused_and_kept_by_no_cache(caddy: Front) -> None:
    """Of a video or a picture: parts of pages are an edge's to answer."""
    answer = ask(caddy, range=f"bytes={len(DATA)}-")

    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(DATA)}")
    assert "cache-control" not in answer.headers
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_kept_beside_a_video_is_nobodys_business(caddy: Front) -> None:
    caddy.upstream.says(status=404)

    for name in ("video.json", "video.mov", "video.mp4.json", "other.mp4"):
        assert caddy.http.get(VIDEO.replace("video.mp4", name)).status_code == 404
