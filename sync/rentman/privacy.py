"""Masking: what the contract marks M is published only after this, and X never.

House numbers, postcodes, staff contacts and the owner's words turn up inside advertised addresses
and free text, so they are taken out of every public text, not just out of their own fields.
"""

import html
import re
import unicodedata

# What may stand between two parts of one value, as people type it.
_GAP, _JOIN = r"[\W_]{0,8}", r"[\W_]{0,3}"
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"  # an underscore ends a word, as in addresses
POSTCODE = re.compile(
    rf"{_START}([A-Z]{{1,2}}[0-9][A-Z0-9]?)({_GAP})([0-9][ABD-HJLNP-UW-Z]{{2}}){_END}",
    re.IGNORECASE,
)
_OUTCODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")
_ORDINAL = re.compile(r"1st|2nd|3rd|[4-9]th", re.IGNORECASE)
_ORDERED = re.compile(r"\s{1,3}(?:and\s|floor|stor|bed|bath|recep|home|flat)", re.IGNORECASE)
# A house or flat number at the start of a part of an address: 12, 12a, Flat 3, 12-14, 12/3.
_NUMBER = (
    r"(?:(?:flat|apartment|apt|unit|studio|no\.?|number|plot)\s+)?"
    r"[0-9]+[a-z]?(?:\s*[-/–]\s*[0-9]+[a-z]?)?"
)
_LEADING_NUMBER = re.compile(rf"^(?:{_NUMBER}(?:\s+[a-z](?=\s))?(?:\s+|$))+", re.IGNORECASE)
_AT = r"(?:\s{0,2}@\s{0,2}|\s{0,3}[(\[{<]\s{0,2}(?:at|@)\s{0,2}[)\]}>]\s{0,3})"
_DOT = r"(?:\.|\s{0,2}[(\[{<]\s{0,2}dot\s{0,2}[)\]}>]\s{0,2})"
_EMAIL = re.compile(
    rf"[^\s@<>()\[\],;:\"]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}})+", re.IGNORECASE
)
_ALONE = r"(?<![\w£.])(?<!\d,){}(?![\w.]\d|,\d{{3}}|\w|%)"
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
LOCATION_DIGITS = 3  # decimal degrees: about 100 m
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
_BEFORE_ANY_STREET = re.compile(
    rf"(?<![\w£.])(?<!\d,)(?>(?i:{_NUMBER})[\s,]+)"
    rf"(?=(?:[A-Z][\w'’.-]{{0,30}}\s+){{1,3}}(?i:{_ENDS})\b)"
)
_PREFIX = r"(?:(?:no|nos|number|flat|apartment|apt|unit|door|plot)[\W_]{0,3}|#\s?)"
_SPACES = re.compile(r"[^\S\n]{2,}")
# Signs whose plain form would read worse than they do.
_UNUSUAL = re.compile(r"[^\x00-\x7f£²³½¼¾…™]")
_ENTITIES_DEEP = 3


def plain(value: str) -> str:
    """The text as it is read: no entities, no invisible signs, no wide or styled letters."""
    for _ in range(_ENTITIES_DEEP):
        read = html.unescape(value)
        if read == value:
            break
        value = read
    value = unicodedata.normalize("NFC", value)
    value = _UNUSUAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), value)
    kept = (sign for sign in value if sign in "\n\t" or unicodedata.category(sign) not in _HIDDEN)
    return _SPACES.sub(" ", "".join(kept))


_HIDDEN = ("Cf", "Cc", "Cs")


def outcode(postcode: str) -> str:
    """The half of a postcode that may be shown; "" when it is not a postcode."""
    postcode = plain(postcode)
    found = POSTCODE.search(postcode.replace(" ", ""))
    if found:
        return found[1].upper()
    bare = postcode.strip().upper()
    return bare if _OUTCODE.match(bare) else ""


