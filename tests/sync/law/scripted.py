"""A Rentman that answers exactly what a test wrote down, over HTTP; and what visitors then see."""

import base64
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from snapshot import decode_entry
from sync.cycle import Cycle
from tests.sync.samples import row

Answer = tuple[int, bytes]
Row = dict[str, object]
PREFIX = "/api/framer/property/"


def encoded(data: bytes) -> str:
    """As MySQL does it: a line feed every 76 characters, here and there without the padding."""
    return base64.encodebytes(data).decode().rstrip("\n=")


@dataclass
class Rentman:
    """`spoil`: what it answers to a page instead, given the number of the page and of the call."""

    url: str = ""
    rows: list[Row] = field(default_factory=list)
    files: dict[str, list[Row]] = field(default_factory=dict)
    spoil: Callable[[int, int], Answer | None] = lambda *_: None
    ignores_page: bool = False
    mark: bytes = b""  # before each list
    pages: list[int] = field(default_factory=list)  # asked for
    asked: list[str] = field(default_factory=list)  # files

    def has(self, *rows: Row) -> None:
        self.rows = list(rows)

    def keeps(self, filename: str, data: bytes, **changes: object) -> None:
        record = {"propref": "42", "filename": filename, "caption": None, "imgorder": "1"}
        self.files[filename] = [{**record, "base64data": encoded(data), **changes}]

    def listed(self, page: int, limit: int) -> Answer:
        self.pages.append(page)
        if spoilt := self.spoil(page, len(self.pages)):
            return spoilt
        start = 0 if self.ignores_page else (page - 1) * limit
        return 200, self.mark + json.dumps(self.rows[start : start + limit]).encode()

    def file(self, filename: str) -> Answer:
        self.asked.append(filename)
        return 200, json.dumps(self.files.get(filename, [])).encode()


@contextmanager
def scripted() -> Iterator[Rentman]:
    rentman = Rentman()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = self.headers
            if self.path.startswith("/propertymedia"):
                status, body = rentman.file(headers["filename"])
            else:
                status, body = rentman.listed(int(headers["page"]), int(headers["limit"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quietly."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        rentman.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield rentman
        finally:
            server.shutdown()
            thread.join()


def hung(_page: int, _call: int) -> Answer:
    time.sleep(2)
    return 200, b"[]"


@dataclass
class Seen:
    """Every published page, as its bytes are sent to visitors."""

    pages: dict[str, bytes]
    checked_at: int

    def refs(self) -> list[str]:
        found = (path.removeprefix(PREFIX) for path in self.pages if path.startswith(PREFIX))
        return sorted(ref for ref in found if ref.isdigit())

    def home(self, ref: str = "42") -> dict[str, Any]:
        return dict(msgspec.json.decode(self.pages[PREFIX + ref]))


async def seen(cycle: Cycle) -> Seen:
    reader = cycle.press.publisher
    pointer = await reader.pointer()
    assert pointer is not None
    manifest = await reader.manifest(pointer.manifest)
    objects = await reader.objects(manifest.digests())
    pages = {
        path: decode_entry(objects[page.digest], page.digest).body
        for path, page in manifest.pages.items()
    }
    word = msgspec.json.decode(await reader.source())
    return Seen(pages, word["checked_at_s"])


def home(ref: str = "42", **changes: object) -> Row:
    """A letting."""
    return {**row(propref=ref), **changes}
