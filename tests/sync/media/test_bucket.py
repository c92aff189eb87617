"""Pictures in a bucket, on a real S3 over HTTP (moto's server): as whole as on a disk."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import obstore
import pytest

from sync.diagnose.bucket import look
from sync.media.bucket import Bucket
from sync.media.errors import MediaFailedError
from sync.media.store import Directory, write
from sync.media.studio import Studio
from tests.conftest import eventually, free_port, running
from tests.sync.media import documents, films
from tests.sync.media.pictures import jpeg

URL = "s3://homes/pictures"
OPEN_TO_READ = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::homes/pictures/*",
        }
    ],
}
KEY, OTHER = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command):
        eventually(lambda: httpx.get(url).is_success)
        yield url


@pytest.fixture
def reached(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, and the usual variables that lead to it."""
    httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()
    httpx.put(f"{endpoint}/homes").raise_for_status()
    httpx.put(f"{endpoint}/homes?policy", json=OPEN_TO_READ).raise_for_status()
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "tests")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return endpoint


@pytest.fixture
def bucket(reached: str, tmp_path: Path) -> Iterator[Bucket]:
    assert reached
    made = Bucket(URL, Directory(tmp_path))
    made.open()
    yield made
    made.close()


@pytest.mark.usefixtures("reached")
async def test_what_a_studio_makes_is_found_there_and_not_on_the_disk(tmp_path: Path) -> None:
    async with Studio(tmp_path, profile="fast", workers=1, bucket=URL) as studio:
        picture = await studio.picture(jpeg(500, 400), "photo")
        document = await studio.document(documents.armed())
        video = await studio.video(films.film())
        kept = await asyncio.to_thread(studio.store.kept)

    async with Studio(tmp_path, profile="fast", bucket=URL, command=("/nonexistent",)) as studio:
        assert await studio.picture(jpeg(500, 400), "photo") == picture
        assert await studio.video(films.film()) == video
    assert kept == {picture.key, document.key, video.key}
    assert [*os.scandir(tmp_path)] == []
    assert picture.variants["jpg"] == (400, 500)


