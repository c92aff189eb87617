"""How private values are written: regular expressions for numbers, streets, names, phones.

Patterns are atomic or bounded, so that no text costs more than its length.
"""

import re
from collections.abc import Iterable, Sequence

from sync.rentman.sought import Needs, Sought, Steps, around, bare, holding

# What may stand between two parts of one value, as people type it.
_GAP, _JOIN = r"[\W_]{0,8}", r"[\W_]{0,3}"
START, END = r"(?<![^\W_])", r"(?![^\W_])"  # an underscore ends a word, as in addresses
POSTCODE = re.compile(
    rf"{START}([A-Z]{{1,2}}[0-9][A-Z0-9]?)({_GAP})([0-9][ABD-HJLNP-UW-Z]{{2}}){END}",
    re.IGNORECASE,
)
# A house or flat number at the start of a part of an address: 12, 12a, Flat 3, 12-14, 12/3.
NUMBER = (
    r"(?:(?:flat|apartment|apt|unit|studio|no\.?|number|plot)\s+)?"
    r"[0-9]+[a-z]?(?:\s*[-/–]\s*[0-9]+[a-z]?)?"
)
AT = r"(?:\s{0,2}@\s{0,2}|\s{0,3}[(\[{<]\s{0,2}(?:at|@)\s{0,2}[)\]}>]\s{0,3})"
DOT = r"(?:\.|\s{0,2}[(\[{<]\s{0,2}dot\s{0,2}[)\]}>]\s{0,2})"
# How a street's last word is also written.
_SHORT = {
    "avenue": "ave?",
    "close": "cl",
    "court": "ct",
    "crescent": "cres",
    "drive": "dr",
    "gardens": "gdns",
    "grove": "gr",
    "lane": "ln",
    "place": "pl",
    "road": "rd",
    "square": "sq",
    "street": "st",
    "terrace": "terr?",
}
THOUGHT_MIN, SENTENCE_MIN, NAME_MIN, MOBILE_MIN = 12, 24, 4, 7  # shorter ones are common words
THOUGHT_MAX = 2000  # words
# Said of many homes, so these are hidden only before the street.
_COMMON = re.compile(
    r"(?:the\s+)?(?:(?:lower|upper)\s+)?(?:ground|first|second|third|fourth|top|garden|basement"
    r"|lower|upper|raised)?\s*(?:floor|flat|basement|maisonette|house|cottage|studio|apartment)?",
    re.IGNORECASE,
)
_COMMON_NAMES = frozenset({"lettings", "sales", "office", "team", "branch", "admin", "agency"})
_ENDS = "|".join([*_SHORT, *_SHORT.values()])
_ANY_STREET = (
    rf"(?:(?-i:(?:[A-Z][\w'’.-]{{0,30}}\s+){{1,3}})|(?:[a-z][a-z'’]{{0,30}}[-_+]){{1,3}})"
    rf"(?:{_ENDS})\b"
)
BEFORE_ANY_STREET = re.compile(
    rf"(?<![\w£.])(?<!\d,)(?>(?i:{NUMBER})[\s,]+)"
    rf"(?=(?:[A-Z][\w'’.-]{{0,30}}\s+){{1,3}}(?i:{_ENDS})\b)"
)
_PREFIXES = ("no", "nos", "number", "flat", "apartment", "apt", "unit", "door", "plot")
_PREFIX = rf"(?:(?:{'|'.join(_PREFIXES)})[\W_]{{0,3}}|#\s?)"
_PREFIX_MAX = max(map(len, _PREFIXES))
_BEFORE = len("1aon")  # from a number's last digit to the street, in bare letters


_ALONE = r"(?<![\w£.])(?<!\d,){}(?![\w.]\d|,\d{{3}}|\w|%)"


def parts(number: str) -> list[str]:
    """`First Floor, 88a` names three things to hide: itself and its two halves; longest first."""
    found = {part.strip() for part in (number, *number.split(","))} - {""}
    return sorted(found, key=len, reverse=True)


def _words(text: str) -> list[str]:
    return re.findall(r"[0-9]+|[^\W\d_]+", text)


def loose(part: str) -> str:
    """A number or name however its words are joined: 12A, 12 a, 12-A."""
    return _JOIN.join(map(re.escape, _words(part))) or re.escape(part)


