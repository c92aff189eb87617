"""The rules of `rules.toml`, typed, and those that hold for one nation on one day."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from sync.model import Channel, Tenure

Nation = Literal["england", "scotland", "wales", "northern_ireland", "unknown"]
Effect = Literal["refuse", "report"]
FILE = Path(__file__).with_name("rules.toml")


class Wording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that a letting's price, or any of its texts, should not hold."""

    code: str
    says: str
    where: Literal["price", "text"]
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stated when one of `fields` is not blank or one of `patterns` is in a text. No `tenures`: any."""

    code: str
    says: str
    channels: tuple[Channel, ...]
    patterns: tuple[str, ...]
    fields: tuple[str, ...] = ()
    tenures: tuple[Tenure, ...] = ()
    dwellings_only: bool = True


class Law(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why nations ask for wordings and facts, by their codes."""

    nations: tuple[Nation, ...]
    since: date
    effect: Effect
    codes: tuple[str, ...]
    source: str
    link: str


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What one nation asks for. `laws`: by code, the strictest first, whether in force yet or not."""

    nation: Nation
    wordings: tuple[Wording, ...]
    facts: tuple[Fact, ...]
    laws: dict[str, tuple[Law, ...]]

    def law(self, code: str, today: date) -> Law | None:
        """The strictest law behind a code that is in force."""
        return next((law for law in self.laws[code] if law.since <= today), None)


class Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    taken: date
    wording: tuple[Wording, ...]
    fact: tuple[Fact, ...]
    law: tuple[Law, ...]
    areas: dict[Nation, tuple[str, ...]]
    districts: dict[Nation, tuple[str, ...]]


@cache
def book() -> Book:
    return msgspec.toml.decode(FILE.read_bytes(), type=Book)


@cache
def rules_for(nation: Nation) -> Rules:
    """A nation's rules; for an unknown one, those of all nations in their strictest form."""
    whole = book()
    laws = _by_code(law for law in whole.law if nation in (*law.nations, "unknown"))
    return Rules(
        nation=nation,
        wordings=tuple(item for item in whole.wording if item.code in laws),
        facts=tuple(item for item in whole.fact if item.code in laws),
        laws=laws,
    )


@cache
def nation_of(outcode: str) -> Nation:
    """By the table of districts, then by that of areas."""
    area = re.match(r"[A-Z]*", outcode)
    for table, name in ((book().districts, outcode), (book().areas, area[0] if area else "")):
        for nation, names in table.items():
            if name in names:
                return nation
    return "unknown"


def _by_code(laws: Iterable[Law]) -> dict[str, tuple[Law, ...]]:
    """A refusal before a report, the earlier before the later."""
    found: defaultdict[str, list[Law]] = defaultdict(list)
    for law in sorted(laws, key=lambda law: (law.effect != "refuse", law.since)):
        for code in law.codes:
            found[code].append(law)
    return {code: tuple(each) for code, each in found.items()}
