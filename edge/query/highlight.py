"""Where the words asked for stand in what is shown: text in pieces, never markup."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress, count

import msgspec

from snapshot.text import fold, spans

SNIPPET = 180  # characters of the description around its first match
LEAD = 60  # of them before it
AT_ONCE = 40  # words of a text looked at together

Look = Callable[[str], str]  # the `prose` of a slug, "" when there is none


class Piece(msgspec.Struct, frozen=True):
    text: str
    match: bool


class Highlight(msgspec.Struct, frozen=True, kw_only=True):
    """Of one item of the list: its title, its address, and a passage of its description."""

    id: str
    title: tuple[Piece, ...]
    address: tuple[Piece, ...]
    text: tuple[Piece, ...]


class _Card(msgspec.Struct):
    id: str = ""
    slug: str = ""
    title: str = ""
    address: str = ""


class _Detail(msgspec.Struct):
    summary: str = ""
    description: str = ""
    features: tuple[str, ...] = ()


_cards = msgspec.json.Decoder(_Card)
_details = msgspec.json.Decoder(_Detail)


class Marks(dict[str, tuple[tuple[int, int], ...]]):
    """Where in a part of a text, cut at spaces, the words stand whose terms are wanted; known for the next.

    To tell all words of a text apart would take five times as long.
    """

    def __init__(self, wanted: AbstractSet[str]) -> None:
        self._wanted = wanted

    def __missing__(self, part: str) -> tuple[tuple[int, int], ...]:
        word = part.rstrip(".,;:!?")
        other = word.isalnum() and fold(word) not in self._wanted
        self[part] = found = () if other else tuple(spans(part, self._wanted))
        return found

    def matching(self, parts: Sequence[str]) -> Iterator[int]:
        """The numbers of those with such a word; no more of them are looked at than is asked for."""
        return compress(count(), map(self.__getitem__, parts))

    def first(self, text: str) -> int:
        """Where the first of them begins; 0 when there is none."""
        rest, at = text, 0
        while rest:
            parts = rest.split(" ", AT_ONCE)
            rest = parts.pop() if len(parts) > AT_ONCE else ""
            for number in self.matching(parts):
                before = sum(map(len, parts[:number])) + number
                return at + before + self[parts[number]][0][0]
            at = len(text) - len(rest)
        return 0


def prose(body: bytes) -> str:
    """The words of a published detail, which are few of its bytes, with one space between any two."""
    detail = _details.decode(body)
    return " ".join(" ".join((*detail.features, detail.summary, detail.description)).split())


def highlights(
    cards: Iterable[tuple[bytes, bool]], wanted: AbstractSet[str], look: Look
) -> list[Highlight]:
    """Of each card, and whether its text may have any of the terms `wanted`."""
    marks = Marks(wanted)
    return [_one(_cards.decode(card), marks, look, told=told) for card, told in cards]


def pieces(text: str, marks: Marks) -> tuple[Piece, ...]:
    """`text` cut where a match begins or ends; joined, it is the same text."""
    parts = text.split(" ")
    found: list[Piece] = []
    plain, done = "", 0  # what is not in `found` yet: this, and the parts from that number on
    for number in marks.matching(parts):
        part, at = parts[number], 0
        plain += " ".join((*parts[done:number], ""))
        for start, end in marks[part]:
            plain += part[at:start]
            if plain:
                found.append(Piece(plain, match=False))
            found.append(Piece(part[start:end], match=True))
            plain, at = "", end
        plain, done = part[at:], number + 1
        plain += " " if done < len(parts) else ""
    plain += " ".join(parts[done:])
    if plain:
        found.append(Piece(plain, match=False))
    return tuple(found)


def _one(card: _Card, marks: Marks, look: Look, *, told: bool) -> Highlight:
    text = look(card.slug)
    first = marks.first(text) if told else 0
    return Highlight(
        id=card.id,
        title=pieces(card.title, marks),
        address=pieces(card.address, marks),
        text=pieces(_passage(text, first), marks),
    )


def _passage(text: str, first: int) -> str:
    """The part around the `first` match, cut between words; the beginning when there is none."""
    start = max(0, first - LEAD)
    if start:
        start = text.find(" ", start, first) + 1 or first
    end = start + SNIPPET
    cut = text[start:end]
    if end < len(text):
        cut = cut.rpartition(" ")[0] or cut
    lead, tail = ("… " if start else ""), (" …" if end < len(text) else "")
    return f"{lead}{cut}{tail}"
