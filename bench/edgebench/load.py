"""Requests in bounded bursts: wrk where it is installed, a small client of our own otherwise.

A burst in which any answer is not the expected one is no figure: it raises `BenchError`.
"""

import http.client
import json
import shutil
import ssl
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.edgebench.processes import HOST, BenchError

CONNECTIONS = 32
LOCAL = "localhost"  # the name in certificates
DRAIN_S = 15.0
HEAD_MAX = 2000  # bytes of an answer beside its body
REFUSED = 400  # what wrk counts as an error of status
LUA = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Request:
    """`paths` are asked for in turn; each answer has this status, and a body of this length if said."""

    paths: tuple[str, ...]
    headers: Mapping[str, str]
    status: int
    tls: bool = False
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    port: int, path: str, headers: Mapping[str, str] | None = None, *, tls: bool = False
) -> Fetched:
    """One request on a connection of its own."""
    connection = connected(port, tls=tls)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Fetched(answer.status, names, answer.read())
    finally:
        connection.close()


def connected(port: int, *, tls: bool) -> http.client.HTTPConnection:
    """With TLS to `localhost`, whose certificate is the server's own and is not checked: tests do."""
    if not tls:
        return http.client.HTTPConnection(HOST, port, timeout=30)
    context = ssl._create_unverified_context()  # noqa: S323, SLF001
    return http.client.HTTPSConnection(LOCAL, port, timeout=30, context=context)


def with_wrk(
    port: int,
    request: Request,
    seconds: int,
    *,
    whole: bool = False,
    connections: int = CONNECTIONS,
) -> Burst:
    """wrk with one thread; `whole` also checks each status and length, which costs wrk time. So is what
    is refused: wrk tells one refusal from another in no other way."""
    if shutil.which("wrk") is None:
        raise BenchError("wrk is not installed: `python -m bench.edgebench setup`")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as paths:
        paths.write("\n".join(request.paths))
        paths.flush()
        done = subprocess.run(
            [
                *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"),
                *("--timeout", "10s", "-s", str(LUA), *_asked(port, request), "--"),
                *(
                    str(request.status),
                    paths.name,
                    "whole" if whole or request.status >= REFUSED else "fast",
                ),
            ],
            capture_output=True,
            text=True,
            timeout=seconds + DRAIN_S,
            check=False,
        )
    found = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not found:
        raise BenchError(f"wrk failed: {done.stderr or done.stdout}")
    return _judged(json.loads(found[-1]), request)


def _asked(port: int, request: Request) -> list[str]:
    headers = [part for pair in request.headers.items() for part in ("-H", ": ".join(pair))]
    base = f"https://{LOCAL}:{port}" if request.tls else f"http://{HOST}:{port}"
    return [*headers, f"{base}{request.paths[0]}"]


def _judged(told: dict[str, float], request: Request) -> Burst:
    """wrk's figures, if every answer was the expected one."""
    wrong = abs(told["status"] - (told["requests"] if request.status >= REFUSED else 0))
    faults = {name: told[name] for name in ("connect", "read", "write", "timeout", "odd")}
    if wrong or any(faults.values()) or not told["requests"]:
        raise BenchError(f"{request.paths[0]}: {wrong:g} of wrong status, {faults}: {told}")
    each = told["bytes"] / told["requests"]
    if request.length is not None and not request.length <= each <= request.length + HEAD_MAX:
        raise BenchError(
            f"{request.paths[0]}: {each:.0f} bytes an answer, {request.length} of body"
        )
    return Burst(
        int(told["requests"]),
        told["duration_us"] / 1e6,
        told["p50_us"] / 1e3,
        told["p99_us"] / 1e3,
        told["max_us"] / 1e3,
    )


def in_turn(port: int, request: Request, count: int) -> Burst:
    """`count` requests one after the other, each answer checked. Needs nothing but Python."""
    times: list[float] = []
    connection = connected(port, tls=request.tls)
    began = time.perf_counter()
    try:
        for number in range(count):
            path = request.paths[number % len(request.paths)]
            asked = time.perf_counter()
            connection.request("GET", path, headers=dict(request.headers))
            answer = connection.getresponse()
            length = len(answer.read())
            times.append((time.perf_counter() - asked) * 1e3)
            if answer.status != request.status:
                raise BenchError(f"{path}: {answer.status} instead of {request.status}")
            if request.length not in (None, length):
                raise BenchError(f"{path}: {length} bytes instead of {request.length}")
    finally:
        connection.close()
    seconds = time.perf_counter() - began
    return Burst(count, seconds, statistics.median(times), at(times, 0.99), max(times))


def at(values: Sequence[float], share: float) -> float:
    """The value that this share of `values` does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