def _bare(part: str) -> str:
    """What a text needs to hold for `loose` to match."""
    return bare("".join(_words(part)) or part)


class Street:
    """How the street of a home is written; `start`: the bare letters it begins with, "" for any street."""

    def __init__(self, name: str) -> None:
        words = re.findall(r"[^\W_]+", name)
        self.known = bool(words)
        self.pattern, self.start, self._rest = _ANY_STREET, "", 0
        if not words:
            return
        found = [re.escape(word) for word in words]
        short = _SHORT.get(words[-1].lower())
        if short:  # its last word is perhaps shortened
            found[-1] = f"(?:{found[-1]}|{short})"
        self.pattern = r"[\W_]{1,3}".join(found) + END
        self.start = bare("".join(words[:-1] if short else words))
        self._rest = len(words[-1]) if short else 0

    def before(self, own: Sequence[str] = ()) -> Needs:
        """A number just before the street, or one of the home's own names and the street."""
        names = [each for each in own if not re.fullmatch("[a-z]*[0-9]+[a-z]?", each)]

        def needs(_text: str, its_bare: str) -> bool:
            if not self.known:
                return any(each in its_bare for each in own)
            if not self.start or any(name in its_bare for name in names):
                return self.start in its_bare
            places = around(its_bare, self.start, _BEFORE, 0)
            return any(re.search("[0-9]", before) for before, _ in places)

        return needs

    def followed_by(self, own: Sequence[str]) -> Needs:
        """One of the home's numbers or names soon after the street."""
        reach = self._rest + _PREFIX_MAX + max(map(len, own), default=0)

        def needs(_text: str, its_bare: str) -> bool:
            if not self.start:
                return any(each in its_bare for each in own)
            places = around(its_bare, self.start, 0, reach)
            return any(each in after for _, after in places for each in own)

        return needs


# Taken once it fits, so that a text of many numbers costs no more than its length.
_GUARD = rf"{START}(?<!£)(?<![0-9][.,])"
_ANY_NUMBER = rf"(?:{NUMBER})[\s,]+"


def near(own: Sequence[str], street: Street) -> list[Sought | Steps]:
    """Where a number can only be the house's: before or after the street, after `No.`, alone."""
    found: list[Sought | Steps]
    if street.known:
        found = [Steps(_GUARD, [_ANY_NUMBER], street.pattern, street.before())]
    else:
        found = [Sought(BEFORE_ANY_STREET.pattern, _numbered, flags=re.RegexFlag(0))]
    return [*_own_near(own, street, found)] if own else found


def _own_near(
    parts: Sequence[str], street: Street, others: Iterable[Sought | Steps]
) -> Iterable[Sought | Steps]:
    generic = [_ANY_NUMBER] if street.known else []
    own = "|".join(map(loose, parts))
    barest = [_bare(part) for part in parts]
    # `on` and the like only after this home's own number.
    own_gap = r"[\W_]{1,5}(?:(?:on|at|in|of)[\W_]{1,3})?"
    each = rf"(?:{_PREFIX})?(?:{own}){own_gap}"
    closed = r"[)\]]?(?![^\W_]|[.,][0-9]|%)"
    ends = r"(?=\s*(?:[.,;:)\]!?&\n]|$)|[-_/](?!min|hour|month|week|day|year|bed))"
    after = rf"({street.pattern})[\W_]{{1,5}}"
    yield Steps(_GUARD, [each, *generic], street.pattern, street.before(barest))
    yield from others
    yield Sought(rf"{after}(?:{_PREFIX})(?:{own}){closed}", street.followed_by(barest), r"\1")
    yield Sought(rf"{after}(?:{own}){closed}{ends}", street.followed_by(barest), r"\1")
    yield Sought(
        rf"{START}{_PREFIX}(?:{own}){closed}(?!\s+(?:bus|tram|min|month|week|year))",
        _named_before(barest),
    )
    yield Sought(rf"(?m:^)[^\S\n]*(?:{own})[^\S\n]*(?m:$)", _alone(parts))


def _numbered(_text: str, its_bare: str) -> bool:
    return bool(re.search("[0-9]", its_bare))


