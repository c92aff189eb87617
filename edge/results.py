"""The answers to questions that one generation has worked out, and which of them visitors asked."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from isal import igzip

from edge.query import routes, usual
from edge.query.parameters import ListQuery, SuggestQuery
from edge.query.routes import Made, Question
from edge.table import Answer, Table, answer
from snapshot import Entry

RESULTS = 512  # list answers kept per generation ...
RESULTS_BYTES = 32 * 1024 * 1024  # ... and their bodies together
KEPT = (ListQuery, SuggestQuery)
FORGOTTEN = 16  # flips after which what no visitor asks any more is not worked out anew
Asked = dict[Question, int]  # with the flips since a visitor asked
EVERYBODY = ListQuery()  # the list without a question: never dropped
AHEAD = {EVERYBODY, *(question for _, question in usual.questions())}  # before anybody asks
GZIP_LEVEL = 4
ISAL_LEVEL = 2  # of 0 to 3: a fifth of zlib's time, for an eighth more bytes


@dataclass(slots=True)
class Results:
    """The latest query answers of one generation, compressed once; dropped first is what was asked longest
    ago, or by nobody yet.

    Shared by the server's threads. Only what takes more than a look-up is kept.
    """

    kept: OrderedDict[Question, Answer] = field(default_factory=OrderedDict)
    size: int = 0  # bytes of the bodies kept
    full: bool = False  # something had to go
    _flips: dict[Question, int] = field(default_factory=dict)  # since a visitor asked
    _using: threading.Lock = field(default_factory=threading.Lock)

    def of(self, table: Table, question: Question) -> Answer | None:
        """None when there is nothing at that address."""
        return self.ready(question) or self._made(table, question, 0, last=True)

    def ready(self, question: Question) -> Answer | None:
        """None when there is work to do."""
        with self._using:
            found = self.kept.get(question)
            if found is not None:
                self._touch(question)
            return found

    def prepare(self, table: Table, question: Question, flips: int = FORGOTTEN) -> Answer | None:
        """The same before a visitor asks: kept as what was asked longer ago than all else.

        `flips`: since a visitor asked.
        """
        return self.kept.get(question) or self._made(table, question, flips, last=False)

    def asked(self) -> Asked:
        """What visitors have asked not too many generations ago, as of the next one; the latest first."""
        with self._using:
            flips = {question: self._flips[question] + 1 for question in reversed(self.kept)}
        return {question: number for question, number in flips.items() if number < FORGOTTEN}

    def _made(self, table: Table, question: Question, flips: int, *, last: bool) -> Answer | None:
        made = routes.answered(question, table.asked())
        if made is None:
            return None
        found = _packed(made, question)
        if isinstance(question, KEPT):
            with self._using:
                self._keep(question, found, flips, last=last)
        return found

    def _touch(self, question: Question) -> None:
        """A visitor asks this just now."""
        self.kept.move_to_end(question)
        self._flips[question] = 0

    def _keep(self, question: Question, made: Answer, flips: int, *, last: bool) -> None:
        if question in self.kept:  # another thread was quicker, perhaps before anybody asked
            if last:
                self._touch(question)
            return
        self.kept[question] = made
        self.kept.move_to_end(question, last=last)
        self._flips[question] = flips
        self.size += _size(made)
        while len(self.kept) > RESULTS or self.size > RESULTS_BYTES:
            self.full = True
            oldest = next(asked for asked in self.kept if asked != EVERYBODY)
            self.size -= _size(self.kept.pop(oldest))
            del self._flips[oldest]


def _size(made: Answer) -> int:
    return sum(len(stored.body) for stored in made.stored.values())


def _packed(made: Made, question: Question) -> Answer:
    packed = _compressed(made.body, question)
    entry = Entry(
        content_type="application/json",
        etag=f'"{hashlib.sha256(made.body).hexdigest()[:20]}"',
        cache_control=made.cache_control,
        body=made.body,
        gzip=packed if len(packed) < len(made.body) else b"",
    )
    return answer(entry, {"link": made.link} if made.link else {})


def _compressed(body: bytes, question: Question) -> bytes:
    """Smaller where nobody waits. It depends on the question alone, or edges would differ in tags."""
    if question in AHEAD:
        return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
    return igzip.compress(body, compresslevel=ISAL_LEVEL, mtime=0)
