"""The board as Prometheus reads it: text format 0.0.4, made when asked. Table: docs/metrics.md."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from edge.board import ROUTES, Board, Totals
from edge.message import NO_STORE, Reply

PATH = "/metrics"
PREFIX = "rentman_edge_"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_HELP = {
    "generation": "Generation served by this process; 0 before the first",
    "published_at": "When that generation was published, unix seconds",
    "checked_at": "When the source was last checked with success, unix seconds",
    "tree_generation": "Generation of the published tree on disk",
}
_NAMES = {
    "generation": "generation",
    "published_at": "published_timestamp_seconds",
    "checked_at": "source_checked_timestamp_seconds",
    "tree_generation": "tree_generation",
}


def reply(board: Board) -> Reply:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(board))
    headers = {"content-type": CONTENT_TYPE_LATEST, "cache-control": NO_STORE}
    return Reply(200, headers, generate_latest(registry), "other")


class _Collector:
    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        totals = self._board.totals()
        yield _replies(totals)
        yield _sizes(totals)
        yield _durations(totals)
        yield from _processes(self._board)


def _replies(totals: Totals) -> Metric:
    made = CounterMetricFamily(
        PREFIX + "replies", "Replies by kind of address and status", labels=("route", "status")
    )
    for route in ROUTES:
        for status, number in totals.replies(route).items():
            if number:
                made.add_metric((route, status), number)
    return made


def _sizes(totals: Totals) -> Metric:
    made = CounterMetricFamily(
        PREFIX + "reply_bytes",
        "Bytes of reply bodies, before a HEAD drops them",
        labels=("route",),
    )
    for route in ROUTES:
        made.add_metric((route,), totals.bytes(route))
    return made


def _durations(totals: Totals) -> Metric:
    made = HistogramMetricFamily(
        PREFIX + "reply_seconds",
        "Time to make a reply, without reading the request and sending",
        labels=("route",),
    )
    for route in ROUTES:
        made.add_metric((route,), totals.buckets(route), totals.seconds(route))
    return made


def _processes(board: Board) -> Iterator[Metric]:
    labels = ("process",)
    gauges = {number: board.gauges(number) for number in range(board.processes)}
    for name, help_text in _HELP.items():
        made = GaugeMetricFamily(PREFIX + _NAMES[name], help_text, labels=labels)
        for number, values in gauges.items():
            made.add_metric((str(number),), values[name])
        yield made
    for name, help_text in (
        ("starts", "Processes that have taken this place"),
        ("flips", "Generations taken over by this process"),
        ("faults", "Faults met while following; what was served stayed"),
    ):
        counter = CounterMetricFamily(PREFIX + name, help_text, labels=labels)
        for number, values in gauges.items():
            counter.add_metric((str(number),), values[name])
        yield counter
    memory = GaugeMetricFamily(PREFIX + "resident_bytes", "Memory of this process", labels=labels)
    for number, values in gauges.items():
        memory.add_metric((str(number),), _resident(values["pid"]))
    yield memory


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0  # it has just ended; the next to take its place is on its way
