"""Which finished files may go: a pure rule over what is kept, what is shown, and the clock.

Pages are kept by others for at most a day (`stale-if-error`), search engines and e-mails hold on to
addresses for longer, and an operator may go back to any retained generation. So a key goes when
nothing has named it for the time of grace, and every retained generation is younger than that.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

DAY_S = 86_400


def set_aside(
    kept: AbstractSet[str], named: AbstractSet[str], before: Mapping[str, int], now: int
) -> dict[str, int]:
    """Since when (unix seconds) nothing has named each key; what is named again starts anew."""
    return {key: min(before.get(key, now), now) for key in sorted(kept - named)}


def removable(since: Mapping[str, int], now: int, grace_s: int, shown_since: int) -> set[str]:
    """`shown_since`: when the oldest generation that can still be shown was published."""
    return {key for key, at in since.items() if at <= now - grace_s and at < shown_since}