def _named_before(own: Sequence[str]) -> Needs:
    """`Flat 3`, `No. 3`, `#3`, of this home."""
    written = [prefix + each for prefix in _PREFIXES for each in own]
    return lambda text, its_bare: (
        any(each in its_bare for each in own)
        and ("#" in text or any(each in its_bare for each in written))
    )


def _alone(parts: Sequence[str]) -> Needs:
    """By itself on a line; a value of several words may stand on several lines."""
    words = {part.casefold() for part in parts if re.fullmatch("[0-9]+", part)}
    others = [_bare(part) for part in parts if part.casefold() not in words]
    return lambda text, its_bare: (
        any(line.strip() in words for line in text.split("\n"))
        or any(each in its_bare for each in others)
    )


def everywhere(parts: Iterable[str], street: str) -> Iterable[Sought]:
    """Names and numbers with letters, wherever they stand."""
    for part in parts:
        if pattern := _everywhere(part, street):
            yield Sought(pattern, holding(_bare(part)))


def _everywhere(part: str, street: str) -> str:
    """ "" for what other words could mean too."""
    letters = re.sub(r"[\W\d_]", "", part)
    if not letters or (_COMMON.fullmatch(part) and not re.search(r"\d", part)):
        return ""
    if re.fullmatch(r"[0-9]+[a-z]", part, re.IGNORECASE):  # 12A; `12 a month` is no number
        return rf"{START}(?<!£)(?<![0-9][.,]){part[:-1]}[-/]?{part[-1]}{END}"
    if not re.search(r"\d", part) and (
        len(part) < NAME_MIN or part.casefold() in street.casefold()
    ):
        return ""
    return rf"{START}(?<!£){loose(part)}{END}"


def in_addresses(parts: Iterable[str]) -> Iterable[Sought]:
    """A home's numbers and names by themselves, as they stand in its address."""
    for part in parts:
        yield Sought(_ALONE.format(re.escape(part)), holding(part))
        yield Sought(f"{START}{loose(part)}{END}", holding(_bare(part)))


def own_postcode(postcode: str) -> Iterable[Sought]:
    signs = re.sub(r"[\W_]", "", postcode)
    if POSTCODE.fullmatch(signs):
        halves = (_JOIN.join(signs[:-3]), _JOIN.join(signs[-3:]))
        pattern = f"{START}{_GAP.join(halves)}{END}"
        yield Sought(pattern, holding(signs), signs[:-3].upper())


def thoughts(said: str) -> Iterable[Sought]:
    """The owner's words, all of them and sentence by sentence."""
    if len(said) < THOUGHT_MIN:
        return
    long = [it for it in re.split(r"[.!?\n]+", said) if len(it.strip()) >= SENTENCE_MIN]
    for spoken in (said, *long):
        if words := _words(spoken)[:THOUGHT_MAX]:
            pattern = r"[\W_]{0,4}".join(map(re.escape, words))
            yield Sought(rf"{START}{pattern}[.!?]?{END}", holding("".join(words)))


def email(address: str) -> Iterable[Sought]:
    local, _, domain = address.partition("@")
    if local and domain:
        at, dot = rf"(?:{AT}|\s+at\s+)", rf"(?:{DOT}|\s+dot\s+)"
        halves = [half.split(".") for half in (local, domain)]
        pattern = at.join(dot.join(map(re.escape, half)) for half in halves)
        yield Sought(f"{START}{pattern}{END}", holding(*halves[0], *halves[1]))


def mobile(numbers: str) -> Iterable[Sought]:
    for one in re.split(r"[/,;|]|\bor\b", numbers):
        digits = re.sub(r"[^0-9]", "", one)
        tail = re.sub(r"^(?:(?:00)?44)?0?", "", digits)
        if len(tail) >= MOBILE_MIN:
            code = rf"(?:(?:\+|00)?44{_JOIN}(?:0{_JOIN})?|\(?0{_JOIN})?"
            pattern = rf"(?<![0-9])\(?{code}{_JOIN.join(tail)}(?![0-9])"
            yield Sought(pattern, holding(tail))


def person(name: str) -> Iterable[Sought]:
    words = re.findall(r"[^\W_]+", name)
    if len("".join(words)) >= NAME_MIN and name.strip().casefold() not in _COMMON_NAMES:
        pattern = r"[\W_]{1,3}".join(map(re.escape, words))
        yield Sought(f"{START}{pattern}{END}", holding("".join(words)))
