"""What the daemon measures, in a registry of its own; docs/metrics.md says what each is for."""

import contextlib
from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)

from sync.errors import UnusableSettingError

PREFIX = "rentman_edge_sync"
KINDS = ("list", "media")
OUTCOMES = ("published", "unchanged", "held", "failed")
PICTURES = ("ready", "document", "video", "absent", "refused", "rejected", "failed")
CIRCUIT = ("closed", "half-opened", "opened")
_PASS_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900)
_CALL_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Each field is one family; label values known in advance are there from the start, at 0."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._of_passes()
        self._of_the_source()
        self._of_the_rest()

    def _of_passes(self) -> None:
        self.cycles = self._counter("cycles", "Passes over the source's list", "outcome")
        self.cycle_seconds = self._histogram("cycle_duration_seconds", "Of one pass", _PASS_S)
        self.last_cycle = self._gauge("last_cycle_timestamp_seconds", "End of the last pass")
        self.last_success = self._gauge("last_success_timestamp_seconds", "Last good list")
        self.data_age = self._gauge("data_age_seconds", "Since the last good list")
        self.listings = self._gauge("listings", "Listings on the site", "status")
        self.quarantine = self._gauge("quarantined_rows", "Rows of the last list left out")
        self.refused = self._gauge("refused_homes", "Of the last list, not advertised", "code")
        self.held = self._gauge("list_held", "1 while the last list is held by a guard")
        self.pinned = self._gauge("publishing_pinned", "1 while an operator's pin holds the site")
        self.unknown = self._gauge("unknown_values", "Unreadable values in the last list", "field")
        self.duplicates = self._counter("duplicate_rows", "Rows whose reference came twice")
        _known(self.cycles, OUTCOMES)

    def _of_the_source(self) -> None:
        self.calls = self._counter("upstream_calls", "Tries at the source", "kind", "outcome")
        self.call_seconds = self._histogram("upstream_call_seconds", "Of a try", _CALL_S, "kind")
        self.bytes = self._counter("upstream_received_bytes", "Bodies, decompressed", "kind")
        self.retries = self._counter("upstream_retries", "Tries after the first", "kind")
        self.waits = self._counter("upstream_wait_seconds", "Waited to be polite", "reason")
        self.circuit = self._gauge("upstream_circuit", "1 for its present state", "kind", "state")
        for kind in KINDS:
            self.calls.labels(kind, "ok")
            self.show_circuit(kind, "closed")
        for family in (self.call_seconds, self.bytes, self.retries):
            _known(family, KINDS)
        _known(self.waits, ("pace", "budget", "asked"))

    def _of_the_rest(self) -> None:
        self.pictures = self._counter("pictures", "Files dealt with", "outcome")
        self.queue = self._gauge("picture_queue", "Files still to fetch in this round")
        self.lease = self._gauge("lease_held", "1 while this daemon is the writer")
        self.generation = self._gauge("generation", "The published generation as seen last")
        self.faults = self._counter("faults", "Steps that failed", "step", "error")
        self.step_age = self._gauge("step_age_seconds", "Since a busy loop's last step", "loop")
        self.disk_free = self._gauge("disk_free_bytes", "Free to us", "place")
        self.database = self._gauge("database_bytes", "The state database with its log")
        _known(self.pictures, PICTURES)

    def show_circuit(self, kind: str, now: str) -> None:
        for state in CIRCUIT:
            self.circuit.labels(kind, state).set(state == now)

    @contextlib.contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """At http://host:port/metrics, by a thread of its own; not at all when `port` is 0."""
        if not port:
            yield
            return
        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError as error:
            raise UnusableSettingError(f"SYNC_METRICS_PORT: {host}:{port}: {error}") from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", about, labels, registry=self.registry)

    def _histogram(
        self, name: str, about: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            f"{PREFIX}_{name}", about, labels, buckets=buckets, registry=self.registry
        )


def looked_up(gauge: Gauge, look: Callable[[], float]) -> None:
    """Asked when scraped, in the server's thread; 0 when it cannot be told."""

    def safely() -> float:
        try:
            return look()
        except OSError:
            return 0.0

    gauge.set_function(safely)


def _known(family: Counter | Gauge | Histogram, values: tuple[str, ...]) -> None:
    for value in values:
        family.labels(value)
