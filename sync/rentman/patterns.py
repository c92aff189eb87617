"""How private values are written: regular expressions for numbers, streets, names, phones.

Patterns are atomic or bounded, so that no text costs more than its length.
"""

import re

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
_PREFIX = r"(?:(?:no|nos|number|flat|apartment|apt|unit|door|plot)[\W_]{0,3}|#\s?)"


def parts(number: str) -> list[str]:
    """`First Floor, 88a` names three things to hide: itself and its two halves; longest first."""
    found = {part.strip() for part in (number, *number.split(","))} - {""}
    return sorted(found, key=len, reverse=True)


def _words(text: str) -> list[str]:
    return [re.escape(word) for word in re.findall(r"[0-9]+|[^\W\d_]+", text)]


def loose(part: str) -> str:
    """A number or name however its words are joined: 12A, 12 a, 12-A."""
    return _JOIN.join(_words(part)) or re.escape(part)


def street_pattern(name: str) -> str:
    """A pattern for the street, its last word perhaps shortened; for any street when unknown."""
    words = re.findall(r"[^\W_]+", name)
    if not words:
        return _ANY_STREET
    found = [re.escape(word) for word in words]
    if short := _SHORT.get(words[-1].lower()):
        found[-1] = f"(?:{found[-1]}|{short})"
    return r"[\W_]{1,3}".join(found) + END


def near(own: str, street: str) -> list[tuple[re.Pattern[str], str]]:
    """Where a number can only be the house's: before or after the street, after `No.`, alone."""
    # Atomic, so that a text of many numbers costs no more than its length.
    generic = NUMBER if street != _ANY_STREET else r"(?!)"
    guard = rf"{START}(?<!£)(?<![0-9][.,])"
    found = [(rf"{guard}(?>(?:{generic})[\s,]+){{1,4}}(?={street})", "")]
    if street == _ANY_STREET:
        found = [(BEFORE_ANY_STREET.pattern, "")]
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
            (rf"{START}{_PREFIX}(?:{own}){closed}(?!\s+(?:bus|tram|min|month|week|year))", ""),
            (rf"(?m:^)[^\S\n]*(?:{own})[^\S\n]*(?m:$)", ""),
        ]
    case = re.IGNORECASE
    return [
        (re.compile(it, 0 if it == BEFORE_ANY_STREET.pattern else case), shown)
        for it, shown in found
    ]


def everywhere(part: str, street: str) -> str:
    """A pattern for a name or a number with letters; "" for what other words could mean too."""
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


def own_postcode(postcode: str) -> tuple[re.Pattern[str], str] | None:
    signs = re.sub(r"[\W_]", "", postcode)
    if not POSTCODE.fullmatch(signs):
        return None
    halves = (_JOIN.join(signs[:-3]), _JOIN.join(signs[-3:]))
    return re.compile(rf"{START}{_GAP.join(halves)}{END}", re.IGNORECASE), signs[:-3].upper()


def thought_patterns(thoughts: str) -> list[str]:
    if len(thoughts) < THOUGHT_MIN:
        return []
    said = [it for it in re.split(r"[.!?\n]+", thoughts) if len(it.strip()) >= SENTENCE_MIN]
    spoken = (_words(it)[:THOUGHT_MAX] for it in (thoughts, *said))
    return [START + r"[\W_]{0,4}".join(words) + r"[.!?]?" + END for words in spoken if words]


def email_patterns(email: str) -> list[str]:
    local, _, domain = email.partition("@")
    if not (local and domain):
        return []
    at, dot = rf"(?:{AT}|\s+at\s+)", rf"(?:{DOT}|\s+dot\s+)"
    named = (dot.join(map(re.escape, half.split("."))) for half in (local, domain))
    return [START + at.join(named) + END]


def mobile_patterns(mobile: str) -> list[str]:
    found = []
    for one in re.split(r"[/,;|]|\bor\b", mobile):
        digits = re.sub(r"[^0-9]", "", one)
        tail = re.sub(r"^(?:(?:00)?44)?0?", "", digits)
        if len(tail) >= MOBILE_MIN:
            code = rf"(?:(?:\+|00)?44{_JOIN}(?:0{_JOIN})?|\(?0{_JOIN})?"
            found.append(rf"(?<![0-9])\(?{code}{_JOIN.join(tail)}(?![0-9])")
    return found


def name_patterns(name: str) -> list[str]:
    words = re.findall(r"[^\W_]+", name)
    if len("".join(words)) < NAME_MIN or name.strip().casefold() in _COMMON_NAMES:
        return []
    return [START + r"[\W_]{1,3}".join(map(re.escape, words)) + END]
