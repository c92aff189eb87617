"""How many new questions one visitor may have worked out; look-ups and kept answers cost nothing.

Else one address with ever new queries would keep an edge busy, and all others would be told to wait.
"""

import ipaddress

BURST_S = 6.0  # what a visitor who has been quiet may ask at once, in seconds of the rate
VISITORS_MAX = 10_000  # that are remembered; the one that asked longest ago is forgotten first
PREFIX = 64  # bits of an IPv6 address that one household or host has to itself (RFC 6177)


class Quota:
    """So many a second for each visitor, by the generic cell rate algorithm; 0: no limit.

    For one thread: nothing here is locked.
    """

    def __init__(self, per_s: float) -> None:
        self._interval_s = 1 / per_s if per_s else 0.0
        self._burst_s = max(BURST_S, self._interval_s)  # one question at least
        self._due: dict[str, float] = {}  # when each will have used up what it has asked

    def wait_s(self, visitor: str, now: float) -> float:
        """Seconds to wait before asking; 0.0, and it is counted, when `visitor` may ask now.

        `visitor` is of `of`, `now` of a clock that never goes back. Asking too early costs nothing.
        """
        if not self._interval_s or not visitor:
            return 0.0
        due = max(self._due.pop(visitor, now), now)
        early_s = (due - now) + (self._interval_s - self._burst_s)
        self._due[visitor] = due if early_s > 0 else due + self._interval_s
        if len(self._due) > VISITORS_MAX:
            del self._due[next(iter(self._due))]
        return max(early_s, 0.0)


def of(address: str | None) -> str:
    """Whom an address counts as; "" for this machine itself and for who came past Caddy."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found == ipaddress.IPv6Address("::1"):
            return ""
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, PREFIX), strict=False))
        found = found.ipv4_mapped
    return "" if found == ipaddress.IPv4Address("127.0.0.1") else str(found)
