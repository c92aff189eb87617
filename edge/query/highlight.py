"""Where the words asked for stand in what is shown: text in pieces, never markup."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet

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

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """As `snapshot.text.spans`; no more of the text is looked at than is asked for."""
        rest, at = text, 0
        while rest:
            parts = rest.split(None, AT_ONCE)
            rest = parts.pop() if len(parts) > AT_ONCE else ""
            for part in filter(self.__getitem__, parts):
                at = _alone(text, part, at)
                for start, end in self[part]:
                    yield at + start, at + end
                at += len(part)
            at = len(text) - len(rest)


def _alone(text: str, part: str, at: int) -> int:
    """Where `part`, which is there, next stands between spaces."""
    while True:
        at = text.index(part, at)
        end = at + len(part)
        if (not at or text[at - 1].isspace()) and (end == len(text) or text[end].isspace()):
            return at
        at += 1


def prose(body: bytes) -> str:
    """The words of a published detail, which are few of its bytes."""
    detail = _details.decode(body)
    return "\n".join((*detail.features, detail.summary, detail.description))


def highlights(
    cards: Iterable[tuple[bytes, bool]], wanted: AbstractSet[str], look: Look
) -> list[Highlight]:
    """Of each card, and whether its text may have any of the terms `wanted`."""
    marks = Marks(wanted)
    return [_one(_cards.decode(card), marks, look, told=told) for card, told in cards]


def pieces(text: str, marks: Marks) -> tuple[Piece, ...]:
    """`text` cut where a match begins or ends; joined, it is the same text."""
    found: list[Piece] = []
    at = 0
    for start, end in marks.spans(text):
        if start > at:
            found.append(Piece(text[at:start], match=False))
        found.append(Piece(text[start:end], match=True))
        at = end
    if at < len(text):
        found.append(Piece(text[at:], match=False))
    return tuple(found)


def _one(card: _Card, marks: Marks, look: Look, *, told: bool) -> Highlight:
    text = look(card.slug)
    first, _ = next(marks.spans(text), (0, 0)) if told else (0, 0)
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
    return f"{lead}{' '.join(cut.split())}{tail}"
