"""What a pass was, told three ways: one log line, its anomalies as events of their own, figures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from sync.advert.site import Refused
from sync.metrics import Metrics
from sync.model import Known
from sync.report import FETCH, GOOD, Report
from sync.source import BadRow

log = structlog.stdlib.get_logger("sync.cycle")
ROWS_SAID = 20  # events of one kind in one pass


@dataclass(slots=True)
class Journal:
    """Remembers what it has said: an anomaly that stays is an event once, not every pass."""

    metrics: Metrics
    last_good: float = 0.0
    _rows: set[BadRow] = field(default_factory=set)
    _refused: set[Refused] = field(default_factory=set)
    _unknown: Mapping[str, int] = field(default_factory=dict)

    def tell(self, report: Report, now: float) -> None:
        self._say(report)
        self._count(report, now)
        if report.stage != FETCH:  # else nothing is known of rows
            self._tell_of_rows(report)

    def tell_of_site(self, known: Iterable[Known], last_good: float) -> None:
        """The listings on the site, and when the source's list was last taken in; 0 for never."""
        statuses = Counter(str(item.listing.status) for item in known)
        self.metrics.listings.clear()
        for status, count in statuses.items():
            self.metrics.listings.labels(status).set(count)
        self.metrics.last_success.set(last_good)
        self.last_good = last_good

    def _say(self, report: Report) -> None:
        line: dict[str, object] = {"outcome": report.outcome}
        if report.reason:
            line["reason"] = report.reason
        if report.stage:
            line["stage"] = report.stage
        if report.stage != FETCH:  # else nothing is known of them
            line |= {"generation": report.generation, "listings": report.listings}
            line["quarantined"] = len(report.quarantine)
            line["refused"] = len(report.refused)
        line |= {"calls": report.calls, "seconds": report.seconds}
        if report.stages:
            line["stages"] = report.stages
        tell = log.info if report.outcome in GOOD else log.warning
        tell("cycle", **line)

    def _count(self, report: Report, now: float) -> None:
        self.metrics.cycles.labels(report.outcome).inc()
        self.metrics.cycle_seconds.observe(report.seconds)
        self.metrics.last_cycle.set(now)
        self.metrics.held.set(report.outcome == "held")
        if report.outcome in GOOD:
            self.metrics.generation.set(report.generation)

    def _tell_of_rows(self, report: Report) -> None:
        self.metrics.quarantine.set(len(report.quarantine))
        rows = set(report.quarantine)
        for row in sorted(rows - self._rows, key=lambda row: row.id)[:ROWS_SAID]:
            log.warning("row_quarantined", id=row.id, field=row.field, reason=row.reason)
        self._rows = rows
        if report.taken:
            self._tell_of_unknown(report.warnings)
            self._tell_of_refused(report.refused)

    def _tell_of_refused(self, refused: Iterable[Refused]) -> None:
        self.metrics.refused.clear()
        for code, count in Counter(home.code for home in refused).items():
            self.metrics.refused.labels(code).set(count)
        found = set(refused)
        for home in sorted(found - self._refused, key=lambda home: home.id)[:ROWS_SAID]:
            log.warning("home_refused", id=home.id, code=home.code, sale=home.sale)
        self._refused = found

    def _tell_of_unknown(self, found: Mapping[str, int]) -> None:
        self.metrics.unknown.clear()
        for name, count in found.items():
            self.metrics.unknown.labels(name).set(count)
        if found.keys() - self._unknown.keys():
            log.warning("unknown_values", fields=dict(found))
        self._unknown = found
