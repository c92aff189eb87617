"""Commit or hold: whether a list that came in whole may replace the one that is published.

A pure function of docs/rentman.md, rules 4 and 5. A held list changes nothing; the second of two
equal ones in a row passes, except an empty one, which only an operator may confirm.
"""

import hashlib
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Literal

import msgspec

KEPT_SHARE = 0.6


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`signature` identifies the held list, to be given back as `held_before` next time."""

    action: Literal["commit", "hold"]
    reason: str = ""
    signature: str = ""


def decide(
    before: AbstractSet[str], now: Collection[str], held_before: str = "", confirmed: str = ""
) -> Verdict:
    """`before`, `now`: references of the last good and of the new list.

    `held_before`, `confirmed`: signatures of the list held last, and of one an operator let in.
    """
    signature = sign(now)
    if signature == confirmed:
        return Verdict(action="commit")
    if not now:
        if not before:
            return Verdict(action="commit")
        return Verdict(action="hold", reason=f"empty, after {len(before)}", signature=signature)
    if len(now) >= KEPT_SHARE * len(before) or signature == held_before:
        return Verdict(action="commit")
    reason = f"{len(now)} listings, after {len(before)}"
    return Verdict(action="hold", reason=reason, signature=signature)


def sign(references: Collection[str]) -> str:
    return hashlib.sha256("\n".join(sorted(references)).encode()).hexdigest()[:16]
