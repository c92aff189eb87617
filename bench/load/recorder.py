"""Listens to Locust: a tally for each kind of request, and one for each second."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from locust.env import Environment

from bench.load.tally import PAGE, PICTURE, Second, Summary, Tally, unpacked


class Recorder:
    """`settled_s`: what comes from then on is also counted apart."""

    def __init__(self, environment: Environment, settled_s: int = 0) -> None:
        self.kinds: dict[str, Tally] = {}
        self.settled: dict[str, Tally] = {PAGE: Tally(), PICTURE: Tally()}
        self._settled_s = settled_s
        self.seconds: list[Second] = []
        self.faults: dict[str, int] = {}
        self._began = monotonic()
        self._now, self._second = 0, Tally()
        environment.events.request.add_listener(self.heard)
        environment.events.report_to_master.add_listener(self._report)
        environment.events.worker_report.add_listener(self._reported)

    def heard(
        self,
        name: str,
        response_time: float,
        response_length: int,
        response: Any = None,
        exception: BaseException | None = None,
        **_: Any,
    ) -> None:
        headers = getattr(response, "headers", None) or {}  # None when no answer came
        hit = "; hit" in (headers.get("cache-status") or "")
        at = int(monotonic() - self._began)
        if at != self._now:
            self.seconds.append(self._second.second(self._now))
            self._now, self._second = at, Tally()
        tallies = [self.kinds.setdefault(name, Tally()), self._second]
        if at >= self._settled_s:
            tallies.append(self.settled[PICTURE if name == PICTURE else PAGE])
        for tally in tallies:
            tally.add(response_time, size=response_length, hit=hit, failed=exception is not None)
        if exception is not None:
            key = f"{name}: {exception}"[:200]
            self.faults[key] = self.faults.get(key, 0) + 1

    def totals(self) -> dict[str, Summary]:
        """Of pages and of pictures."""
        sums = {PAGE: Tally(), PICTURE: Tally()}
        for name, tally in self.kinds.items():
            sums[PICTURE if name == PICTURE else PAGE].merge(tally)
        return {kind: tally.summary() for kind, tally in sums.items()}

    def settled_totals(self) -> dict[str, Summary]:
        return {kind: tally.summary() for kind, tally in self.settled.items()}

    def by_name(self) -> dict[str, Summary]:
        return {name: tally.summary() for name, tally in sorted(self.kinds.items())}

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        """A worker hands over what it has gathered since it did so last."""
        del client_id
        data["kinds"] = {name: tally.packed() for name, tally in self.kinds.items()}
        data["settled"] = {name: tally.packed() for name, tally in self.settled.items()}
        self.kinds, self.settled = {}, {PAGE: Tally(), PICTURE: Tally()}

    def _reported(self, client_id: str, data: Mapping[str, Any]) -> None:
        del client_id
        for part, ours in (("kinds", self.kinds), ("settled", self.settled)):
            for name, sent in data.get(part, {}).items():
                ours.setdefault(name, Tally()).merge(unpacked(sent))
