"""Type-ahead: areas, outcodes, stations and streets that begin as somebody types."""

import functools
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from edge.query.highlight import Piece
from edge.query.parameters import SuggestQuery
from snapshot import Suggestion
from snapshot.text import fold

KINDS = ("area", "outcode", "station", "street")  # what is likeliest meant comes first
GUESS_MIN = 4  # letters from which a misspelt word is guessed
_WORD = re.compile(r"[^\W_]+")
_json = msgspec.json.Encoder()


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

    @classmethod
    def of(cls, suggestions: Sequence[Suggestion]) -> "Typeahead":
        known = sorted(
            (form, number) for number, one in enumerate(suggestions) for form in forms(one.label)
        )
        return cls(suggestions, [form for form, _ in known], [number for _, number in known])

    def answer(self, query: SuggestQuery, generation: int) -> bytes:
        typed = [word.casefold() for word in _WORD.findall(query.q)]
        found = self._matching(typed) or self._matching(self._guess(typed))
        counted = [(one, _count(one, query.channel)) for one in found]
        ranked = sorted(
            (pair for pair in counted if pair[1]),
            key=lambda pair: (not _starts(pair[0], typed), KINDS.index(pair[0].kind), -pair[1]),
        )
        items = tuple(_shown(one, count, typed) for one, count in ranked[: query.limit])
        return _json.encode(Suggestions(items, len(items), generation))

    def _matching(self, typed: Sequence[str]) -> list[Suggestion]:
        """Those with a word for each one typed; the last may be only begun."""
        if not typed:
            return []
        *whole, begun = typed
        first = bisect_left(self.forms, begun)
        end = bisect_left(self.forms, begun + "\U0010ffff")
        candidates = (self.suggestions[number] for number in sorted({*self.owners[first:end]}))
        return [one for one in candidates if all(_has(one.label, word) for word in whole)]

    def _guess(self, typed: Sequence[str]) -> list[str]:
        """The same with the last word as it may have been meant; [] when there is no such word."""
        if not typed or len(typed[-1]) < GUESS_MIN:
            return []
        edits = 1 + (len(typed[-1]) >= 2 * GUESS_MIN)
        found = process.extractOne(typed[-1], self.forms, scorer=OSA.distance, score_cutoff=edits)
        return [*typed[:-1], found[0]] if found else []


@functools.lru_cache(maxsize=20_000)
def forms(label: str) -> frozenset[str]:
    """The words of a label as they are written and as they are folded: st and street."""
    words = _WORD.findall(re.sub("['’]", "", label).casefold())
    return frozenset({*words, *map(fold, words)} - {""})


def _has(label: str, word: str) -> bool:
    return word in forms(label) or fold(word) in forms(label)


def _starts(one: Suggestion, typed: Sequence[str]) -> bool:
    return one.label.casefold().startswith(typed[0])


def _count(one: Suggestion, channel: str | None) -> int:
    return {"rent": one.rent, "sale": one.sale}.get(channel or "", one.rent + one.sale)


def _shown(one: Suggestion, count: int, typed: Sequence[str]) -> Suggested:
    asked = {
        "area": {"area": one.value},
        "outcode": {"outcode": one.value},
        "station": {"near": one.value},
        "street": {"q": one.label},
    }[one.kind]
    pieces = _pieces(one.label, typed)
    return Suggested(one.kind, one.value, one.label, count, urlencode(asked), pieces)


def _pieces(label: str, typed: Sequence[str]) -> tuple[Piece, ...]:
    begun = "|".join(map(re.escape, sorted(typed, key=len, reverse=True)))
    parts = re.split(rf"\b({begun})", label, flags=re.IGNORECASE)
    return tuple(Piece(part, match=bool(n % 2)) for n, part in enumerate(parts) if part)