def put(bucket: Bucket, key: str, *names: str) -> None:
    folder = bucket.begin(key)
    for name in names:
        write(folder / name, b"{}")
    bucket.publish(folder, key)
    bucket.discard(folder)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("400.avif", "image/avif"),
        ("400.webp", "image/webp"),
        ("400.jpg", "image/jpeg"),
        ("document.pdf", "application/pdf"),
        ("video.mp4", "video/mp4"),
    ],
)
def test_a_visitor_gets_a_file_with_its_type_and_for_ever(
    bucket: Bucket, reached: str, file: str, kind: str
) -> None:
    put(bucket, KEY, file)

    answer = httpx.get(f"{reached}/homes/pictures/{KEY}/{file}")

    assert (answer.status_code, answer.content) == (200, b"{}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.fixture
def caddy(reached: str, tmp_path: Path) -> Iterator[str]:
    site = f"http://127.0.0.1:{free_port()}"
    environ = {
        "SITE_ADDRESS": site,
        "CADDY_ADMIN": "off",
        "CADDY_EXTRA": "deploy/caddy.d/bucket",
        "CADDY_BUCKET": reached,
        "CADDY_BUCKET_PATH": "/homes/pictures",
        "XDG_DATA_HOME": str(tmp_path / "caddy"),
        "XDG_CONFIG_HOME": str(tmp_path / "caddy"),
    }
    with running([str(Path(sys.executable).with_name("caddy")), "run"], environ):
        eventually(lambda: httpx.get(site).status_code == 404)
        yield site


def test_caddy_serves_it_as_if_it_lay_on_its_disk(bucket: Bucket, caddy: str) -> None:
    put(bucket, KEY, "400.jpg")

    found = httpx.get(f"{caddy}/api/framer/images/{KEY}/400.jpg")
    absent = httpx.get(f"{caddy}/api/framer/images/{OTHER}/400.jpg")

    assert (found.status_code, found.content) == (200, b"{}")
    assert found.headers.get_list("cache-control") == ["public, max-age=31536000, immutable"]
    assert found.headers["content-type"] == "image/jpeg"
    assert found.headers["access-control-allow-origin"] == "*"
    assert not [name for name in found.headers if name.startswith("x-amz")]
    assert (absent.status_code, absent.headers["cache-control"]) == (404, "no-store")
    assert absent.json()["type"] == "/problems/not-found"


def test_caddy_serves_a_part_of_a_video(bucket: Bucket, caddy: str) -> None:
    put(bucket, KEY, "video.mp4")

    answer = httpx.get(
        f"{caddy}/api/framer/images/{KEY}/video.mp4", headers={"range": "bytes=1-1"}
    )

    assert (answer.status_code, answer.content) == (206, b"}")
    assert answer.headers["content-range"] == "bytes 1-1/2"
    assert answer.headers["content-type"] == "video/mp4"


def test_a_picture_without_its_sidecar_is_not_there(bucket: Bucket) -> None:
    put(bucket, KEY, "400.jpg")

    assert bucket.find_picture(KEY) is None
    assert bucket.find_document(KEY) is None
    assert bucket.find_video(KEY) is None


def test_the_sidecar_goes_up_last_so_that_it_vouches_for_the_rest(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    put_one = bucket._put

    def noted(path: str, data: bytes, cache: str) -> None:
        sent.append(path.rpartition("/")[2])
        put_one(path, data, cache)

    monkeypatch.setattr(bucket, "_put", noted)

    put(bucket, KEY, "picture.json", "400.jpg", "800.webp", "1200.avif")

    assert sorted(sent[:-1]) == ["1200.avif", "400.jpg", "800.webp"]
    assert sent[-1] == "picture.json"

    put(bucket, OTHER, "video.json", "video.mp4")

    assert sent[-2:] == ["video.mp4", "video.json"]


def test_what_is_kept_can_be_listed_and_removed(bucket: Bucket) -> None:
    put(bucket, KEY, "400.jpg", "picture.json")
    put(bucket, OTHER, "document.pdf")
    assert bucket.kept() == {KEY, OTHER}

    bucket.remove({KEY})

    assert bucket.kept() == {OTHER}
    assert bucket.find_document(OTHER) is not None
    assert [item["path"] for item in obstore.list(bucket._store).collect()] == [
        f"{OTHER}/document.pdf"
    ]


def test_another_process_sees_what_is_there(bucket: Bucket, tmp_path: Path) -> None:
    put(bucket, KEY, "document.pdf")
    bucket.set_unnamed({KEY: 5})
    other = Bucket(URL, Directory(tmp_path))

    assert other.kept() == {KEY}
    assert other.unnamed() == {KEY: 5}


def test_a_note_that_is_damaged_or_missing_is_none(bucket: Bucket) -> None:
    assert bucket.unnamed() == {}
    obstore.put(bucket._store, "unnamed.json", b"{")

    assert bucket.unnamed() == {}


def test_a_bucket_that_does_not_answer_has_a_reason_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    away = Bucket(URL, Directory(tmp_path))

    for step in (away.kept, lambda: away.find_picture(KEY), lambda: away.set_unnamed({})):
        with pytest.raises(MediaFailedError, match="bucket") as caught:
            step()
        assert caught.value.is_of_storage


@pytest.mark.usefixtures("reached")
def test_a_diagnosis_writes_and_removes_a_probe_and_makes_no_directory(tmp_path: Path) -> None:
    workspace = tmp_path / "media"
    (found,) = look(URL, workspace)
    assert (found.status, found.detail) == (
        "ok",
        f"{URL}: writable, 0 pictures and documents",
    )
    (missing,) = look("s3://nobody-s/pictures", workspace)
    assert missing.status == "fail"
    assert "AWS_*" in missing.advice
    assert not workspace.exists()
    assert look("", workspace) == []


@pytest.mark.usefixtures("reached")
def test_what_is_kept_or_removed_while_the_list_is_made_is_not_forgotten(tmp_path: Path) -> None:
    class Meanwhile(Bucket):
        """Another thread is done while the list is on its way."""

        def _listed(self) -> set[str]:
            found = super()._listed()
            self.remove([OTHER])
            folder = self.begin(KEY)
            write(folder / "document.pdf", b"%PDF-")
            self.publish(folder, KEY)
            return found

    bucket = Meanwhile(URL, Directory(tmp_path))
    bucket.open()
    folder = bucket.begin(OTHER)
    write(folder / "document.pdf", b"%PDF-")
    bucket.publish(folder, OTHER)

    assert bucket.kept() == {KEY}
    bucket.close()
