"""How visitors of a Framer site behave: what their pages ask for, in which order, how often again.

Each answer is checked as it comes: status, JSON, homes in a list that has some, an entity tag, and leave
for any origin to read it. What is wrong is an error of the run.
"""

import functools
import random
import socket
from collections.abc import Callable
from typing import Any

import gevent.socket
import gevent.ssl
import msgspec
from geventhttpclient.connectionpool import ConnectionPool
from locust import FastHttpUser, task

from bench.load.behaviour import (
    CODINGS,
    DETAIL,
    FEATURED,
    LIST,
    NOT_MODIFIED,
    OK,
    PAGES_A_VISIT,
    fault,
    keystrokes,
    narrowed,
    typed,
    variant,
    wish,
)
from bench.load.tally import PICTURE

ABOVE_THE_FOLD = 3
SITES = 12  # the agency's site, its previews, and pages of others that embed a list
_json = msgspec.json.Decoder(dict[str, Any])


@functools.cache
def _tls(cafile: str | None = None) -> Any:
    """One context for all visitors: to read the authorities' file anew for each of a thousand costs the
    client 25 ms a visitor, which would be measured as theirs."""
    del cafile
    return gevent.ssl._create_unverified_context()  # noqa: SLF001 - as Locust does


def _socket(_pool: ConnectionPool, family: int, kind: int, protocol: int) -> Any:
    """As browsers open one. Otherwise the first request waits until the server has acknowledged the end
    of the greeting (Nagle's algorithm), for which a server that has nothing to say takes 40 ms."""
    made = gevent.socket.socket(family, kind, protocol)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


setattr(ConnectionPool, "_create_tcp_socket", _socket)  # noqa: B010 - a factory, to be overridden


def _page(weight: int) -> Callable[[Callable[[Any], None]], Any]:
    """A task; when a visitor has seen enough, somebody else comes in that one's place."""

    def made(look: Callable[[Any], None]) -> Any:
        @task(weight)
        @functools.wraps(look)
        def turn(visitor: Any) -> None:
            if visitor.left <= 0:
                visitor.on_start()
            visitor.left -= 1
            look(visitor)

        return turn

    return made


class Visitor(FastHttpUser):
    """Abstract: the locustfile gives it a profile's patience."""

    abstract = True
    insecure = True  # the certificate is checked by tests; here only its cost matters
    ssl_context_factory = staticmethod(_tls)
    arrived: Callable[[], None] = staticmethod(lambda: None)  # told of each who comes

    def on_start(self) -> None:
        """Somebody comes, from one of the sites."""
        site = random.randrange(SITES)
        self.client.client.close()  # whose connection it was
        self.arrived()
        self.left = random.randrange(1, 2 * PAGES_A_VISIT)  # not all who came together leave so
        self.origin = f"https://homes-{site}.framer.website"
        self.tags: dict[str, str] = {}  # what this browser has in its cache
        self.seen: set[str] = set()  # pictures
        self.cards: list[dict[str, Any]] = []
        self.home()

    @_page(2)
    def home(self) -> None:
        self._look(FEATURED, "featured")

    @_page(5)
    def narrow_down(self) -> None:
        """A list, filtered as people do: few filters, popular values."""
        self._look(narrowed(wish()), "list")

    @_page(2)
    def browse(self) -> None:
        self._look(LIST, "all homes")

    @_page(6)
    def read(self) -> None:
        """One home of those on the screen, and its first picture in full width."""
        if not self.cards:
            self.browse()
            return
        card = random.choice(self.cards)
        detail = self._get(f"{DETAIL}{card['slug']}", "detail")
        if detail is not None:
            self._picture(card, 1200)

    @_page(1)
    def type_ahead(self) -> None:
        """A place, letter by letter, as a search box asks for it; nobody thinks between letters."""
        if self.cards:
            for said in keystrokes(random.choice(self.cards)["area"]):
                self._get(typed(said), "suggest")

    @_page(2)
    def come_back(self) -> None:
        """A page that this browser has already: it asks whether it has changed."""
        if self.tags:
            path = random.choice(list(self.tags))
            self._get(path, "revisit", tag=self.tags[path])

    def _look(self, path: str, name: str) -> None:
        document = self._get(path, name, homes=name != "list")
        if document is not None:
            self.cards = document["items"]
            for card in self.cards[:ABOVE_THE_FOLD]:
                self._picture(card, 400)

    def _get(
        self, path: str, name: str, tag: str = "", *, homes: bool = False
    ) -> dict[str, Any] | None:
        """The document; None for one that has not changed, or is not as it should be. `homes`: it lists
        some."""
        headers = {"Origin": self.origin, "Accept-Encoding": CODINGS}
        if tag:
            headers["If-None-Match"] = tag
        with self.client.get(path, name=name, headers=headers, catch_response=True) as answer:
            wrong = fault(answer.status_code, answer.headers, conditional=bool(tag))
            if wrong:
                answer.failure(f"{path}: {wrong}")
                return None
            self.tags[path] = answer.headers["etag"]
            if answer.status_code == NOT_MODIFIED:
                return None
            try:
                document = _json.decode(answer.content or b"")
            except msgspec.DecodeError as error:
                answer.failure(f"{path}: {error}")
                return None
            if homes and not document.get("items"):
                answer.failure(f"{path}: no homes")
                return None
            return document

    def _picture(self, card: dict[str, Any], width: int) -> None:
        """The variant that a browser would take, unless its cache has it: it asks for each once."""
        path = variant(card["image"], width)
        if not path or path in self.seen:
            return
        with self.client.get(path, name=PICTURE, catch_response=True) as answer:
            if answer.status_code != OK or not answer.content:
                answer.failure(f"{path}: {answer.status_code}")
            else:
                self.seen.add(path)
