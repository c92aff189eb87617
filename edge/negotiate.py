"""Content negotiation and conditional requests: RFC 9110, sections 8.8, 12.5.3 and 13."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

KEPT_LENGTH = 256  # characters of Accept-Encoding; a longer one is not worth remembering
PREFERENCE = ("br", "zstd", "gzip", "identity")  # smallest first, for equal weights
SUFFIX = {"br": ".br", "zstd": ".zst", "gzip": ".gz", "identity": ""}


def acceptable(accept_encoding: str | None) -> tuple[str, ...]:
    """The codings this client takes, best first; identity is acceptable unless refused."""
    if accept_encoding is None:
        return ("identity",)
    if len(accept_encoding) > KEPT_LENGTH:
        return _ranked(accept_encoding)
    return _remembered(accept_encoding)


def _ranked(accept_encoding: str) -> tuple[str, ...]:
    weights = _weights(accept_encoding)
    default = weights.get("*")
    ranked: list[tuple[float, int, str]] = []
    for rank, coding in enumerate(PREFERENCE):
        fallback = default if default is not None else (0.001 if coding == "identity" else 0.0)
        weight = weights.get(coding, fallback)
        if weight > 0:
            ranked.append((-weight, rank, coding))
    return tuple(coding for _, _, coding in sorted(ranked))


_remembered = lru_cache(maxsize=512)(_ranked)


def _weights(header: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in header.split(",")[:32]:
        coding, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _quality(parameter[2:])
        if coding:
            weights["gzip" if coding == "x-gzip" else coding] = weight
    return weights


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def choose(stored: Mapping[str, object], accept_encoding: str | None) -> str | None:
    """The stored coding to send, or None when the client refuses each."""
    for coding in acceptable(accept_encoding):
        if coding in stored:
            return coding
    return None


def not_modified(
    if_none_match: str | None, if_modified_since: str | None, etag: str, modified: int
) -> bool:
    """Whether the client's copy is current. If-None-Match, when present, alone decides."""
    if if_none_match is not None:
        tags = [tag.strip() for tag in if_none_match.split(",")]
        return "*" in tags or any(tag.removeprefix("W/") == etag for tag in tags)
    if if_modified_since is None or not modified:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
        if since.tzinfo is None:  # asctime's form names no zone: it is UTC (5.6.7)
            since = since.replace(tzinfo=UTC)
        return modified <= since.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return False  # an unreadable date is ignored (13.1.3)
