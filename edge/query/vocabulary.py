"""Finding rows by words: exact, by their beginning, or with letters wrong; and how well each fits.

A row's score is the sum over the terms asked for of what its best place for that term is worth
(docs/search.md). Scores of all rows are kept as bitsets, one for each binary digit, and added
with carry: the cost is that of some dozens of operations on whole sets, however many rows match.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby

from rapidfuzz import process
from rapidfuzz.distance import OSA

from edge.query.parameters import TERMS_MAX
from snapshot import Index
from snapshot.index import FIELDS, union
from snapshot.text import HALF_TYPED

PLACE = "place"
WEIGHTS = {PLACE: 8, "kind": 4, "text": 2}
PREFIX_MIN = 2  # letters of a word that is not the last
ONE_EDIT, TWO_EDITS = 4, 7  # letters from which so many may be wrong
GROUPED = 2  # letters of beginnings whose rows are kept
GUESSES = 12  # terms that one misspelt word stands for

Scores = list[int]  # bitset of the rows whose score has binary digit n


@dataclass(frozen=True, slots=True)
class Hits:
    """The rows found, how well each fits, and every term that what was asked stands for.

    `told`: the rows in whose text, and not in their place alone, such a term may stand.
    """

    rows: int = 0
    told: int = 0
    scores: Scores = field(default_factory=list)
    terms: set[str] = field(default_factory=set)

    def best_first(self, rows: int) -> list[tuple[int, int]]:
        """`rows` split into (score, those that have it), highest first."""
        return list(_split(rows, len(self.scores) - 1, self.scores, 0))


@dataclass(frozen=True, slots=True)
class _Form:
    """Terms that a word asked for may stand for; `begun`: they are all that begin so."""

    share: int  # by how much a match counts less
    terms: Sequence[str]
    begun: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`beginnings`: the rows of all terms that begin with the same two letters, for these are many."""

    count: int
    words: dict[str, dict[str, bytes]]  # field -> term -> packed rows
    sorted: Sequence[str]
    beginnings: dict[str, dict[str, int]]  # field -> first two letters -> rows

    @classmethod
    def of(cls, index: Index) -> "Vocabulary":
        every = set().union(*index.words.values()) if index.words else set[str]()
        beginnings = {
            name: {
                begun: union((held[term] for term in terms), index.count)
                for begun, terms in groupby(sorted(held), key=lambda term: term[:GROUPED])
            }
            for name, held in index.words.items()
        }
        return cls(index.count, index.words, sorted(every), beginnings)

    def search(self, terms: Sequence[str]) -> Hits:
        """The rows that have every term, in one of its forms."""
        rows, told, scores, stood_for = (1 << self.count) - 1, 0, list[int](), set[str]()
        for number, term in enumerate(terms[:TERMS_MAX], 1):
            forms = self._forms(term, last=number == len(terms))
            found = 0
            for weight, name, matched in self._weighed(forms):
                told |= matched if name != PLACE else 0
                fresh = matched & ~found
                found |= fresh
                _add(scores, fresh, weight)
            rows &= found
            if not rows:
                break
            stood_for.update(*(form.terms for form in forms))
        return Hits(rows, told, scores, stood_for) if terms else Hits()

    def _weighed(self, forms: Sequence[_Form]) -> list[tuple[int, str, int]]:
        """(worth, field, rows), the worthiest first."""
        parts = [
            (WEIGHTS[name] // form.share, name, self._rows(name, form))
            for form in forms
            for name in FIELDS
        ]
        return sorted(parts, key=lambda part: -part[0])

    def _forms(self, term: str, *, last: bool) -> Sequence[_Form]:
        """Guessing begins where nothing else is found."""
        exact = [term] if self._has(term) else []
        begun = self._beginning(term, last=last) if last or not exact else []
        if exact or begun:
            return [_Form(1, exact), _Form(2, begun, term if begun else "")]
        half = HALF_TYPED.fullmatch(term)
        if half and self._has(half[1]):
            return [_Form(1, [half[1]])]
        return [_Form(2, self._guesses(term))]

    def _has(self, term: str) -> bool:
        return any(term in terms for terms in self.words.values())

    def _beginning(self, term: str, *, last: bool) -> Sequence[str]:
        """A number or a postcode that is there stands for itself alone: nw1 is not nw10."""
        short = len(term) < PREFIX_MIN and not last
        if short or (term[-1].isdigit() and self._has(term)):
            return ()
        first = bisect_left(self.sorted, term)
        return self.sorted[first : bisect_left(self.sorted, term + "\U0010ffff")]

    def _guesses(self, term: str) -> list[str]:
        edits = (len(term) >= ONE_EDIT) + (len(term) >= TWO_EDITS)
        if not edits or any(letter.isdigit() for letter in term):
            return []  # a postcode or a number that is not there is not a misspelling of another
        found = process.extract(
            term, self.sorted, scorer=OSA.distance, score_cutoff=edits, limit=GUESSES
        )
        nearest = min((distance for _, distance, _ in found), default=0)
        return [word for word, distance, _ in found if distance == nearest]

    def _rows(self, name: str, form: _Form) -> int:
        grouped = self.beginnings.get(name, {})
        if 0 < len(form.begun) < GROUPED:
            same = (rows for begun, rows in grouped.items() if begun.startswith(form.begun))
            return reduce(int.__or__, same, 0)
        if len(form.begun) == GROUPED:
            return grouped.get(form.begun, 0)
        held = self.words.get(name, {})
        return union((packed for term in form.terms if (packed := held.get(term))), self.count)


def _add(scores: Scores, rows: int, weight: int) -> None:
    """Add `weight`, a power of two, to the score of each of `rows`."""
    digit = weight.bit_length() - 1
    while rows:
        scores.extend([0] * (digit + 1 - len(scores)))
        scores[digit], rows = scores[digit] ^ rows, scores[digit] & rows
        digit += 1


def _split(rows: int, digit: int, scores: Scores, score: int) -> Iterator[tuple[int, int]]:
    if not rows:
        return
    if digit < 0:
        yield score, rows
        return
    yield from _split(rows & scores[digit], digit - 1, scores, score + (1 << digit))
    yield from _split(rows & ~scores[digit], digit - 1, scores, score)
