"""Patterns that are compiled once a text may hold them: compiling costs far more than looking.

Each home has some twenty patterns of its own and most of its texts hold none of them. What a text
needs to hold for a pattern to match is looked up first, in the text's bare letters and digits.
"""

import re
from collections.abc import Callable, Iterable

# Letters that `re.IGNORECASE` takes for one another and `str.casefold` does not.
_ALIKE = str.maketrans({"\u0130": "i", "\u0131": "i"})  # I with a dot, i without
_SIGNS = re.compile(r"[\W_]+")
Needs = Callable[[str, str], bool]  # of a text and what is bare of it


def bare(text: str) -> str:
    """Its letters and digits alone; texts that a pattern without case takes for one another agree."""
    return _SIGNS.sub("", text).translate(_ALIKE).casefold()


class Sought:
    """A pattern, what a text needs to hold for it, and what is put in its place."""

    __slots__ = ("_compiled", "_flags", "_needs", "_pattern", "_shown")

    def __init__(
        self, pattern: str, needs: Needs, shown: str = "", flags: re.RegexFlag = re.IGNORECASE
    ) -> None:
        self._pattern, self._needs, self._shown, self._flags = pattern, needs, shown, flags
        self._compiled: re.Pattern[str] | None = None

    def removed(self, text: str, its_bare: str) -> str:
        return self._regex().sub(self._shown, text) if self._needs(text, its_bare) else text

    def found(self, text: str) -> bool:
        return self._needs(text, bare(text)) and bool(self._regex().search(text))

    def _regex(self) -> re.Pattern[str]:
        self._compiled = self._compiled or re.compile(self._pattern, self._flags)
        return self._compiled


def without(text: str, patterns: Iterable[Sought]) -> str:
    """The text with each pattern, one after the other, replaced by what is shown in its place."""
    its_bare = bare(text)
    for pattern in patterns:
        left = pattern.removed(text, its_bare)
        if left != text:
            text, its_bare = left, bare(left)
    return text


def holding(*words: str) -> Needs:
    """All of them, anywhere."""
    barest = [bare(word) for word in words]
    return lambda _text, its_bare: all(word in its_bare for word in barest)


def around(its_bare: str, word: str, before: int, after: int) -> Iterable[tuple[str, str]]:
    """What stands before and after each place of a word, so many signs of it."""
    at = its_bare.find(word)
    while at >= 0:
        end = at + len(word)
        yield its_bare[max(0, at - before) : at], its_bare[end : end + after]
        at = its_bare.find(word, at + 1)
