"""A pattern is looked for whenever a text may hold it: what is looked up first hides nothing."""

import re
import sys
from collections.abc import Callable
from typing import TypedDict

from hypothesis import given
from hypothesis import strategies as st

from sync.rentman import privacy
from sync.rentman.patterns import POSTCODE
from sync.rentman.sought import Sought, Steps, bare

SIGNS = st.sampled_from(
    ["", " ", ",", ", ", "-", "_", "\n", ".", " at ", " on ", " (", ") ", "#", "'"]
)
OWN = [
    "12",
    "12a",
    "4",
    "Flat 3",
    "Rose Cottage, 88a",
    "\u0130ris Lodge",
    "\u017fea View",
    "9 ٣",
    "B",
]
STREETS = [
    "",
    "Close",
    "High Street",
    "St. Mary's Rd",
    "The Grove",
    "Straße Lane",
    "K\u0131ng Road",
]
PEOPLE = ["", "Jo Ashe", "Weiß", "Łukasz"]
MAILS = ["", "jo.ashe@agency.example", "ß@agency.example"]
MOBILES = ["", "07700 900123", "+44 7700 900 123 / 01632 960001"]
POSTCODES = ["", "NW1 2AB", "SW1A1AA"]
THOUGHTS = ["", "Would take an early start. Prefers 2 adults who stay for years!"]
OTHERS = [
    "the",
    "No",
    "apartment",
    "St",
    "Rd",
    "2",
    "£12",
    "12.5",
    "a",
    "month",
    "+44",
    "[at]",
    "é",
]


class Private(TypedDict):
    number: str
    street: str
    postcode: str
    name: str
    email: str
    mobile: str
    thoughts: str


PRIVATE = st.fixed_dictionaries(
    {
        "number": st.sampled_from(OWN),
        "street": st.sampled_from(STREETS),
        "postcode": st.sampled_from(POSTCODES),
        "name": st.sampled_from(PEOPLE),
        "email": st.sampled_from(MAILS),
        "mobile": st.sampled_from(MOBILES),
        "thoughts": st.sampled_from(THOUGHTS),
    }
)
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [str, str.upper, str.lower, str.title, str.swapcase]
)


@st.composite
def texts(draw: st.DrawFn, private: Private) -> str:
    """Private values, whole or in words, in any case and order, with anything between."""
    said = [str(value) for value in private.values()]
    words = [word for value in said for word in re.findall(r"[0-9]+|[^\W\d_]+|\w+", value)]
    parts = draw(st.lists(st.sampled_from([*said, *words, *OTHERS]), max_size=12))
    cased: list[Callable[[str], str]] = [draw(CASES) for _ in parts]
    return "".join(case(part) + draw(SIGNS) for case, part in zip(cased, parts, strict=True))


def looked_for_always(masks: privacy.Masks) -> privacy.Masks:
    for name in ("_personal", "_postcode", "_numbers", "_in_addresses"):
        setattr(masks, name, tuple(map(always, getattr(masks, name))))
    return masks


def always(each: Sought | Steps) -> Sought:
    """The same as one pattern, which any text may hold."""
    if isinstance(each, Sought):
        return Sought(each._pattern, lambda _text, _bare: True, each._shown, each._flags)
    ways = "|".join(each._ways)
    steps = rf"[(\[]?(?:(?>{ways})){{1,{each.MOST}}}(?={each._goal})"
    return Sought(each._starts + steps, lambda _text, _bare: True)


@given(st.data(), PRIVATE)
def test_masking_is_the_same_when_every_pattern_is_always_looked_for(
    data: st.DataObject, private: Private
) -> None:
    text = data.draw(texts(private))
    masks, thorough = privacy.Masks(**private), looked_for_always(privacy.Masks(**private))

    assert masks.text(text) == thorough.text(text)
    assert masks.address(text) == thorough.address(text)
    assert masks.reveals(text) == thorough.reveals(text)


@given(st.text("a1@([{<>)]} .,_\n&\t-é", max_size=40) | st.text(max_size=40))
def test_what_is_private_of_anyone_is_the_same_when_it_is_always_looked_for(text: str) -> None:
    each = privacy._EMAIL.sub("", POSTCODE.sub(privacy._outward, text))

    assert privacy._public(text) == each


@given(st.text("aZ1@([{<>)]} .,_\n&#;\t-", max_size=30))
def test_a_text_reads_the_same_beside_a_foreign_letter(text: str) -> None:
    assert privacy.plain(text) + "é" == privacy.plain(text + "é")


def test_letters_that_a_pattern_takes_for_one_another_are_the_same_when_bare() -> None:
    letters = [sign for sign in map(chr, range(sys.maxunicode + 1)) if _cased(sign)]
    for letter in letters:
        for other in {letter.lower(), letter.upper(), letter.casefold(), letter.swapcase()}:
            if re.fullmatch(re.escape(letter), other, re.IGNORECASE):
                assert bare(letter) == bare(other), (letter, other)
    assert len(letters) > 1000


def _cased(sign: str) -> bool:
    """A letter by what patterns call one: a combining iota is none."""
    return bool(re.match(r"\w", sign)) and (
        sign.lower() != sign or sign.upper() != sign or sign.casefold() != sign
    )


@given(st.text(max_size=30), st.sampled_from(["K", "\u017f", "\u0130", "\u0131", "ß", "ẞ", "ϐ"]))
def test_what_is_bare_is_so_word_by_word(text: str, odd: str) -> None:
    assert bare(f"{text}-{odd}_") == bare(text) + bare(odd)
