"""Visitors at a constant rate, who hold every answer against the promises of the README.

* An answer is whole and belongs to one generation: a tag never comes with two bodies, and every
  address that a list names answers.
* The site is never empty or shrunken by error.
* Generations do not go back: how long an older one was still answered after a newer one is measured.
* Every error is a problem document that nobody stores, and no answer tells a secret.
"""

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

from tests.conftest import TOKEN

THREADS, RATE = 4, 200  # requests a second, of all threads together
PATIENCE_S = 10.0
LATE_S = 1.0
SECRETS = (
    TOKEN.encode(),
    b"demo+token/1=",
    b"CANARY-OWNER",
    b"CANARY-NEG",
    b"CANARY-EXIF",
    b"CANARYPHOTO",
)  # the source plants the canaries in private fields
LOOK_S = 0.25  # between two walks from a list to what it names
COPIED = (  # laid out as files, so that they outlive every edge
    "/api/framer/featured",
    "/api/framer/properties",
    "/api/areas",
    "/api/properties/{home}",
)
ASKED = (  # an edge answers
    "/api/properties?per_page=100",
    "/api/revision",
    "/api/properties?beds_min=1&sort=price_asc",
    "/api/framer/health",
)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    taken_s: float


@dataclass
class Log:
    """What all visitors of one trial have seen."""

    requests: int = 0
    errors: int = 0  # where a copy exists
    refused: int = 0  # honestly: nobody was there to ask, said in the proper form
    worst_s: float = 0.0
    oldest_s: int = 0
    mixed_s: float = 0.0  # an older generation after a newer one ...
    mixed: str = ""  # ... where that was
    late_at: float = 0.0  # when the last answer came that was so for longer than `LATE_S`
    statuses: dict[int, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # promises
    faults: list[str] = field(default_factory=list)  # errors in words
    _bodies: dict[tuple[str, str], str] = field(default_factory=dict)
    _seen: dict[int, float] = field(default_factory=dict)
    _using: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: str, answer: Answer, began: float, homes: int) -> None:
        with self._using:
            self.requests += 1
            self.worst_s = max(self.worst_s, answer.taken_s)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            if any(mark in answer.body for mark in SECRETS):
                self.broken.append(f"{path}: tells a secret")
            if answer.status != HTTPStatus.OK:
                self._failed(path, answer)
                return
            self._whole(path, answer)
            if path.startswith(
                ("/api/properties?per", "/api/framer/p", "/api/rev", "/api/framer/h")
            ):
                self._generation(path, json.loads(answer.body), began, homes)

    def lost(self, path: str, error: Exception, taken_s: float) -> None:
        with self._using:
            self.requests += 1
            self.errors += 1
            self.worst_s = max(self.worst_s, taken_s)
            self.faults.append(f"{path}: {error!r}")

    def break_(self, promise: str) -> None:
        with self._using:
            self.broken.append(promise)

    def _failed(self, path: str, answer: Answer) -> None:
        if wrong := improper(answer):
            self.broken.append(f"{path}: {wrong}")
        if answer.status in (502, 503, 504) and path in ASKED:
            self.refused += 1
        else:
            self.errors += 1
            self.faults.append(f"{path}: {answer.status} {answer.body[:120]!r}")

    def _whole(self, path: str, answer: Answer) -> None:
        length = answer.headers.get("content-length")
        if length is not None and int(length) != len(answer.body):
            self.broken.append(f"{path}: {len(answer.body)} of {length} bytes")
        tag = answer.headers.get("etag", "")
        body = hashlib.sha256(answer.body).hexdigest()
        if tag and self._bodies.setdefault((path, tag), body) != body:
            self.broken.append(f"{path}: two bodies with the tag {tag}")

    def _generation(
        self, path: str, document: dict[str, object], began: float, homes: int
    ) -> None:
        number = int(str(document["generation"]))
        now = time.monotonic()
        self._seen.setdefault(number, now)
        newer = [when for seen, when in self._seen.items() if seen > number and when <= began]
        if newer and began - min(newer) > LATE_S:
            self.late_at = now
        if newer and began - min(newer) > self.mixed_s:
            self.mixed_s = began - min(newer)
            self.mixed = f"{path}: {number} at {began - min(newer):.2f} s after a newer one"
        if "age_s" in document:
            self.oldest_s = max(self.oldest_s, int(str(document["age_s"])))
        count = document.get("total", document.get("listings"))
        if count is not None and int(str(count)) < homes:
            self.broken.append(f"{path}: {count} homes of {homes} in generation {number}")


