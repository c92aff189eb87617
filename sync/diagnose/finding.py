"""What one look found, and what to do about it."""

from collections.abc import Iterable
from typing import Literal

import msgspec

Status = Literal["ok", "warn", "fail"]
SKEW_WARN_S, SKEW_FAIL_S = 5.0, 120.0  # HTTP dates are whole seconds; certificates are patient


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`advice` is empty when there is nothing to do."""

    name: str
    status: Status
    detail: str
    advice: str = ""


def ok(name: str, detail: str) -> Finding:
    return Finding(name=name, status="ok", detail=detail)


def warn(name: str, detail: str, advice: str) -> Finding:
    return Finding(name=name, status="warn", detail=detail, advice=advice)


def fail(name: str, detail: str, advice: str) -> Finding:
    return Finding(name=name, status="fail", detail=detail, advice=advice)


def failed(findings: Iterable[Finding]) -> bool:
    return any(finding.status == "fail" for finding in findings)


def clock(name: str, ahead_s: float, whose: str) -> Finding:
    """`ahead_s`: the other's clock against ours."""
    detail = (
        f"{whose} is {abs(ahead_s):.1f} s {'ahead of' if ahead_s > 0 else 'behind'} this machine"
    )
    if abs(ahead_s) < SKEW_WARN_S:
        return ok(name, detail)
    make = fail if abs(ahead_s) >= SKEW_FAIL_S else warn
    return make(name, detail, "Set the clock by NTP (timedatectl); ages and dates are told by it.")
