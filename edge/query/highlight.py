"""Where the words asked for stand in what is shown: text in pieces, never markup."""

from collections.abc import Callable, Sequence

import msgspec

from snapshot.text import spans

SNIPPET = 180  # characters of the description around its first match
LEAD = 60  # of them before it

Look = Callable[[str], bytes]  # the published detail of a slug as JSON, b"" when there is none


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


def highlights(cards: Sequence[bytes], terms: set[str], look: Look) -> list[Highlight]:
    return [_one(_cards.decode(card), terms, look) for card in cards]


def pieces(text: str, terms: set[str]) -> tuple[Piece, ...]:
    """`text` cut where a match begins or ends; joined, it is the same text."""
    found: list[Piece] = []
    at = 0
    for start, end in spans(text, terms):
        if start > at:
            found.append(Piece(text[at:start], match=False))
        found.append(Piece(text[start:end], match=True))
        at = end
    if at < len(text):
        found.append(Piece(text[at:], match=False))
    return tuple(found)


def _one(card: _Card, terms: set[str], look: Look) -> Highlight:
    body = look(card.slug)
    detail = _details.decode(body) if body else _Detail()
    prose = "\n".join((*detail.features, detail.summary, detail.description))
    return Highlight(
        id=card.id,
        title=pieces(card.title, terms),
        address=pieces(card.address, terms),
        text=pieces(_passage(prose, terms), terms),
    )


def _passage(text: str, terms: set[str]) -> str:
    """The part around the first match, cut between words; the beginning when there is none."""
    first, _ = next(spans(text, terms), (0, 0))
    start = max(0, first - LEAD)
    if start:
        start = text.find(" ", start, first) + 1 or first
    end = start + SNIPPET
    cut = text[start:end]
    if end < len(text):
        cut = cut.rpartition(" ")[0] or cut
    lead, tail = ("… " if start else ""), (" …" if end < len(text) else "")
    return f"{lead}{' '.join(cut.split())}{tail}"
