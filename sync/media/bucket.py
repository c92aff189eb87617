"""Finished media in a bucket of any S3-compatible store, for edges on several machines.

    {prefix}/{key}/{width}.{avif|webp|jpg}, picture.json      a picture
    {prefix}/{key}/document.pdf                               a document
    {prefix}/{key}/video.mp4, video.json                      a video
    {prefix}/unnamed.json, made.json                          as in `store`

A picture or video is whole once its sidecar is there, which goes up last and comes down first. The only
importer of obstore, which reads credentials, region and endpoint from the usual `AWS_*` variables.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from snapshot import UNREADABLE
from sync.media.errors import MediaFailedError
from sync.media.model import Document, Picture, Video
from sync.media.store import (
    DOCUMENT,
    KEY,
    SIDECAR,
    SIDECARS,
    VIDEO_SIDECAR,
    Directory,
    decode_unnamed,
    picture_of,
    video_of,
)

IMMUTABLE = "public, max-age=31536000, immutable"
LISTED_S = 600.0
"""A list of 15,000 keys is fifteen calls; what this process adds is known at once."""
_TIMEOUT = timedelta(seconds=30)
_TYPES = {
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".mp4": "video/mp4",
    ".json": "application/json",
}
_UNNAMED, _MADE, _PROBE = "unnamed.json", "made.json", "probe.json"


@contextmanager
def _translated() -> Iterator[None]:
    """Every error of the library as `MediaFailedError`: `bucket`, its own text being the cause."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise MediaFailedError("bucket") from error


class Bucket:
    """`workspace` is where pictures are made before they go up. One writer to a bucket."""

    def __init__(self, url: str, workspace: Directory) -> None:
        """`url`: `s3://bucket/prefix`. Raises `MediaFailedError` when it cannot be understood."""
        self._workspace = workspace
        self._keys: set[str] = set()
        self._changed: dict[str, bool] = {}  # key to whether it is there, since a list was begun
        self._books = threading.Lock()  # over both: pictures are kept by several threads
        self._listed_at = -LISTED_S
        with _translated():
            self._store = S3Store.from_url(
                url,
                client_options={"allow_http": True, "timeout": _TIMEOUT},
                retry_config={"max_retries": 3, "retry_timeout": _TIMEOUT},
            )

    def open(self) -> None:
        self._workspace.open()

    def close(self) -> None:
        self._workspace.close()

    def find_picture(self, key: str) -> Picture | None:
        return picture_of(self._get(f"{key}/{SIDECAR}"), key)

    def find_document(self, key: str) -> Document | None:
        with _translated():
            try:
                obstore.head(self._store, f"{key}/{DOCUMENT}")
            except FileNotFoundError:
                return None
        return Document(key=key, extension="pdf")

    def find_video(self, key: str) -> Video | None:
        return video_of(self._get(f"{key}/{VIDEO_SIDECAR}"), key)

    def begin(self, key: str) -> Path:
        return self._workspace.begin(key)

    def publish(self, folder: Path, key: str) -> None:
        files = sorted(folder.iterdir(), key=lambda file: file.name in SIDECARS)
        for file in files:
            self._put(f"{key}/{file.name}", file.read_bytes(), IMMUTABLE)
        self._note(key, there=True)

    def discard(self, folder: Path) -> None:
        self._workspace.discard(folder)

    def kept(self) -> set[str]:
        if time.monotonic() - self._listed_at >= LISTED_S:
            with self._books:
                self._changed = {}
            found = self._listed()
            with self._books:
                added = {key for key, there in self._changed.items() if there}
                self._keys = (found - self._changed.keys()) | added
                self._listed_at = time.monotonic()
        with self._books:
            return set(self._keys)

    def _listed(self) -> set[str]:
        with _translated():
            found = obstore.list_with_delimiter(self._store)["common_prefixes"]
        return {name for prefix in found if KEY.fullmatch(name := prefix.strip("/"))}

    def _note(self, key: str, *, there: bool) -> None:
        with self._books:
            self._changed[key] = there
            (self._keys.add if there else self._keys.discard)(key)

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._note(key, there=False)
            with _translated():
                found = obstore.list(self._store, f"{key}/").collect()
                obstore.delete(self._store, [f"{key}/{sidecar}" for sidecar in SIDECARS])
                obstore.delete(self._store, [item["path"] for item in found])

    def unnamed(self) -> dict[str, int]:
        try:
            return decode_unnamed(self._get(_UNNAMED))
        except UNREADABLE:
            return {}

    def set_unnamed(self, since: Mapping[str, int]) -> None:
        self._put(_UNNAMED, msgspec.json.encode(since), "no-store")

    def made(self) -> bytes:
        return self._get(_MADE)

    def set_made(self, data: bytes) -> None:
        self._put(_MADE, data, "no-store")

    def check(self) -> int:
        """How many keys there are, after a probe was written and removed. It need not be open."""
        self._put(_PROBE, b"{}", "no-store")
        with _translated():
            obstore.delete(self._store, _PROBE)
        return len(self._listed())

    def _get(self, path: str) -> bytes:
        """Empty when there is no such object."""
        with _translated():
            try:
                return bytes(obstore.get(self._store, path).bytes())
            except FileNotFoundError:
                return b""

    def _put(self, path: str, data: bytes, cache: str) -> None:
        attributes = {"Content-Type": _TYPES[Path(path).suffix], "Cache-Control": cache}
        with _translated():
            obstore.put(self._store, path, data, attributes=attributes)
