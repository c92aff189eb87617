"""Commit or hold: whether a list that came in whole may replace the one that is published.

A pure function of docs/rentman.md, rules 4 and 5. A held list changes nothing; the second of two
equal ones in a row passes, except an empty one, which only an operator may confirm, and one that
an operator refused.
"""

import hashlib
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Literal

from sync.state.records import Decision, Held, Hold, HoldCode

KEPT_SHARE = 0.6
_TEXTS: dict[HoldCode, str] = {
    "": "",
    "empty": "empty, after {before}",
    "short": "{after} {what}, after {before}",
    "refused": "{after} {what}, refused by an operator",
}


class Verdict(Held, frozen=True, kw_only=True):
    """Why a list is held, when it is; its signature and the counts in any case."""

    action: Literal["commit", "hold"]


def decide(
    before: AbstractSet[str],
    now: Collection[str],
    holds: Collection[Hold] = (),
    *,
    shown_before: int = 0,
    shown: Collection[str] | None = None,
) -> Verdict:
    """`before`, `now`: references of the last good and of the new list; `holds`: those open.

    `shown`: those of the new list that a visitor would see, all unless given, where
    `shown_before` are seen now: a list may be as long as ever and have nothing on the market.
    """
    signature = sign(now, shown)
    word = {hold.signature: hold.decision for hold in holds}.get(signature)
    what, counts = "listings", (len(before), len(now))
    code = _objection(*counts, word)
    if not code and shown is not None:
        code = _objection(shown_before, len(shown), word)
        if code:
            what, counts = "on the market", (shown_before, len(shown))
    return Verdict(
        action="hold" if code else "commit",
        signature=signature,
        code=code,
        reason=_TEXTS[code].format(before=counts[0], after=counts[1], what=what),
        before=counts[0],
        after=counts[1],
    )


def sign(references: Collection[str], shown: Collection[str] | None = None) -> str:
    parts = [references] if shown is None or set(shown) == set(references) else [references, shown]
    text = "\0".join("\n".join(sorted(part)) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _objection(before: int, now: int, word: Decision | None) -> HoldCode:
    """`word`: what was decided about this very list, when it is held already."""
    if word in ("confirmed", "refused"):
        return "refused" if word == "refused" else ""
    if before and not now:
        return "empty"
    if now >= KEPT_SHARE * before or word == "pending":
        return ""
    return "short"