class Masks:
    """What one home keeps private, as patterns to take out of whatever is said of it."""

    def __init__(  # noqa: PLR0913 - one for each private field
        self,
        number: str = "",
        street: str = "",
        *,
        postcode: str = "",
        name: str = "",
        email: str = "",
        mobile: str = "",
        thoughts: str = "",
    ) -> None:
        self._parts = _parts(plain(number))
        place = _street(plain(street))
        own = "|".join(map(_loose, self._parts))
        self._postcode = _own_postcode(plain(postcode))
        self._personal = [
            re.compile(pattern, re.IGNORECASE)
            for pattern in (
                *_thoughts(plain(thoughts)),
                *_email(plain(email)),
                *_mobile(plain(mobile)),
                *_name(plain(name)),
            )
        ]
        self._near = _near(own, place)
        self._everywhere = [
            re.compile(pattern, re.IGNORECASE)
            for part in self._parts
            if (pattern := _everywhere(part, plain(street)))
        ]

    def text(self, value: str) -> str:
        """Free text without what is private of this home, postcodes and e-mail addresses."""
        before = plain(value)
        masked = before
        for pattern in self._personal:
            masked = pattern.sub("", masked)
        masked = self._without_postcodes(masked)
        for pattern, shown in self._near:
            masked = pattern.sub(shown, masked)
        for pattern in self._everywhere:
            masked = pattern.sub("", masked)
        return masked if masked == before else _SPACES.sub(" ", masked)

    def address(self, display: str) -> str:
        """The advertised address without house number, flat number, e-mail or inward code."""
        masked = self.text(display)
        for part in self._parts:
            for pattern in (_ALONE.format(re.escape(part)), f"{_START}{_loose(part)}{_END}"):
                masked = re.sub(pattern, "", masked, flags=re.IGNORECASE)
        parts = (_LEADING_NUMBER.sub("", " ".join(part.split())) for part in masked.split(","))
        return ", ".join(part for part in parts if part)

    def reveals(self, identifier: str) -> bool:
        """Whether a reference, which cannot be masked, says where or who."""
        found = POSTCODE.search(identifier)
        patterns = [*self._personal, *([self._postcode[0]] if self._postcode else [])]
        return bool(found and found[2]) or any(it.search(identifier) for it in patterns)

    def _without_postcodes(self, value: str) -> str:
        if self._postcode:
            value = self._postcode[0].sub(self._postcode[1], value)
        return _public(value)


def text(value: str, number: str, street: str) -> str:
    """Free text without full postcodes, e-mail addresses, or a house number before the street."""
    return Masks(number, street).text(value)


def caption(value: str) -> str:
    """One line without what `text` takes out, though of a home whose street is not at hand."""
    return " ".join(_BEFORE_ANY_STREET.sub("", _public(plain(value))).split())


def address(display: str, number: str) -> str:
    """The advertised address without what can be told to be private from the number alone."""
    return Masks(number).address(display)


def _public(value: str) -> str:
    return _EMAIL.sub("", POSTCODE.sub(_outward, value))


def _outward(found: re.Match[str]) -> str:
    """Its public half; `E1 2nd floor` is no postcode."""
    outward, gap, inward = found.groups()
    if gap and _ORDINAL.fullmatch(inward):
        told = inward.islower() and not outward.islower()
        if told or _ORDERED.match(found.string, found.end()):
            return found[0]
    return outward.upper()


def _parts(number: str) -> list[str]:
    """`First Floor, 88a` names three things to hide: itself and its two halves; longest first."""
    found = {part.strip() for part in (number, *number.split(","))} - {""}
    return sorted(found, key=len, reverse=True)


def _words(text: str) -> list[str]:
    return [re.escape(word) for word in re.findall(r"[0-9]+|[^\W\d_]+", text)]


def _loose(part: str) -> str:
    """A number or name however its words are joined: 12A, 12 a, 12-A."""
    return _JOIN.join(_words(part)) or re.escape(part)


def _street(name: str) -> str:
    """A pattern for the street, its last word perhaps shortened; for any street when unknown."""
    words = re.findall(r"[^\W_]+", name)
    if not words:
        return _ANY_STREET
    found = [re.escape(word) for word in words]
    if short := _SHORT.get(words[-1].lower()):
        found[-1] = f"(?:{found[-1]}|{short})"
    return r"[\W_]{1,3}".join(found) + _END


