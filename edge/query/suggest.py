"""Type-ahead: areas, outcodes, stations and streets that begin as somebody types."""

import functools
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlencode

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from edge.query.highlight import Piece
from edge.query.parameters import Q_MAX, SuggestQuery
from snapshot import Suggestion
from snapshot.text import HALF_TYPED, fold

KINDS = ("area", "outcode", "station", "street")  # what is likeliest meant comes first
GUESS_MIN = 4  # letters from which a misspelt word is guessed
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile("['’]")
_json = msgspec.json.Encoder()
Count = Callable[[Mapping[str, str]], int]  # a list's parameters -> the homes it finds


class Suggested(msgspec.Struct, frozen=True):
    """`query` is what to ask the list endpoint; `pieces` is the label, cut at what was typed."""

    kind: str
    value: str
    label: str
    count: int
    query: str
    pieces: tuple[Piece, ...]


class Suggestions(msgspec.Struct, frozen=True):
    """Answer of `/api/properties/suggest`."""

    items: tuple[Suggested, ...]
    total: int
    generation: int


@dataclass(frozen=True, slots=True)
class Typeahead:
    suggestions: Sequence[Suggestion]
    forms: Sequence[str]  # every form of a word of a label, sorted ...
    owners: Sequence[int]  # ... and whose it is
    counts: dict[tuple[str, str, str | None], int] = field(default_factory=dict)  # made so far

    @classmethod
    def of(cls, suggestions: Sequence[Suggestion]) -> "Typeahead":
        known = sorted(
            (form, number) for number, one in enumerate(suggestions) for form in forms(one.label)
        )
        return cls(suggestions, [form for form, _ in known], [number for _, number in known])

    def answer(self, query: SuggestQuery, generation: int, count: Count) -> bytes:
        """`count` says how many homes a list finds; each suggestion is of that many."""
        typed = query.q.split()
        found = self._matching(typed) or self._matching(self._meant(typed))
        named = [(one, _named(one, query.channel)) for one in found]
        best = (one for one, homes in sorted(named, key=_rank(typed)) if homes)
        counted = ((one, self._count(one, query.channel, count)) for one in best)
        shown = islice((pair for pair in counted if pair[1]), query.limit)
        items = tuple(_shown(*pair, typed) for pair in shown)
        return _json.encode(Suggestions(items, len(items), generation))

    def _count(self, one: Suggestion, channel: str | None, count: Count) -> int:
        """An area or an outcode is of its own homes; other names find what is near, or reads so."""
        if one.kind in ("area", "outcode"):
            return _named(one, channel)
        name = (one.kind, one.value, channel)
        if name not in self.counts:
            chosen = {"channel": channel} if channel else {}
            self.counts[name] = count(_asked(one) | chosen)
        return self.counts[name]

    def _matching(self, typed: Sequence[str]) -> list[Suggestion]:
        """Those with a word for each one typed; the last may be only begun."""
        if not typed:
            return []
        *whole, begun = typed
        first = bisect_left(self.forms, begun)
        end = bisect_left(self.forms, begun + "\U0010ffff")
        candidates = (self.suggestions[number] for number in sorted({*self.owners[first:end]}))
        return [one for one in candidates if all(_has(one.label, word) for word in whole)]

    def _meant(self, typed: Sequence[str]) -> list[str]:
        """The same with the last word as it may have been meant; [] when there is no such word."""
        if half := HALF_TYPED.fullmatch(typed[-1] if typed else ""):
            return [*typed[:-1], half[1]]
        if not typed or len(typed[-1]) < GUESS_MIN:
            return []
        edits = 1 + (len(typed[-1]) >= 2 * GUESS_MIN)
        found = process.extractOne(typed[-1], self.forms, scorer=OSA.distance, score_cutoff=edits)
        return [*typed[:-1], found[0]] if found else []


def words(text: str) -> list[str]:
    """In lower case, without signs: what is typed and what is offered are compared by these."""
    return _WORD.findall(_APOSTROPHE.sub("", text).casefold())


@functools.lru_cache(maxsize=20_000)
def forms(label: str) -> frozenset[str]:
    """The words of a label as they are written and as they are folded: st and street."""
    written = words(label)
    return frozenset({*written, *map(fold, written)} - {""})


def _has(label: str, word: str) -> bool:
    return word in forms(label) or fold(word) in forms(label)


def _rank(typed: Sequence[str]) -> Callable[[tuple[Suggestion, int]], tuple[bool, int, int]]:
    """Names that start with what was typed, then by kind, then those that most homes have."""

    def rank(pair: tuple[Suggestion, int]) -> tuple[bool, int, int]:
        one, homes = pair
        starts = " ".join(words(one.label)).startswith(typed[0])
        return not starts, KINDS.index(one.kind), -homes

    return rank


def _named(one: Suggestion, channel: str | None) -> int:
    """How many homes have this name."""
    return {"rent": one.rent, "sale": one.sale}.get(channel or "", one.rent + one.sale)


def _asked(one: Suggestion) -> dict[str, str]:
    """What to ask the list for it."""
    name = {"area": "area", "outcode": "outcode", "station": "near", "street": "q"}[one.kind]
    return {name: one.label[:Q_MAX] if name == "q" else one.value}


def _shown(one: Suggestion, homes: int, typed: Sequence[str]) -> Suggested:
    asked = urlencode(_asked(one))
    return Suggested(one.kind, one.value, one.label, homes, asked, _pieces(one.label, typed))


def _pieces(label: str, typed: Sequence[str]) -> tuple[Piece, ...]:
    longest_first = sorted(typed, key=len, reverse=True)
    begun = "|".join("['’]?".join(map(re.escape, word)) for word in longest_first)
    parts = re.split(rf"\b({begun})", label, flags=re.IGNORECASE)
    return tuple(Piece(part, match=bool(n % 2)) for n, part in enumerate(parts) if part)
