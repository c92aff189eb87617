"""Patterns that are compiled once a text may hold them: compiling costs far more than looking.

Each home has some twenty patterns of its own and most of its texts hold none of them. What a text
needs to hold for a pattern to match is looked up first, in the text's bare letters and digits.
What a home has in common with others, its street or its number, is compiled once for all of them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

# Letters that `re.IGNORECASE` takes for one another and `str.casefold` does not.
_ALIKE = str.maketrans({"\u0130": "i", "\u0131": "i"})  # I with a dot, i without
_SIGNS = re.compile(r"[\W_]+")
# The same in one go, for texts of ASCII alone.
_ASCII_BARE = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
COMPILED = 1024  # streets and numbers kept at a time
Needs = Callable[[str, str], bool]  # of a text and what is bare of it


def bare(text: str) -> str:
    """Its letters and digits alone; texts that a pattern without case takes for one another agree."""
    if text.isascii():
        return text.translate(_ASCII_BARE)
    return _SIGNS.sub("", text).translate(_ALIKE).casefold()


@lru_cache(maxsize=COMPILED)
def shared(pattern: str) -> re.Pattern[str]:
    """Without case; for what many homes have in common."""
    return re.compile(pattern, re.IGNORECASE)


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


class Steps:
    """A few steps, each by the first of `ways` that fits, that lead up to `goal`: the steps are taken out.

    As one pattern, `guard[(\\[]?(?:way|way){1,4}(?=goal)`, this took a millisecond to compile for each
    home. Each step is as long as it can be; fewer steps will do where more miss the goal.
    """

    __slots__ = ("_goal", "_needs", "_starts", "_ways")
    MOST = 4

    def __init__(self, guard: str, ways: Sequence[str], goal: str, needs: Needs) -> None:
        self._starts = rf"(?:{guard})(?=\S)"
        self._ways, self._goal, self._needs = ways, goal, needs

    def removed(self, text: str, its_bare: str) -> str:
        if not self._needs(text, its_bare):
            return text
        kept, done = [], 0
        for found in shared(self._starts).finditer(text):
            start = found.start()
            if start >= done and (end := self._reached(text, start)) > start:
                kept.append(text[done:start])
                done = end
        return "".join((*kept, text[done:]))

    def _reached(self, text: str, start: int) -> int:
        """Where the goal begins, 0 when no steps lead to it; a bracket may stand before them."""
        goal = shared(self._goal)
        for at in (start + 1, start) if text[start] in "([" else (start,):
            for end in reversed(self._ends(text, at)):
                if goal.match(text, end):
                    return end
        return 0

    def _ends(self, text: str, at: int) -> list[int]:
        ends: list[int] = []
        while len(ends) < self.MOST:
            step = next(filter(None, (shared(way).match(text, at) for way in self._ways)), None)
            if step is None:
                break
            ends.append(at := step.end())
        return ends


def without(text: str, patterns: Iterable[Sought | Steps]) -> str:
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
    if len(barest) == 1:
        (only,) = barest
        return lambda _text, its_bare: only in its_bare
    return lambda _text, its_bare: all(word in its_bare for word in barest)


def around(its_bare: str, word: str, before: int, after: int) -> Iterable[tuple[str, str]]:
    """What stands before and after each place of a word, so many signs of it."""
    at = its_bare.find(word)
    while at >= 0:
        end = at + len(word)
        yield its_bare[max(0, at - before) : at], its_bare[end : end + after]
        at = its_bare.find(word, at + 1)