def improper(answer: Answer) -> str:
    """What is wrong with an error's form; empty when nothing is."""
    if answer.headers.get("cache-control") != "no-store":
        return f"{answer.status} may be stored"
    if answer.headers.get("content-type") != "application/problem+json":
        return f"{answer.status} is {answer.headers.get('content-type')}"
    document = json.loads(answer.body)
    if document["status"] != answer.status or not document["type"].startswith("/problems/"):
        return f"{answer.status} says {document}"
    return ""


@dataclass
class Visitor:
    """One connection that is kept open.

    A server may end one between two requests; then, as browsers do, it is asked once more on another
    (RFC 9112, 9.3.1).
    """

    port: int
    connection: http.client.HTTPConnection | None = None

    def ask(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        kept = self.connection is not None
        try:
            return self._ask(path, headers or {})
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if not kept:
                raise
        return self._ask(path, headers or {})

    def _ask(self, path: str, headers: dict[str, str]) -> Answer:
        began = time.monotonic()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=PATIENCE_S
            )
        try:
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        fields = {name.lower(): value for name, value in answer.getheaders()}
        if answer.will_close:
            self.close()
        return Answer(answer.status, fields, body, time.monotonic() - began)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass
class Crowd:
    """`homes`: those that a list may not fall short of."""

    port: int
    homes: list[str]
    log: Log = field(default_factory=Log)
    over: threading.Event = field(default_factory=threading.Event)

    def load(self, number: int) -> None:
        """Half of them what has a copy, half what has none: one by one, catching up when late."""
        visitor, due, turn = Visitor(self.port), time.monotonic(), number
        paths = (COPIED, ASKED)[number % 2]
        while not self.over.wait(max(0.0, due - time.monotonic())):
            due = max(due + THREADS / RATE, time.monotonic() - 1)
            path = paths[turn % len(paths)].format(home=self.homes[turn % len(self.homes)])
            turn += 1
            self._one(visitor, path)
        visitor.close()

    def _one(self, visitor: Visitor, path: str) -> None:
        began = time.monotonic()
        try:
            answer = visitor.ask(path)
        except (OSError, http.client.HTTPException) as error:
            self.log.lost(path, error, time.monotonic() - began)
        else:
            self.log.note(path, answer, began, len(self.homes))

    def walk(self) -> None:
        """From the list to each home and its picture, again and again."""
        visitor = Visitor(self.port)
        while not self.over.wait(LOOK_S):
            try:
                listed = visitor.ask("/api/properties?per_page=100")
                if listed.status == HTTPStatus.OK:
                    self._follow(visitor, json.loads(listed.body)["items"])
            except (OSError, http.client.HTTPException):
                continue  # the load counts those
        visitor.close()

    def _follow(self, visitor: Visitor, cards: list[dict[str, str]]) -> None:
        for card in cards:
            picture = "/" + card["image_url"].split("/", 3)[3]
            for path in (f"/api/properties/{card['id']}", picture):
                status = visitor.ask(path).status
                if status == HTTPStatus.NOT_FOUND:
                    self.log.break_(f"a list names {path}, which is not there")
                if self.over.is_set():
                    return


@contextmanager
def crowd(port: int, homes: list[str]) -> Iterator[Log]:
    """At work for as long as the block runs."""
    visitors = Crowd(port, homes)
    tasks: list[Callable[[], None]] = [
        *(lambda number=number: visitors.load(number) for number in range(THREADS)),
        visitors.walk,
    ]
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield visitors.log
    finally:
        visitors.over.set()
        for thread in threads:
            thread.join(2 * PATIENCE_S)