def _near(own: str, street: str) -> list[tuple[re.Pattern[str], str]]:
    """Where a number can only be the house's: before or after the street, after `No.`, alone."""
    # Atomic, so that a text of many numbers costs no more than its length.
    generic = _NUMBER if street != _ANY_STREET else r"(?!)"
    guard = rf"{_START}(?<!£)(?<![0-9][.,])"
    found = [(rf"{guard}(?>(?:{generic})[\s,]+){{1,4}}(?={street})", "")]
    if street == _ANY_STREET:
        found = [(_BEFORE_ANY_STREET.pattern, "")]
    if own:
        # `on` and the like only after this home's own number.
        own_gap = r"[\W_]{1,5}(?:(?:on|at|in|of)[\W_]{1,3})?"
        each = rf"(?:(?:{_PREFIX})?(?:{own}){own_gap}|(?:{generic})[\s,]+)"
        found.insert(0, (rf"{guard}[(\[]?(?>{each}){{1,4}}(?={street})", ""))
        closed = r"[)\]]?(?![^\W_]|[.,][0-9]|%)"
        ends = r"(?=\s*(?:[.,;:)\]!?&\n]|$)|[-_/](?!min|hour|month|week|day|year|bed))"
        found += [
            (rf"({street})[\W_]{{1,5}}(?:{_PREFIX})(?:{own}){closed}", r"\1"),
            (rf"({street})[\W_]{{1,5}}(?:{own}){closed}{ends}", r"\1"),
            (rf"{_START}{_PREFIX}(?:{own}){closed}(?!\s+(?:bus|tram|min|month|week|year))", ""),
            (rf"(?m:^)[^\S\n]*(?:{own})[^\S\n]*(?m:$)", ""),
        ]
    case = re.IGNORECASE
    return [
        (re.compile(it, 0 if it == _BEFORE_ANY_STREET.pattern else case), shown)
        for it, shown in found
    ]


def _everywhere(part: str, street: str) -> str:
    """A pattern for a name or a number with letters; "" for what other words could mean too."""
    letters = re.sub(r"[\W\d_]", "", part)
    if not letters or (_COMMON.fullmatch(part) and not re.search(r"\d", part)):
        return ""
    if re.fullmatch(r"[0-9]+[a-z]", part, re.IGNORECASE):  # 12A; `12 a month` is no number
        return rf"{_START}(?<!£)(?<![0-9][.,]){part[:-1]}[-/]?{part[-1]}{_END}"
    if not re.search(r"\d", part) and (
        len(part) < NAME_MIN or part.casefold() in street.casefold()
    ):
        return ""
    return rf"{_START}(?<!£){_loose(part)}{_END}"


def _own_postcode(postcode: str) -> tuple[re.Pattern[str], str] | None:
    signs = re.sub(r"[\W_]", "", postcode)
    if not POSTCODE.fullmatch(signs):
        return None
    halves = (_JOIN.join(signs[:-3]), _JOIN.join(signs[-3:]))
    return re.compile(rf"{_START}{_GAP.join(halves)}{_END}", re.IGNORECASE), signs[:-3].upper()


def _thoughts(thoughts: str) -> list[str]:
    if len(thoughts) < THOUGHT_MIN:
        return []
    said = [it for it in re.split(r"[.!?\n]+", thoughts) if len(it.strip()) >= SENTENCE_MIN]
    spoken = (_words(it)[:THOUGHT_MAX] for it in (thoughts, *said))
    return [_START + r"[\W_]{0,4}".join(words) + r"[.!?]?" + _END for words in spoken if words]


def _email(email: str) -> list[str]:
    local, _, domain = email.partition("@")
    if not (local and domain):
        return []
    at, dot = rf"(?:{_AT}|\s+at\s+)", rf"(?:{_DOT}|\s+dot\s+)"
    named = (dot.join(map(re.escape, half.split("."))) for half in (local, domain))
    return [_START + at.join(named) + _END]


def _mobile(mobile: str) -> list[str]:
    found = []
    for one in re.split(r"[/,;|]|\bor\b", mobile):
        digits = re.sub(r"[^0-9]", "", one)
        tail = re.sub(r"^(?:(?:00)?44)?0?", "", digits)
        if len(tail) >= MOBILE_MIN:
            code = rf"(?:(?:\+|00)?44{_JOIN}(?:0{_JOIN})?|\(?0{_JOIN})?"
            found.append(rf"(?<![0-9])\(?{code}{_JOIN.join(tail)}(?![0-9])")
    return found


def _name(name: str) -> list[str]:
    words = re.findall(r"[^\W_]+", name)
    if len("".join(words)) < NAME_MIN or name.strip().casefold() in _COMMON_NAMES:
        return []
    return [_START + r"[\W_]{1,3}".join(map(re.escape, words)) + _END]


def rounded(coordinate: float) -> float:
    return round(coordinate, LOCATION_DIGITS)
